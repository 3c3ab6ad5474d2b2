/*
 * vaulting.c - candor scan --quarantine.  See vaulting.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/vaulting.h"

#include "cmd/candor/escape.h"
#include "proc/quarantine/take.h"

#include <stdlib.h>
#include <string.h>

#define NAMES 16u /* signatures written down */

struct vaulting {
	struct vault vault;
	size_t failed;
	struct buf said; /* of the last file */
};

struct vaulting *
vaulting_open(const char *path, struct why *why)
{
	struct vaulting *q = buf_alloc(1, sizeof(*q));
	char *place = path != NULL ? buf_copy(path) : vault_default_path();
	bool good;

	if (place == NULL)
		good = why_not(why, WHY_BROKEN, "no place for a quarantine");
	else
		good = vault_open(place, true, &q->vault, why);
	free(place);
	/* A scan may be long, and others want to look in meanwhile. */
	if (good) {
		vault_unlock(&q->vault);
		return q;
	}
	free(q);
	return NULL;
}

void
vaulting_close(struct vaulting **q)
{
	if (*q != NULL) {
		vault_close(&(*q)->vault);
		buf_free(&(*q)->said);
	}
	free(*q);
	*q = NULL;
}

size_t
vaulting_failed(const struct vaulting *q)
{
	return q->failed;
}

static const char *
end_text(enum take_end end)
{
	switch (end) {
	case TAKE_MOVED:
		return "moved";
	case TAKE_KEPT:
		return "kept";
	case TAKE_FAILED:
		break;
	}
	return "not moved";
}

/* {"type":"quarantine","path":…,"outcome":…,"id":…,"reason":…} */
static void
say_json(FILE *to, const struct result *r, enum take_end end,
    const struct held *h, const struct why *why)
{
	fputs("{\"type\":\"quarantine\",\"path\":", to);
	escape_json_string(to, r->path.bytes, r->path.size);
	fprintf(to, ",\"outcome\":\"%s\"", end_text(end));
	if (end == TAKE_MOVED)
		fprintf(to, ",\"id\":\"%s\"", h->id);
	else {
		fputs(",\"reason\":", to);
		escape_json_string(to, why->text, strlen(why->text));
	}
	fputs("}\n", to);
}

/* Where it went, or why it did not go. */
static void
describe(struct buf *out, enum take_end end, const struct held *h,
    const struct why *why)
{
	if (end == TAKE_MOVED) {
		buf_text(out, "to quarantine as ");
		buf_text(out, h->id);
		if (h->links > 1)
			buf_text(out, "; it has other names (hard links)");
		return;
	}
	buf_text(out, why->text);
	if (why->err == 0)
		return;
	buf_text(out, " (");
	buf_text(out, strerror(why->err));
	buf_text(out, ")");
}

static void
say_text(FILE *to, const struct result *r, enum take_end end, const char *what)
{
	fprintf(to, "%-10s  ", end_text(end));
	escape_text(to, r->path.bytes, r->path.size);
	fputs(": ", to);
	escape_text(to, what, strlen(what));
	fputc('\n', to);
}

/* "moved to quarantine as ID", "kept: reason". */
static const char *
say_all(struct vaulting *q, enum take_end end, const char *what)
{
	struct buf said = { 0 };

	buf_text(&said, end_text(end));
	buf_text(&said, end == TAKE_MOVED ? " " : ": ");
	buf_text(&said, what);
	buf_free(&q->said);
	q->said = said;
	return q->said.bytes;
}

const char *
vaulting_file(struct vaulting *q, const struct output *o, unsigned format,
    const struct result *r)
{
	struct cur name[NAMES];
	size_t i;
	struct take_request request = {
		.path = r->path.bytes,
		.stamp = &r->stamp,
		.sha256 = r->has_sha256 ? r->sha256 : NULL,
		.names = name,
	};
	struct held held;
	struct why why = { 0 };
	struct buf what = { 0 };
	enum take_end end;
	const char *said;

	if (r->kind != RESULT_SCANNED || r->verdict != VERDICT_INFECTED ||
	    !r->has_stamp)
		return NULL;
	for (i = 0; i < r->detection_count && request.count < NAMES; i++) {
		const struct detection *d = &r->detection[i];
		struct db_signature s;

		if (databases_signature(o->databases, d->database, d->signature,
			&s))
			name[request.count++] = s.name;
	}
	if (!vault_lock(&q->vault)) {
		memset(&held, 0, sizeof(held));
		(void)why_not(&why, WHY_SYSTEM, "the quarantine is locked");
		end = TAKE_FAILED;
	} else
		end = take_path(&q->vault, &request, &held, &why);
	vault_unlock(&q->vault);
	q->failed += end != TAKE_MOVED;
	describe(&what, end, &held, &why);
	if (format == FORM_JSON)
		say_json(o->to, r, end, &held, &why);
	else
		say_text(format == FORM_TEXT ? o->to : stderr, r, end,
		    what.bytes);
	said = say_all(q, end, what.bytes);
	buf_free(&what);
	held_free(&held);
	return said;
}
