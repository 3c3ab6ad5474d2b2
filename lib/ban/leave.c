/*
 * leave.c - what is to go.  See leave.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/ban/leave.h"

#include <string.h>

#define NAME_MAX_SIZE 200u
#define PATH_MAX_SIZE 1000u

const char *const leave_kind_word[LEAVE_KINDS] = { "package", "unit", "path",
	"module", "user", "group" };

bool
leave_is_name(const char *text)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789.+-_@:";
	size_t size = strlen(text);

	return size > 0 && size <= NAME_MAX_SIZE && text[0] != '-' &&
	    text[0] != '.' && strspn(text, letters) == size;
}

bool
leave_is_path(const char *text)
{
	size_t size = strlen(text);
	const char *at = text;

	if (text[0] != '/' || size < 2 || size > PATH_MAX_SIZE ||
	    text[size - 1] == '/')
		return false;
	for (; at != NULL && at[0] == '/'; at = strchr(at + 1, '/')) {
		size_t n = strcspn(at + 1, "/");

		if (n == 0 || (n == 1 && at[1] == '.') ||
		    (n == 2 && at[1] == '.' && at[2] == '.'))
			return false;
	}
	return true;
}

bool
leave_is_below(const char *path, const char *folder)
{
	size_t size = strlen(folder);

	return strncmp(path, folder, size) == 0 &&
	    (path[size] == '\0' || path[size] == '/');
}

static const char *
text_of(const json_t *record, const char *key)
{
	const char *text = json_string_value(json_object_get(record, key));

	return text != NULL ? text : "";
}

static bool
is_word(const json_t *record, const char *key, const char *word)
{
	return strcmp(text_of(record, key), word) == 0;
}

bool
leave_is_told_only(const json_t *finding)
{
	return is_word(finding, "state", "engine_embedded") ||
	    is_word(finding, "state", "installer_only") ||
	    is_word(finding, "state", "successor");
}

/* LEAVE_KINDS: evidence of something that cannot be taken away by itself. */
static enum leave_kind
kind_of(const json_t *evidence)
{
	static const struct {
		const char *type;
		enum leave_kind kind;
	} row[] = { { "package", LEAVE_PACKAGE }, { "unit", LEAVE_UNIT },
		{ "path", LEAVE_PATH }, { "file", LEAVE_PATH },
		{ "module", LEAVE_MODULE }, { "user", LEAVE_USER },
		{ "group", LEAVE_GROUP } };
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		if (is_word(evidence, "type", row[i].type))
			return row[i].kind;
	return LEAVE_KINDS;
}

/* Sure enough to be acted upon unasked? */
static bool
is_sure(const json_t *finding, const json_t *evidence)
{
	if (is_word(evidence, "confidence", "low"))
		return false;
	return !is_word(evidence, "strength", "supporting") ||
	    !is_word(finding, "ground", "one sign");
}

bool
leave_is_rpms(const struct leave *l)
{
	static const char *const database[] = { "rpmdb.sqlite", "Packages.db",
		"Packages" };
	const char *slash = strrchr(l->in, '/');
	size_t i;

	for (i = 0; i < sizeof(database) / sizeof(database[0]); i++)
		if (slash != NULL && strcmp(slash + 1, database[i]) == 0)
			return l->kind == LEAVE_PACKAGE;
	return false;
}

/* The same thing, and of packages in the same list? */
static bool
is_same(const struct leave *a, const struct leave *b)
{
	return a->kind == b->kind && strcmp(a->name, b->name) == 0 &&
	    (a->kind != LEAVE_PACKAGE || strcmp(a->in, b->in) == 0);
}

struct gathering {
	struct leave *out;
	size_t count;
};

static void
add(struct gathering *g, const struct leave *one)
{
	size_t i;

	if (!(one->kind == LEAVE_PATH ? leave_is_path(one->name)
				      : leave_is_name(one->name)))
		return;
	for (i = 0; i < g->count; i++) {
		struct leave *old = &g->out[i];

		if (!is_same(old, one))
			continue;
		old->is_unconfirmed =
		    old->is_unconfirmed && one->is_unconfirmed;
		old->is_left = old->is_left && one->is_left;
		return;
	}
	if (g->count < LEAVE_MAX)
		g->out[g->count++] = *one;
}

static void
add_evidence(struct gathering *g, const json_t *finding, const json_t *evidence)
{
	const char *seen = text_of(evidence, "seen"), *slash;
	struct leave one = { .kind = kind_of(evidence),
		.name = seen,
		.product = text_of(finding, "product"),
		.vendor = text_of(finding, "vendor"),
		.in = text_of(evidence, "in"),
		.is_agent = is_word(finding, "role", "agent"),
		.is_unconfirmed = !is_sure(finding, evidence) };

	/* A path "in" something is a container's, not this machine's. */
	if ((one.kind == LEAVE_PATH || one.kind == LEAVE_UNIT) &&
	    text_of(evidence, "in")[0] != '\0')
		return;
	if (one.kind == LEAVE_KINDS ||
	    is_word(evidence, "state", "engine_embedded") ||
	    is_word(evidence, "state", "mention_only"))
		return;
	one.is_left =
	    one.kind == LEAVE_PACKAGE && is_word(evidence, "state", "residue");
	/* A unit is a name to systemd, and a file that may stay behind. */
	slash = strrchr(seen, '/');
	if (one.kind == LEAVE_UNIT && slash != NULL) {
		one.name = slash + 1;
		add(g, &one);
		one.kind = LEAVE_PATH;
		one.name = seen;
	}
	add(g, &one);
}

/*
 * Is a path inside another one of the list that is as sure, or surer, and
 * goes in the same step?  What is sure inside what is not stays in the list:
 * it goes by itself then.
 */
static bool
is_inside(const struct gathering *g, size_t at)
{
	const struct leave *one = &g->out[at];
	size_t i;

	if (one->kind != LEAVE_PATH)
		return false;
	for (i = 0; i < g->count; i++)
		if (i != at && g->out[i].kind == LEAVE_PATH &&
		    g->out[i].is_agent == one->is_agent &&
		    (!g->out[i].is_unconfirmed || one->is_unconfirmed) &&
		    leave_is_below(one->name, g->out[i].name))
			return true;
	return false;
}

size_t
leave_from_report(const json_t *report, struct leave *out)
{
	struct gathering g = { out, 0 };
	const json_t *findings = json_object_get(report, "findings"), *finding,
		     *list, *one;
	size_t i, k;

	json_array_foreach(findings, i, finding)
	{
		if (leave_is_told_only(finding))
			continue;
		list = json_object_get(finding, "evidence");
		json_array_foreach(list, k, one) add_evidence(&g, finding, one);
	}
	/* From the end: what is inside another is so whether it is there. */
	for (i = g.count; i-- > 0;)
		if (is_inside(&g, i)) {
			memmove(&out[i], &out[i + 1],
			    (g.count - i - 1) * sizeof(out[0]));
			g.count--;
		}
	return g.count;
}
