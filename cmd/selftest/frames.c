/*
 * frames.c - a worker that lies, and a crew that must not believe it.
 *
 * candor-selftest starts a crew whose workers are itself, told to lie in one
 * way about the first file and to be honest about the others.  The first must
 * be lost, without anything wrong having been passed on, and the others must
 * end as if nothing had been.  Then random bits of an honest worker's words
 * are turned: each must be refused or be something an honest worker could say.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/selftest/selftest.h"

#include "cmd/selftest/lies.h"

#include "proc/crew/crew.h"
#include "sys/clock.h"
#include "sys/memfd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILES    8u     /* some of them in one record */
#define SHORT_MS 300u   /* for a worker that says nothing */
#define LONG_MS  30000u /* for one that talks, on a busy machine */
#define TURNS    300u   /* of random bits */

/* What was heard of the files of one crew. */
struct heard {
	bool has_ended[FILES];
	enum unscanned lost[FILES];
	uint32_t matches[FILES];
	bool is_wrong; /* something impossible was passed on */
};

static void
on_frame(void *ctx, const struct frame *f)
{
	struct heard *h = ctx;

	if (f->scan >= FILES || h->has_ended[f->scan]) {
		h->is_wrong = true;
		return;
	}
	switch (f->kind) {
	case FRAME_OBJECT:
		h->is_wrong |= f->object.kind >= KIND_COUNT;
		break;
	case FRAME_MATCH:
		h->is_wrong |= f->match.database >= LIES_DATABASES ||
		    f->match.signature >= LIES_SIGNATURES ||
		    f->match.view > CHILD_HTML_VIEW;
		h->matches[f->scan]++;
		break;
	case FRAME_UNSCANNED:
		h->is_wrong |= f->unscanned.reason == UNSCANNED_NOTHING ||
		    f->unscanned.reason >= UNSCANNED_COUNT;
		break;
	default:
		/* Names and bytes were not asked for. */
		h->is_wrong = true;
		break;
	}
}

static void
on_end(void *ctx, uint64_t scan, const struct frame *end, enum unscanned lost)
{
	struct heard *h = ctx;

	if (scan >= FILES || h->has_ended[scan]) {
		h->is_wrong = true;
		return;
	}
	h->has_ended[scan] = true;
	h->lost[scan] = lost;
	h->is_wrong |= lost == UNSCANNED_NOTHING &&
	    (end->kind != FRAME_END || end->end.kind >= KIND_COUNT ||
		end->end.matches != h->matches[scan]);
}

/* Small files, one after another. */
static bool
submit(struct crew *c, struct why *why)
{
	struct crew_file file = { .size = 3 };

	for (; file.scan < FILES; file.scan++) {
		if (!memfd_open(&file.fd, why))
			return false;
		if (write(file.fd, "abc", 3) != 3 ||
		    !memfd_seal(&file.fd, why) || !crew_submit(c, &file, why))
			return false;
	}
	while (crew_pending(c) > 0)
		if (!crew_turn(c, -1, why))
			return false;
	return true;
}

/* Scan with workers that lie in that way; seed is for random ones. */
static bool
hear(const char *lie, const char *seed, uint32_t deadline_ms, struct heard *out,
    struct why *why)
{
	static const uint32_t signatures[] = { LIES_SIGNATURES };
	const char *const command[] = { "/proc/self/exe", "lie", lie, seed,
		NULL };
	int database;
	struct crew_options o = { .jobs = 1,
		.databases = { &database, signatures, LIES_DATABASES },
		.deadline_ms = deadline_ms,
		.command = command };
	struct crew_listener listener = {
		.ctx = out, .frame = on_frame, .end = on_end
	};
	struct crew *c;
	bool is_done;

	memset(out, 0, sizeof(*out));
	if (!memfd_open(&database, why))
		return false;
	c = crew_start(&o, &listener, why);
	is_done = c != NULL && submit(c, why);
	crew_stop(&c);
	(void)close(database);
	return is_done;
}

/* The files an honest worker looked at, and nothing else wrong. */
static bool
others_are_well(const struct heard *h)
{
	bool is_well = !h->is_wrong;
	size_t i;

	for (i = 1; i < FILES; i++)
		is_well &= h->has_ended[i] && h->matches[i] == 1 &&
		    h->lost[i] == UNSCANNED_NOTHING;
	return is_well;
}

static bool
try_lie(const struct lie *lie)
{
	uint32_t deadline_ms =
	    lie->wanted == UNSCANNED_TIMEOUT ? SHORT_MS : LONG_MS;
	struct heard h;
	struct why why;
	bool is_well;

	if (!hear(lie->name, "0", deadline_ms, &h, &why)) {
		(void)printf("  %-26s no crew: %s <- NOT HELD\n", lie->name,
		    why.text);
		return false;
	}
	is_well =
	    others_are_well(&h) && h.has_ended[0] && h.lost[0] == lie->wanted;
	(void)printf("  %-26s %-10s %s%s\n", lie->name,
	    h.lost[0] == UNSCANNED_NOTHING       ? "believed"
		: h.lost[0] == UNSCANNED_TIMEOUT ? "timeout"
						 : "refused",
	    lie->meaning, is_well ? "" : " <- NOT HELD");
	(void)fflush(stdout);
	return is_well;
}

/*
 * Turned bits may by luck give another honest word (a match at another
 * offset), so being believed is no failure here; passing on nonsense is.
 */
static bool
try_random(void)
{
	unsigned i, refused = 0, wrong = 0;
	char seed[16];
	struct heard h;
	struct why why;

	for (i = 1; i <= TURNS; i++) {
		(void)snprintf(seed, sizeof(seed), "%u", i);
		if (!hear("random", seed, LONG_MS, &h, &why) || h.is_wrong ||
		    !h.has_ended[0] || !others_are_well(&h)) {
			(void)printf("  random bits, seed %u <- NOT HELD\n", i);
			wrong++;
		}
		refused += h.lost[0] != UNSCANNED_NOTHING;
	}
	(void)printf("  %u times random bits: %u refused, %u harmless\n", TURNS,
	    refused, TURNS - refused - wrong);
	return wrong == 0 && refused > 0;
}

static bool
frames_run(int argc, char **argv)
{
	bool is_each = argc > 0 && strcmp(argv[0], "each") == 0;
	bool is_well = true;
	size_t i, tried = 0;

	for (i = 0; i < lies_count; i++) {
		if (argc > 0 && !is_each && strcmp(lies[i].name, argv[0]) != 0)
			continue;
		tried++;
		if (!try_lie(&lies[i]))
			is_well = false;
	}
	if (argc == 0 && !try_random())
		is_well = false;
	return is_well && (tried > 0 || argc > 0);
}

const struct part frames_part = { "frames", "[LIE]",
	"let a worker lie to the program that started it", frames_run, false,
	NULL };
