/*
 * checking.c - have candor-verify check what one mirror gave.  See
 * checking.h.
 *
 * What is asked of a mirror, always in this order: roots, latest, and tiles
 * of level 0 from the first on if latest's ladder does not reach down to what
 * is known here.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/checking.h"

#include "lib/trust/evidence.h"
#include "lib/trust/tile.h"
#include "proc/verify/inputs.h"
#include "sys/memfd.h"
#include "sys/whole.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE_MS 60000u
#define BYTES_MAX   ((size_t)TRUST_EVIDENCE_MAX) /* more than a state */

/* --- to the verifier ------------------------------------------------------ */

/* Hand over bytes in a file of memory that nobody can change any more. */
static bool
give(struct aide *h, enum verify_input which, const struct buf *bytes,
    struct why *why)
{
	struct order o = { .kind = ORDER_INPUT, .a = which };
	bool is_given;
	int fd = -1;

	o.number[0] = bytes->size;
	is_given = memfd_open(&fd, why) &&
	    (bytes->size == 0 || whole_write(fd, bytes->bytes, bytes->size) ||
		why_not(why, WHY_SYSTEM, "memory")) &&
	    memfd_seal(&fd, why) && aide_tell(h, &o, fd, why);
	if (fd != -1)
		close(fd);
	return is_given;
}

static bool
take_file(struct checked *out, const struct order *o)
{
	struct trust_file *f = &out->file[out->file_count];

	if (out->file_count == TRUST_FILES_MAX ||
	    !trust_file_name_is_good(o->name))
		return false;
	snprintf(f->name, sizeof(f->name), "%.64s", o->name);
	f->size = o->number[0];
	memcpy(f->sha256, o->hash, sizeof(f->sha256));
	out->file_count++;
	return true;
}

static bool
take_delta(struct checked *out, const struct order *o)
{
	struct checking_delta *d = &out->delta[out->delta_count];
	size_t i = 0;

	while (i < out->file_count && strcmp(out->file[i].name, o->name) != 0)
		i++;
	if (out->delta_count == TRUST_DELTAS_MAX || i == out->file_count)
		return false;
	*d = (struct checking_delta){ i, o->number[1], o->number[0], { 0 } };
	memcpy(d->sha256, o->hash, sizeof(d->sha256));
	out->delta_count++;
	return true;
}

/* The next size bytes of the file that was handed over. */
static bool
take_bytes(struct buf *out, int fd, uint64_t *at, uint64_t size)
{
	char *piece = buf_alloc(1, BYTES_MAX);
	bool is_whole = size <= BYTES_MAX &&
	    whole_pread(fd, piece, (size_t)size, *at) == (ssize_t)size;

	buf_cut(out, 0);
	if (is_whole)
		buf_add(out, piece, (size_t)size);
	*at += size;
	free(piece);
	return is_whole;
}

static void
take_end(struct checked *out, const struct order *o)
{
	out->outcome = (enum trust_outcome)o->a;
	out->is_changed = o->b != 0;
	out->serial = o->number[0];
	out->tree = o->number[1];
	out->epoch = o->number[2];
	snprintf(out->feed, sizeof(out->feed), "%s", o->name);
	snprintf(out->text, sizeof(out->text), "%.255s", o->text);
}

/* Hear it all, up to the END. */
static bool
hear(struct aide *h, int fd, struct checked *out, struct why *why)
{
	bool is_good = true;
	uint64_t at = 0;
	struct order o;

	out->file_count = out->delta_count = 0;
	while (is_good && aide_hear(h, &o, PATIENCE_MS, why)) {
		if (o.kind == ORDER_END && o.a <= TRUST_ENGINE) {
			take_end(out, &o);
			return true;
		}
		is_good = (o.kind == ORDER_STATE &&
			      take_bytes(&out->state, fd, &at, o.number[0])) ||
		    (o.kind == ORDER_PUT &&
			take_bytes(&out->evidence, fd, &at, o.number[0])) ||
		    (o.kind == ORDER_FILE && take_file(out, &o)) ||
		    (o.kind == ORDER_DELTA && take_delta(out, &o));
	}
	return !is_good && why_not(why, WHY_BROKEN, "candor-verify lies");
}

static bool
check(const struct checking *c, struct aide *h, struct checked *out,
    struct why *why)
{
	struct order o = { .kind = ORDER_CHECK };
	bool is_done;
	int fd = -1;

	o.number[0] = c->now;
	o.number[1] = c->build_time;
	is_done = memfd_open(&fd, why) && aide_tell(h, &o, fd, why) &&
	    hear(h, fd, out, why);
	if (fd != -1)
		close(fd);
	return is_done;
}

/* --- tiles ---------------------------------------------------------------- */

/* All of level 0; a partial tile may have been followed by a full one. */
static bool
fetch_leaves(struct fetching *f, uint64_t size, struct buf *out,
    struct why *why)
{
	struct buf tile = { 0 };
	char path[TILE_PATH_MAX];
	enum order_end end;
	bool is_fine = size <= TRUST_LEAVES_MAX ||
	    why_not(why, WHY_LIMIT, "the log is too long");
	uint64_t n;

	for (n = 0; is_fine && n * TILE_WIDTH < size; n++) {
		uint64_t left = size - n * TILE_WIDTH;
		unsigned width =
		    left < TILE_WIDTH ? (unsigned)left : TILE_WIDTH;

		tile_path(0, n, width, path);
		is_fine = fetching_get(f, path, TILE_WIDTH * MERKLE_HASH, &tile,
		    &end, why);
		if (!is_fine && end == ORDER_ABSENT && width < TILE_WIDTH) {
			tile_path(0, n, TILE_WIDTH, path);
			is_fine = fetching_get(f, path,
			    TILE_WIDTH * MERKLE_HASH, &tile, &end, why);
		}
		if (is_fine && tile.size < (size_t)width * MERKLE_HASH)
			is_fine = why_not(why, WHY_BROKEN, "a tile is short");
		if (is_fine)
			buf_add(out, tile.bytes, (size_t)width * MERKLE_HASH);
	}
	buf_free(&tile);
	return is_fine;
}

static bool
check_from_tiles(const struct checking *c, struct fetching *f, struct aide *h,
    struct checked *out, struct why *why)
{
	struct buf leaves = { 0 };
	bool is_done = fetch_leaves(f, out->tree, &leaves, why) &&
	    give(h, VERIFY_LEAVES, &leaves, why) && check(c, h, out, why);

	buf_free(&leaves);
	return is_done;
}

/* --- all of it ------------------------------------------------------------ */

static bool
give_all(const struct checking *c, struct aide *h, const struct checked *out,
    struct why *why)
{
	return give(h, VERIFY_ANCHOR, c->anchor, why) &&
	    give(h, VERIFY_ROOTS, &out->roots, why) &&
	    give(h, VERIFY_LATEST, &out->latest, why) &&
	    give(h, VERIFY_STATE, c->state, why);
}

bool
checking_run(const struct checking *c, struct fetching *f, struct checked *out,
    struct why *why)
{
	struct aide h = { 0 };
	enum order_end end;
	bool is_done;

	memset(out, 0, sizeof(*out));
	is_done =
	    fetching_get(f, "roots", TRUST_ROOTS_MAX, &out->roots, &end, why) &&
	    fetching_get(f, "latest", TRUST_LATEST_MAX, &out->latest, &end,
		why) &&
	    aide_start(&h, "candor-verify", NULL, -1, why) &&
	    give_all(c, &h, out, why) && check(c, &h, out, why);
	if (is_done && out->outcome == TRUST_BEHIND)
		is_done = check_from_tiles(c, f, &h, out, why);
	aide_end(&h);
	return is_done;
}

void
checked_free(struct checked *c)
{
	buf_free(&c->state);
	buf_free(&c->evidence);
	buf_free(&c->roots);
	buf_free(&c->latest);
}
