/*
 * switch_evidence.c - a switch-over for whoever has to check it.  The
 * contract is in switch_work.h.
 *
 * Spec:    docs/switch.md, schema candor-switch-evidence/1: lines.  The first
 *          says how many lines of the journal follow, which stand as they are
 *          there; then parts (reports of candor ban scan, lists of files),
 *          each behind a line that says how many lines it has and its
 *          SHA-256, which the journal says as well; the last line has the
 *          SHA-256 of everything above it.
 * Input:   of the check: anything.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/switch_work.h"

#include "cmd/candor/ban_print.h"
#include "cmd/candor/confout.h"
#include "cmd/candor/escape.h"
#include "cmd/candor/infile.h"
#include "cmd/candor/print.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SCHEMA   "candor-switch-evidence/1"
#define PART_MAX ((size_t)256 << 20)
#define FILE_MAX ((size_t)1 << 30)

/* --- writing -------------------------------------------------------------- */

/* A line: the object is used up. */
static void
put_object(struct buf *out, json_t *object)
{
	char *text = json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS);

	if (text != NULL)
		buf_text(out, text);
	buf_byte(out, '\n');
	free(text);
	json_decref(object);
}

static json_int_t
count_lines(const struct buf *text)
{
	json_int_t count = 0;
	size_t i;

	for (i = 0; i < text->size; i++)
		count += text->bytes[i] == '\n';
	return count;
}

/* A file of STATE, as it is. */
static bool
put_part(const struct switch_log *l, const char *name, json_int_t act,
    struct buf *out, struct why *why)
{
	struct buf text = { 0 };
	char hash[CHAIN_HEX];
	bool is_good = infile_read(l->folder, name, PART_MAX, &text, why);

	if (is_good) {
		chain_hash(text.bytes != NULL ? text.bytes : "", text.size,
		    hash);
		put_object(out,
		    json_pack("{s:s, s:s, s:I, s:I, s:s}", "type",
			"switch_part", "name", name, "act", act, "lines",
			count_lines(&text), "sha256", hash));
		buf_add(out, text.bytes, text.size);
	}
	buf_free(&text);
	return is_good;
}

/* What acts of the round left in STATE that somebody may want to see. */
static bool
put_parts(const struct switch_log *l, struct buf *out, struct why *why)
{
	size_t count, i;
	struct switch_act *act = switch_log_acts(l, &count);
	bool is_good = true;
	char name[80];

	for (i = 0; is_good && i < count; i++) {
		name[0] = '\0';
		if (act[i].state == ACT_FAILED || act[i].state == ACT_OPEN)
			continue;
		if (strcmp(act[i].kind, "scan") == 0)
			(void)snprintf(name, sizeof(name),
			    "scan-%" JSON_INTEGER_FORMAT ".json",
			    act[i].number);
		if (strcmp(act[i].kind, "move") == 0 ||
		    strcmp(act[i].kind, "copy") == 0 ||
		    strcmp(act[i].kind, "keep") == 0)
			(void)snprintf(name, sizeof(name),
			    "keep/%" JSON_INTEGER_FORMAT ".manifest",
			    act[i].number);
		if (name[0] != '\0')
			is_good = put_part(l, name, act[i].number, out, why);
	}
	free(act);
	return is_good;
}

static void
put_head(const struct switch_log *l, struct buf *out)
{
	static const char *const round[] = { "nothing", "under way",
		"being undone", "done", "undone" };
	size_t first;
	char when[40] = "";
	time_t now = time(NULL);
	struct tm tm;
	json_t *head = json_pack("{s:s, s:s, s:s, s:I, s:s, s:s}", "type",
	    "switch_evidence", "schema", SCHEMA, "candor", print_version(),
	    "journal_lines", (json_int_t)l->chain.count, "journal_head",
	    l->chain.head, "round", round[switch_log_round(l, &first)]);
	char host[256] = "";

	if (gmtime_r(&now, &tm) != NULL)
		(void)strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm);
	json_object_set_new(head, "at", json_string(when));
	if (gethostname(host, sizeof(host) - 1) == 0)
		json_object_set_new(head, "host", ban_print_string(host));
	put_object(out, head);
}

static bool
write_out(const struct switch_log *l, const char *path, const struct buf *text,
    struct why *why)
{
	char name[60];
	FILE *to = NULL;
	int fd = -1;
	bool is_good;

	if (path == NULL) {
		(void)snprintf(name, sizeof(name), "evidence-%" PRIu64 ".jsonl",
		    l->chain.count);
		(void)unlinkat(l->folder, name, 0);
		fd = openat(l->folder, name,
		    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		to = fd != -1 ? fdopen(fd, "w") : NULL;
		printf("     evidence: %s/%s\n", l->path, name);
	} else {
		to = confout_open(path);
	}
	if (to == NULL)
		return why_not(why, WHY_SYSTEM, "no evidence was written");
	is_good = fwrite(text->bytes, 1, text->size, to) == text->size &&
	    fflush(to) == 0;
	if (to != stdout) {
		(void)fsync(fileno(to));
		is_good = fclose(to) == 0 && is_good;
	}
	return is_good ||
	    why_not(why, WHY_SYSTEM, "the evidence could not be written");
}

bool
evidence_write(struct switch_log *l, const char *path, struct why *why)
{
	struct buf text = { 0 }, journal = { 0 };
	char hash[CHAIN_HEX];
	bool is_good;

	put_head(l, &text);
	is_good =
	    infile_read(l->folder, SWITCH_JOURNAL, PART_MAX, &journal, why);
	if (is_good)
		buf_add(&text, journal.bytes, journal.size);
	is_good = is_good && put_parts(l, &text, why);
	if (is_good) {
		chain_hash(text.bytes, text.size, hash);
		put_object(&text,
		    json_pack("{s:s, s:s}", "type", "switch_end", "sha256",
			hash));
		is_good = write_out(l, path, &text, why);
	}
	buf_free(&text);
	buf_free(&journal);
	return is_good;
}

/* --- checking ------------------------------------------------------------- */

struct checking {
	struct cur all;
	uint64_t line;   /* that was taken last, from 1 */
	json_t *journal; /* its lines */
	json_t *head;
	size_t parts;
};

static bool
wrong(const struct checking *c, const char *what)
{
	fprintf(stderr, "candor: line %" PRIu64 ": %s\n", c->line, what);
	return false;
}

static bool
next_line(struct checking *c, struct cur *line)
{
	c->line++;
	if (cur_left(&c->all) > 0 && cur_line(&c->all, line))
		return true;
	return wrong(c, "it is missing");
}

/* The next line, an object of that type; yours, or NULL and said. */
static json_t *
next_object(struct checking *c, const char *type)
{
	struct cur line;
	json_t *object;

	if (!next_line(c, &line))
		return NULL;
	object = json_loadb((const char *)line.base, line.size,
	    JSON_REJECT_DUPLICATES, NULL);
	if (object != NULL && strcmp(switch_text(object, "type"), type) == 0)
		return object;
	json_decref(object);
	(void)wrong(c, "not what has to stand there");
	return NULL;
}

/* The last line is the hash of all above. */
static bool
check_end(struct checking *c)
{
	const uint8_t *base = c->all.base;
	size_t size = c->all.size, at = size > 0 ? size - 1 : 0;
	char hash[CHAIN_HEX];
	struct checking end = *c;
	json_t *object;
	bool is_good;

	while (at > 0 && base[at - 1] != '\n')
		at--;
	c->line = 0;
	if (size == 0 || base[size - 1] != '\n')
		return wrong(c, "the file is not whole");
	end.all = cur_from(base + at, size - at);
	object = next_object(&end, "switch_end");
	if (object == NULL)
		return false;
	chain_hash(base, at, hash);
	is_good = strcmp(switch_text(object, "sha256"), hash) == 0;
	json_decref(object);
	c->all = cur_from(base, at);
	return is_good || wrong(c, "the file is not what its last line says");
}

static bool
check_journal(struct checking *c)
{
	json_int_t count =
	    json_integer_value(json_object_get(c->head, "journal_lines"));
	struct chain chain;
	struct cur line;
	const char *why;

	chain_init(&chain);
	for (; count > 0; count--) {
		json_t *record;

		if (!next_line(c, &line))
			return false;
		record = chain_take(&chain, line, &why);
		if (record == NULL)
			return wrong(c, why);
		json_array_append_new(c->journal, record);
	}
	return strcmp(chain.head, switch_text(c->head, "journal_head")) == 0 ||
	    wrong(c, "not the last line of the journal that was meant");
}

/* Does the journal say this hash of that act? */
static bool
is_journalled(const struct checking *c, const json_t *part)
{
	json_t *act = json_object_get(part, "act"), *line;
	const char *hash = switch_text(part, "sha256");
	size_t i;

	json_array_foreach(c->journal, i, line)
	{
		const json_t *what = json_object_get(line, "act");

		if (json_equal(json_object_get(line, "n"), act) &&
		    strcmp(switch_text(what, "manifest"), hash) == 0)
			return true;
		if (json_equal(json_object_get(line, "of"), act) &&
		    strcmp(switch_text(line, "event"), "result") == 0 &&
		    strcmp(switch_text(line, "sha256"), hash) == 0)
			return true;
	}
	return false;
}

static bool
check_part(struct checking *c)
{
	json_t *part = next_object(c, "switch_part");
	json_int_t count;
	struct cur line;
	const uint8_t *from;
	char hash[CHAIN_HEX];
	bool is_good = true;

	if (part == NULL)
		return false;
	from = c->all.base + c->all.pos;
	count = json_integer_value(json_object_get(part, "lines"));
	for (; is_good && count > 0; count--)
		is_good = next_line(c, &line);
	if (is_good) {
		chain_hash(from, (size_t)(c->all.base + c->all.pos - from),
		    hash);
		is_good = strcmp(hash, switch_text(part, "sha256")) == 0 ||
		    wrong(c, "a part is not what its line says");
		is_good = is_good &&
		    (is_journalled(c, part) ||
			wrong(c, "the journal does not say this hash"));
	}
	json_decref(part);
	c->parts++;
	return is_good;
}

static bool
check_all(struct checking *c)
{
	if (!check_end(c))
		return false;
	c->line = 0;
	c->head = next_object(c, "switch_evidence");
	if (c->head == NULL)
		return false;
	if (strcmp(switch_text(c->head, "schema"), SCHEMA) != 0)
		return wrong(c, "a schema that is not known");
	if (!check_journal(c))
		return false;
	while (cur_left(&c->all) > 0)
		if (!check_part(c))
			return false;
	return true;
}

static void
put_text(const json_t *record, const char *key)
{
	const char *text = switch_text(record, key);

	escape_text(stdout, text, strlen(text));
}

int
evidence_check(const char *path)
{
	struct checking c = { .journal = json_array() };
	struct buf text = { 0 };
	struct why why = { 0 };
	int code = EXIT_TROUBLE;

	if (!infile_read(AT_FDCWD, path, FILE_MAX, &text, &why)) {
		print_why(&why);
	} else {
		c.all =
		    cur_from(text.bytes != NULL ? text.bytes : "", text.size);
		code = check_all(&c) ? EXIT_CLEAN : EXIT_FOUND;
	}
	if (code == EXIT_CLEAN) {
		printf("holds: %zu lines of journal and %zu parts, from ",
		    json_array_size(c.journal), c.parts);
		put_text(c.head, "host");
		printf(", ");
		put_text(c.head, "at");
		printf("; the switch-over is ");
		put_text(c.head, "round");
		printf("\nhead ");
		put_text(c.head, "journal_head");
		putchar('\n');
	}
	json_decref(c.journal);
	json_decref(c.head);
	buf_free(&text);
	return code;
}
