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
	if (*q != NULL)
		vault_close(&(*q)->vault);
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

static void
say_text(FILE *to, const struct result *r, enum take_end end,
    const struct held *h, const struct why *why)
{
	fprintf(to, "%-10s  ", end_text(end));
	escape_text(to, r->path.bytes, r->path.size);
	fputs(": ", to);
	if (end != TAKE_MOVED) {
		escape_text(to, why->text, strlen(why->text));
		if (why->err != 0)
			fprintf(to, " (%s)", strerror(why->err));
	} else {
		fprintf(to, "to quarantine as %s", h->id);
		if (h->links > 1)
			fputs("; it has other names (hard links)", to);
	}
	fputc('\n', to);
}

void
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
	enum take_end end;

	if (r->kind != RESULT_SCANNED || r->verdict != VERDICT_INFECTED ||
	    !r->has_stamp)
		return;
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
	if (format == FORM_JSON)
		say_json(o->to, r, end, &held, &why);
	else
		say_text(format == FORM_TEXT ? o->to : stderr, r, end, &held,
		    &why);
	held_free(&held);
}
