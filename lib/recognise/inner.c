/*
 * inner.c - what stands in an archive: names, and the members that say what
 * it is.
 *
 * Input:   hostile; read by the openers of lib/formats, whose children are
 *          told, read into memory, or opened in their turn.
 * Emits:   RECOGNISE_MEMBER for every name; what members say (android.c,
 *          package.c, signature.c); RECOGNISE_GAP for what could not be read.
 * Limits:  RECOGNISE_DEPTH, RECOGNISE_MEMBERS, RECOGNISE_DECODED; MEMBER_READ
 *          bytes of a member that is read whole, APP_READ of a large one.
 *
 * Opened in their turn are: what a packed file is, the two archives of a
 * Debian package (the larger only if nothing lists its files), the payload of
 * a macOS package, apps in a bundle of apps.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/recognise/inner.h"

#include "lib/base/ascii.h"
#include "lib/ident/ident.h"

#define ROOM        ((size_t)8 << 20) /* of an opener */
#define LIBRARY     ((uint64_t)256 << 20)
#define MEMBER_READ ((size_t)8 << 20)
#define APP_READ    ((size_t)128 << 20)
#define BEHIND      ((size_t)4 << 20) /* stays free beside an app */

/* What a member is good for. */
enum use {
	USE_NAME, /* and nothing else */
	USE_MANIFEST,
	USE_DEX,
	USE_SIGNED,
	USE_CONTROL,
	USE_LIST,
	USE_INFO,
	USE_OPEN
};

/* --- which ---------------------------------------------------------------- */

struct row {
	enum kind in;
	const char *begin, *end; /* of its name; "" for any */
	enum use use;
};

static const struct row rows[] = {
	{ KIND_ZIP, "AndroidManifest.xml", "AndroidManifest.xml",
	    USE_MANIFEST },
	{ KIND_ZIP, "base/manifest/", "/AndroidManifest.xml", USE_MANIFEST },
	{ KIND_ZIP, "", ".dex", USE_DEX },
	{ KIND_ZIP, "META-INF/", ".RSA", USE_SIGNED },
	{ KIND_ZIP, "META-INF/", ".DSA", USE_SIGNED },
	{ KIND_ZIP, "META-INF/", ".EC", USE_SIGNED },
	{ KIND_ZIP, "", ".apk", USE_OPEN },
	{ KIND_AR, "control.tar", "", USE_OPEN },
	{ KIND_AR, "data.tar", "", USE_OPEN },
	{ KIND_TAR, "./control", "./control", USE_CONTROL },
	{ KIND_TAR, "control", "control", USE_CONTROL },
	{ KIND_TAR, "./md5sums", "./md5sums", USE_LIST },
	{ KIND_TAR, "md5sums", "md5sums", USE_LIST },
	{ KIND_XAR, "", "PackageInfo", USE_INFO },
	{ KIND_XAR, "", "Distribution", USE_INFO },
	{ KIND_XAR, "", "Payload", USE_OPEN },
};

static bool
begins(const struct child *c, const char *text)
{
	size_t n = strlen(text);

	return c->name_size >= n && memcmp(c->name, text, n) == 0;
}

static bool
ends(const struct child *c, const char *text)
{
	size_t n = strlen(text), at = (size_t)c->name_size - n, i;

	if (c->name_size < n)
		return false;
	for (i = 0; i < n; i++)
		if (ascii_lower(c->name[at + i]) !=
		    ascii_lower((uint8_t)text[i]))
			return false;
	return true;
}

static bool
is_packed(enum kind kind)
{
	static const enum kind packed[] = { KIND_GZIP, KIND_BZIP2, KIND_XZ,
		KIND_LZMA, KIND_LZIP, KIND_ZSTD, KIND_LZ4, KIND_COMPRESS };
	size_t i;

	for (i = 0; i < sizeof(packed) / sizeof(packed[0]); i++)
		if (kind == packed[i])
			return true;
	return false;
}

static bool
is_control(const struct inner *in, const struct level *l)
{
	return in->level[0].kind == KIND_AR && in->depth >= 2 &&
	    in->level[1].name_size > 0 && in->level[1].name[0] == 'c' &&
	    l->kind == KIND_TAR;
}

static enum use
use_of(const struct inner *in, const struct level *l, const struct child *c)
{
	size_t i;

	if (c->role != CHILD_MEMBER)
		return USE_NAME;
	if (is_packed(l->kind))
		return c->is_rest ? USE_NAME : USE_OPEN;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].in == l->kind && begins(c, rows[i].begin) &&
		    ends(c, rows[i].end))
			break;
	if (i == sizeof(rows) / sizeof(rows[0]) ||
	    (l->kind == KIND_TAR && !is_control(in, l)) ||
	    (in->has_list && rows[i].begin[0] == 'd'))
		return USE_NAME;
	return rows[i].use;
}

/* --- reading -------------------------------------------------------------- */

static void
tell_gap(const struct inner *in, const struct child *c, const char *why)
{
	in->to->tell(in->to->self, RECOGNISE_GAP,
	    c->name_size > 0 ? cur_from(c->name, c->name_size)
			     : recognise_word("archive"),
	    recognise_word(why));
}

/* The bytes of a member, in the arena; false, and told, if they cannot be. */
static bool
read_member(struct inner *in, struct level *l, const struct child *c,
    size_t most, struct cur *out)
{
	struct arena *a = in->to->arena;
	size_t room = 0, size = 0, got = 1;
	uint8_t *bytes;

	if (c->is_range && c->size <= most)
		return source_cur(&l->source, a, c->off, c->size, out);
	bytes = arena_rest(a, &room);
	room = room > BEHIND ? room - BEHIND : 0;
	room = room < most ? room : most;
	while (!c->is_range && got > 0 && size < room) {
		got = inner_decode(l, bytes + size, room - size);
		size += got;
	}
	arena_keep(a, size);
	*out = cur_from(bytes, size);
	if (c->is_range || size >= room) {
		tell_gap(in, c, "it is too large to be read");
		return false;
	}
	return size > 0;
}

/* Of lines "digest  path". */
static void
tell_list(struct inner *in, struct cur list)
{
	struct cur line, path;

	in->has_list = true;
	while (cur_line(&list, &line) && in->members < RECOGNISE_MEMBERS) {
		in->members++;
		if (!cur_until(&line, ' ', &path) || !cur_match(&line, " ", 1))
			continue;
		path = cur_from(line.base + line.pos, cur_left(&line));
		if (path.size > RECOGNISE_TEXT)
			path.size = RECOGNISE_TEXT;
		recognise_tell(in->to, RECOGNISE_MEMBER, path,
		    recognise_word("data.tar"));
	}
}

static void
use_bytes(struct inner *in, enum use use, struct cur bytes)
{
	switch (use) {
	case USE_MANIFEST:
		recognise_manifest(in->to, bytes);
		break;
	case USE_DEX:
		recognise_dex(in->to, bytes);
		break;
	case USE_SIGNED:
		recognise_signed_data(in->to, bytes);
		break;
	case USE_CONTROL:
		recognise_deb_control(in->to, bytes);
		break;
	case USE_LIST:
		tell_list(in, bytes);
		break;
	case USE_INFO:
		recognise_pkg_info(in->to, bytes);
		break;
	case USE_NAME:
	case USE_OPEN:
		break;
	}
}

/* --- levels --------------------------------------------------------------- */

static const char *
word_of(enum format_end end)
{
	switch (end) {
	case FORMAT_TRUNCATED:
		return "it is cut";
	case FORMAT_MALFORMED:
		return "it is malformed";
	case FORMAT_ENCRYPTED:
		return "it is encrypted";
	case FORMAT_UNSUPPORTED:
		return "it is of a form that is not read";
	case FORMAT_LIMIT:
		return "it takes too much memory";
	case FORMAT_CHILD:
	case FORMAT_WHOLE:
		break;
	}
	return NULL;
}

static void
pop(struct inner *in)
{
	struct level *l = &in->level[in->depth - 1];

	if (l->is_open && l->format->close != NULL)
		l->format->close(l->state);
	arena_reset(in->to->arena, l->mark);
	in->depth--;
}

bool
recognise_opens(enum kind kind)
{
	static const enum kind archive[] = { KIND_ZIP, KIND_AR, KIND_TAR,
		KIND_TAR_OLD, KIND_CPIO, KIND_CPIO_ODC, KIND_CPIO_CRC,
		KIND_CPIO_BIN, KIND_XAR, KIND_SEVENZIP, KIND_RAR, KIND_CAB,
		KIND_ISO9660, KIND_ARJ, KIND_LHA };
	size_t i;

	for (i = 0; i < sizeof(archive) / sizeof(archive[0]); i++)
		if (kind == archive[i])
			return true;
	return is_packed(kind);
}

/* Open the level on top, whose source stands; pops it if that fails. */
static void
open_level(struct inner *in, struct level *l)
{
	struct arena *a = in->to->arena;
	size_t room = 0, mark = arena_mark(a);
	static const struct passwords none;
	struct opening opening;
	enum format_end end = FORMAT_LIMIT;
	void *bytes;

	l->kind = ident_guess(&l->source, a);
	arena_reset(a, mark);
	if (l->kind == KIND_TAR_OLD)
		l->kind = KIND_TAR;
	l->format = recognise_opens(l->kind) ? format_of(l->kind) : NULL;
	if (l->format == NULL || l->format->next == NULL) {
		pop(in);
		return;
	}
	if (l->kind == KIND_ZIP && l->source.size != SOURCE_SIZE_UNKNOWN) {
		struct recognise app = *in->to;

		app.source = &l->source;
		recognise_apk_block(&app);
	}
	bytes = arena_rest(a, &room);
	if (room > ROOM) {
		arena_keep(a, ROOM);
		arena_init(&l->room, bytes, ROOM);
		opening = (struct opening){ .source = &l->source,
			.arena = &l->room,
			.facts = &l->facts,
			.passwords = &none,
			.max_memory = LIBRARY,
			.kind = l->kind };
		end = l->format->open(&opening, &l->state);
	}
	l->is_open = end == FORMAT_WHOLE;
	if (!l->is_open) {
		recognise_gap(in->to, "archive", word_of(end));
		pop(in);
	}
}

/* One more level, called name. */
static struct level *
push(struct inner *in, struct level *parent, struct cur name)
{
	struct level *l = &in->level[in->depth++];

	*l = (struct level){
		.in = in, .parent = parent, .mark = arena_mark(in->to->arena)
	};
	l->name_size = name.size;
	memcpy(l->name, name.base, name.size);
	return l;
}

/* Open a member in its turn. */
static void
open_member(struct inner *in, struct level *of, const struct child *c)
{
	struct level *l;
	struct cur bytes;
	bool is_there = true;

	if (in->depth == RECOGNISE_DEPTH) {
		tell_gap(in, c, "it stands in too many archives");
		return;
	}
	/* What is packed has the name of what packs it. */
	l = push(in, of,
	    c->name_size > 0 && !is_packed(of->kind)
		? cur_from(c->name, c->name_size)
		: cur_from(of->name, of->name_size));
	if (c->is_range) {
		l->range = (struct source_range){ &of->source, c->off };
		source_cut(&l->range, c->size, &l->source);
	} else if (of->kind == KIND_ZIP) {
		is_there = read_member(in, of, c, APP_READ, &bytes);
		l->source = source_from(bytes.base, bytes.size);
	} else
		is_there = inner_stream(l);
	if (is_there)
		open_level(in, l);
	else
		pop(in);
}

static void
see_member(struct inner *in, struct level *l, const struct child *c)
{
	size_t mark = arena_mark(in->to->arena);
	enum use use = use_of(in, l, c);
	struct cur bytes;

	if (in->members++ >= RECOGNISE_MEMBERS) {
		recognise_gap(in->to, "archive", "it has too many members");
		in->is_over = true;
		return;
	}
	if (!is_packed(l->kind))
		recognise_tell(in->to, RECOGNISE_MEMBER,
		    cur_from(c->name, c->name_size),
		    cur_from(l->name, l->name_size));
	if (use == USE_NAME)
		return;
	if (c->obstacle != FORMAT_WHOLE) {
		tell_gap(in, c, word_of(c->obstacle));
		return;
	}
	if (use == USE_OPEN) {
		open_member(in, l, c);
		return;
	}
	if (read_member(in, l, c, use == USE_DEX ? APP_READ : MEMBER_READ,
		&bytes))
		use_bytes(in, use, bytes);
	arena_reset(in->to->arena, mark);
}

void
recognise_inner(const struct recognise *r, enum kind kind)
{
	size_t mark = arena_mark(r->arena);
	struct inner *in;
	struct child child;
	enum format_end end;

	if (!recognise_opens(kind))
		return;
	in = arena_alloc(r->arena, 1, sizeof(*in));
	if (in == NULL)
		return;
	in->to = r;
	push(in, NULL, cur_from("", 0))->source = *r->source;
	open_level(in, &in->level[0]);
	while (in->depth > 0 && !in->is_over) {
		struct level *l = &in->level[in->depth - 1];

		end = l->format->next(l->state, &child);
		if (end == FORMAT_CHILD) {
			see_member(in, l, &child);
			continue;
		}
		if (end != FORMAT_WHOLE)
			recognise_gap(r, "archive", word_of(end));
		pop(in);
	}
	while (in->depth > 0)
		pop(in);
	arena_reset(r->arena, mark);
}
