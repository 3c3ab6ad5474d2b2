/*
 * text.c - read one text file of signatures, line by line.
 *
 * A line that begins with "#" is a comment, an empty one is nothing.  What a
 * line means is told by the file's ending alone, as in ClamAV.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/text.h"

#include "lib/compile/clam/body.h"
#include "lib/compile/clam/condition.h"
#include "lib/compile/clam/hash.h"
#include "lib/compile/clam/ignore.h"
#include "lib/compile/clam/ldb.h"
#include "lib/compile/clam/ndb.h"
#include "lib/compile/hashlist.h"
#include "lib/compile/pool.h"

#include <string.h>

/* How a kind of file is treated. */
static const struct text_kind {
	const char *ending;
	line_fn *read; /* NULL: recognised, not loaded */
	uint32_t flags;
	bool is_hashes; /* one record a line: room is made beforehand */
	bool allow;
	bool is_list;
	const char *reason; /* of those not loaded */
} text_kind[] = {
	{ .ending = "hdb", .read = hash_read_file, .is_hashes = true },
	{ .ending = "hsb", .read = hash_read_file, .is_hashes = true },
	{ .ending = "hdu",
	    .read = hash_read_file,
	    .is_hashes = true,
	    .flags = SIG_PUA },
	{ .ending = "hsu",
	    .read = hash_read_file,
	    .is_hashes = true,
	    .flags = SIG_PUA },
	{ .ending = "fp",
	    .read = hash_read_file,
	    .is_hashes = true,
	    .allow = true },
	{ .ending = "sfp",
	    .read = hash_read_file,
	    .is_hashes = true,
	    .allow = true },
	{ .ending = "mdb", .read = hash_read_section, .is_hashes = true },
	{ .ending = "msb", .read = hash_read_section, .is_hashes = true },
	{ .ending = "mdu",
	    .read = hash_read_section,
	    .is_hashes = true,
	    .flags = SIG_PUA },
	{ .ending = "msu",
	    .read = hash_read_section,
	    .is_hashes = true,
	    .flags = SIG_PUA },
	{ .ending = "imp", .read = hash_read_imports, .is_hashes = true },
	{ .ending = "ndb", .read = ndb_read },
	{ .ending = "ndu", .read = ndb_read, .flags = SIG_PUA },
	{ .ending = "ldb", .read = ldb_read },
	{ .ending = "ldu", .read = ldb_read, .flags = SIG_PUA },
	{ .ending = "ign", .read = ignore_read },
	{ .ending = "ign2", .read = ignore_read },
	{ .ending = "md5",
	    .read = hashlist_read,
	    .is_hashes = true,
	    .is_list = true },
	{ .ending = "sha1",
	    .read = hashlist_read,
	    .is_hashes = true,
	    .is_list = true },
	{ .ending = "sha256",
	    .read = hashlist_read,
	    .is_hashes = true,
	    .is_list = true },
	{ .ending = "csv",
	    .read = hashlist_read,
	    .is_hashes = true,
	    .is_list = true },
	{ .ending = "cdb",
	    .reason = "container metadata signatures are not loaded yet" },
	{ .ending = "crb",
	    .reason = "Authenticode certificate lists are not loaded yet" },
	{ .ending = "cat", .reason = "catalog files are not loaded" },
	{ .ending = "ftm",
	    .reason = "file type rows are not loaded: kinds are built in" },
	{ .ending = "idb",
	    .reason =
		"icons are not compared: signatures that ask for one never match" },
	{ .ending = "pdb", .reason = "phishing lists are not loaded yet" },
	{ .ending = "gdb", .reason = "phishing lists are not loaded yet" },
	{ .ending = "wdb", .reason = "phishing lists are not loaded yet" },
	{ .ending = "pwdb", .reason = "password lists are not loaded yet" },
	{ .ending = "cfg", .reason = "engine switches are not applied" },
	{ .ending = "info", .reason = "a list of files, no signatures" },
	{ .ending = "cbc",
	    .reason = "bytecode is a program, and programs are not run" },
	{ .ending = "ioc", .reason = "OpenIOC files are not loaded" },
	{ .ending = "sdb", .reason = "obsolete since ClamAV 0.95" },
	{ .ending = "db", .reason = "obsolete since ClamAV 0.95" },
	{ .ending = "zmd", .reason = "obsolete since ClamAV 0.97" },
	{ .ending = "rmd", .reason = "obsolete since ClamAV 0.97" },
	{ .ending = "yar", .reason = "YARA rules are not loaded yet" },
	{ .ending = "yara", .reason = "YARA rules are not loaded yet" },
};

/* How many lines of this file had each fate. */
#define TEXT_FATES_MAX 48u

struct text_fate {
	const char *kind;
	uint64_t count;
	bool is_error;
};

struct text_reader {
	struct ir *ir;
	const char *name;
	const struct text_kind *kind;
	bool is_wanted;  /* its lines are */
	bool keeps_text; /* it will be asked for */
	struct line line;
	struct body_scratch body;
	struct hashlist list;
	struct text_fate fate[TEXT_FATES_MAX];
	size_t fate_count;
	uint64_t loaded;
	struct why *why;
	bool is_told;  /* why is filled */
	bool is_quiet; /* nothing is told, and the file has no number yet */
};

/* So many hashes, or a sixteenth as many rules, are handed on at once: what
   the second cache holds. */
#define TEXT_BATCH 8192u

const char *
text_ending(const char *name)
{
	const char *slash = strrchr(name, '/');
	const char *member = strrchr(slash == NULL ? name : slash, ':');
	const char *dot = strrchr(member == NULL ? name : member, '.');

	if (dot == NULL || (slash != NULL && dot < slash))
		return "";
	return dot + 1;
}

static const struct text_kind *
text_find_kind(const char *ending)
{
	size_t i;

	for (i = 0; i < sizeof(text_kind) / sizeof(text_kind[0]); i++)
		if (strcmp(text_kind[i].ending, ending) == 0)
			return &text_kind[i];
	return NULL;
}

bool
text_is_kind(const char *ending)
{
	return text_find_kind(ending) != NULL;
}

static bool
text_full(struct why *why, const char *name)
{
	return why_not(why, WHY_LIMIT,
	    "%.150s: the signatures need more memory than is allowed", name);
}

/* Count what became of the line; false when its complaint is one too many. */
static bool
text_count_fate(struct text_reader *r, const struct line *l)
{
	uint64_t most = l->is_error ? TEXT_ERRORS_MAX : TEXT_SKIPPED_MAX;
	size_t i;

	for (i = 0; i < r->fate_count; i++)
		if (strcmp(r->fate[i].kind, l->kind) == 0)
			return ++r->fate[i].count <= most;
	if (r->fate_count == TEXT_FATES_MAX)
		return false;
	r->fate[r->fate_count++] = (struct text_fate){
		.kind = l->kind,
		.count = 1,
		.is_error = l->is_error,
	};
	return true;
}

static bool
text_complain(struct text_reader *r, const struct line *l)
{
	struct ir_complaint complaint = {
		.file = l->file,
		.line = l->number,
		.column = l->column,
		.is_error = l->is_error,
		.kind = l->kind,
		.reason = l->reason,
	};

	if (!text_count_fate(r, l) || l->is_quiet || r->is_quiet)
		return true;
	return ir_complain(r->ir, &complaint);
}

/* One line; false only when memory is out. */
static inline bool
text_read_line(struct text_reader *r, struct cur c)
{
	struct line *l = &r->line;

	l->number++;
	if (r->kind->is_list && hashlist_is_header(&r->list, c))
		return true;
	if (c.size == 0 || c.base[0] == '#')
		return true;
	l->text = (struct cur){ .base = c.base, .size = c.size };
	l->kind = l->reason = NULL;
	l->column = 0;
	l->is_error = l->is_quiet = false;
	if (c.size > LINE_SIZE_MAX)
		(void)line_refuse(l, LINE_SIZE_MAX, "too-long",
		    "the line is longer than 65535 bytes");
	else if (r->kind->read(l)) {
		r->loaded++;
		return true;
	}
	return !l->is_full && text_complain(r, l);
}

static size_t
text_count_lines(struct cur c)
{
	size_t count = 1;
	const uint8_t *at = c.base, *end = c.base + c.size;

	while ((at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
		at++;
		count++;
	}
	return count;
}

/* Now and then, let what was read be taken. */
static bool
text_hand_on(struct text_reader *r)
{
	const struct ir *ir = r->ir;

	if (ir->take == NULL ||
	    ir->hash_count + 16 * ir->rule_count < TEXT_BATCH)
		return true;
	r->is_told = !ir->take(ir->take_ctx, r->why);
	return !r->is_told;
}

static bool
text_read_lines(struct text_reader *r, struct cur c)
{
	struct ir *ir = r->ir;
	struct cur line;

	if (r->kind->is_hashes && ir->take == NULL &&
	    !pool_vector_reserve(ir->pool, (void **)&ir->hash, &ir->hash_room,
		ir->hash_count, text_count_lines(c), sizeof(*ir->hash)))
		return false;
	while (cur_line(&c, &line))
		if (!text_read_line(r, line) || !text_hand_on(r))
			return false;
	return true;
}

/* Tell what became of the lines. */
static bool
text_count(struct text_reader *r)
{
	struct ir *ir = r->ir;
	size_t i;

	if (r->is_quiet)
		return true;
	for (i = 0; i < r->fate_count; i++)
		if (!ir_count(ir, r->kind->ending, r->fate[i].kind,
			r->fate[i].is_error, r->fate[i].count))
			return false;
	return r->loaded == 0 ||
	    ir_count(ir, r->kind->ending, NULL, false, r->loaded);
}

/* Is this a line that would be a signature of a kind not loaded? */
static bool
text_is_countable(const struct text_kind *kind, struct cur line)
{
	static const char *const word[] = { "rule ", "private ", "global " };
	size_t i;

	if (strncmp(kind->ending, "yar", 3) != 0)
		return line.size > 0 && line.base[0] != '#';
	for (i = 0; i < sizeof(word) / sizeof(word[0]); i++)
		if (cur_match(&line, word[i], strlen(word[i])))
			return true;
	return false;
}

/* A kind that is recognised but not loaded: count, say it once. */
static bool
text_skip(struct ir *ir, const struct text_kind *kind, uint32_t file,
    struct cur c)
{
	struct ir_complaint complaint = {
		.file = file,
		.kind = kind->ending,
		.reason = kind->reason,
	};
	uint64_t count = 0;
	struct cur line;

	while (cur_line(&c, &line))
		count += text_is_countable(kind, line);
	if (strcmp(kind->ending, "cbc") == 0)
		count = 1; /* one program a file */
	return ir_complain(ir, &complaint) &&
	    ir_count(ir, kind->ending, "not-supported", false, count);
}

static bool
text_refuse_unknown(struct ir *ir, const struct text *text)
{
	struct ir_complaint complaint = {
		.kind = "unknown-kind",
		.reason = "no kind of signature file has this ending",
	};

	if (text->is_member)
		return true; /* COPYING and the like */
	return ir_add_file(ir, text->name, "", text->feed, &complaint.file) &&
	    ir_complain(ir, &complaint) &&
	    ir_count(ir, "other", "unknown-kind", false, 1);
}

/* Read what is wanted of a kind of file. */
static bool
text_wants(const struct text_kind *kind, enum compile_what what)
{
	switch (what) {
	case COMPILE_IGNORES:
		return kind->read == ignore_read;
	case COMPILE_HASHES:
		return kind->is_hashes || kind->read == ignore_read;
	case COMPILE_RULES:
		return kind->read != NULL && !kind->is_hashes &&
		    kind->read != ignore_read;
	case COMPILE_ALL:
		break;
	}
	return true;
}

/* Give the file its number, and its lines what they need around them. */
static bool
text_begin(struct text_reader *r, const struct text *text)
{
	struct ir *ir = r->ir;

	hashlist_init(&r->list, r->name);
	if (r->kind->read == ldb_read) {
		if (ir->logic == NULL)
			ir->logic = pool_alloc(ir->pool, 1, sizeof(*ir->logic));
		if (ir->logic == NULL)
			return false;
		r->line.logic = ir->logic;
	}
	return r->is_quiet ||
	    ir_add_file(ir, r->name, r->kind->ending, text->feed,
		&r->line.file);
}

struct text_reader *
text_open(struct ir *ir, const struct text *text,
    const struct compile_options *options, struct why *why)
{
	struct text_reader *r = pool_alloc(ir->pool, 1, sizeof(*r));

	if (r == NULL) {
		(void)text_full(why, text->name);
		return NULL;
	}
	r->ir = ir;
	r->name = text->name;
	r->kind = text_find_kind(text_ending(text->name));
	r->is_quiet = options->what == COMPILE_IGNORES;
	r->is_wanted = text_wants(r->kind, options->what);
	r->keeps_text = !r->is_quiet && !options->no_texts;
	r->line = (struct line){
		.ir = ir,
		.options = options,
		.flags = text->flags | r->kind->flags,
		.allow = r->kind->allow,
		.body = &r->body,
		.list = &r->list,
	};
	if (text_begin(r, text))
		return r;
	(void)text_full(why, text->name);
	return NULL;
}

bool
text_read_some(struct text_reader *r, struct cur some, struct why *why)
{
	r->why = why;
	if (r->keeps_text) {
		r->ir->file[r->line.file].text = some.base;
		r->ir->file[r->line.file].size += some.size;
	}
	if (!r->is_wanted || text_read_lines(r, some))
		return true;
	return !r->is_told && text_full(why, r->name);
}

bool
text_close(struct text_reader *r, bool is_whole, struct why *why)
{
	bool ok = !is_whole || !r->is_wanted || text_count(r);

	body_scratch_fini(r->ir->pool, &r->body);
	return ok || text_full(why, r->name);
}

bool
text_is_lines(const char *ending)
{
	const struct text_kind *kind = text_find_kind(ending);

	return kind != NULL && kind->read != NULL;
}

bool
text_is_wanted(const char *ending, enum compile_what what)
{
	const struct text_kind *kind = text_find_kind(ending);

	return kind != NULL && text_wants(kind, what);
}

/* A file of which nothing is read gets its number, and no more. */
static bool
text_pass(struct ir *ir, const struct text *text, const struct text_kind *kind,
    enum compile_what what)
{
	uint32_t file;

	if (what == COMPILE_IGNORES)
		return true;
	if (text->is_member &&
	    (kind == NULL || strcmp(kind->ending, "info") == 0))
		return true;
	return ir_add_file(ir, text->name, kind == NULL ? "" : kind->ending,
	    text->feed, &file);
}

bool
text_read(struct ir *ir, const struct text *text,
    const struct compile_options *options, struct why *why)
{
	const struct text_kind *kind = text_find_kind(text_ending(text->name));
	struct text_reader *r;
	uint32_t file;
	bool ok;

	if (kind == NULL || kind->read == NULL) {
		if (options->what == COMPILE_RULES ||
		    options->what == COMPILE_IGNORES)
			ok = text_pass(ir, text, kind, options->what);
		else if (kind == NULL)
			ok = text_refuse_unknown(ir, text);
		else if (text->is_member && strcmp(kind->ending, "info") == 0)
			ok = true;
		else
			ok = ir_add_file(ir, text->name, kind->ending,
				 text->feed, &file) &&
			    text_skip(ir, kind, file, text->bytes);
		return ok || text_full(why, text->name);
	}
	if (options->what == COMPILE_IGNORES &&
	    !text_wants(kind, options->what))
		return true;
	r = text_open(ir, text, options, why);
	if (r == NULL)
		return false;
	ok = text_read_some(r, text->bytes, why);
	return text_close(r, ok, why) && ok;
}
