/*
 * archive.c - openers over libarchive: tar, cpio, ar, 7z, rar.
 *
 * Input:   hostile; libarchive asks for it through the callbacks below, which
 *          read the source and nothing else.  Only the one format that
 *          identification named is enabled, and no filter: what is compressed
 *          as a whole is another opener's work (packed.c).
 * Emits:   one child per member with data; FACT_MEMBERS, FACT_ENCRYPTED.
 *          Directories, links and devices without data are passed over.
 *          Bytes after the end the format defines (a second cpio in an
 *          initramfs, what "tar -i" would read) are one more child, "trailing".
 * Limits:  memory is libarchive's: at most one block of a member and the
 *          dictionary its coder asks for.  No memory is FORMAT_LIMIT.
 *
 * Names are given as stored.  Formats that keep UTF-16 (7z, rar) are converted
 * by libarchive, which needs a UTF-8 LC_CTYPE to do so without iconv: see
 * formats_warm() in format.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/base/ckd.h"
#include "lib/formats/openers.h"
#include "lib/formats/rar5.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>

/*
 * Read of a source at a time.  Whoever reads a child that is a range goes
 * back by less than this, which a stream's window must allow.
 */
#define ARCHIVE_BLOCK ((size_t)16 << 10)

/* Headers in a row that may fail before the walk is given up. */
#define ARCHIVE_FAILURES     32u
#define ARCHIVE_CPIO_TRAILER 124 /* bytes, at most: header, name, padding */

/* Where a walk is. */
enum archive_stage {
	ARCHIVE_MEMBERS,
	ARCHIVE_TRAILING, /* the end was reached; look behind it */
	ARCHIVE_OVER
};

struct walk {
	struct archive *library;
	struct source *source;
	struct facts *facts;
	enum kind kind;
	enum archive_stage stage;
	enum format_end end; /* how the walk ended, once it is over */

	uint8_t *buf;  /* ARCHIVE_BLOCK bytes, for a source not in memory */
	uint64_t at;   /* of the next byte libarchive reads */
	size_t given;  /* bytes before at that the last read gave it */
	bool at_end;   /* it asked for more than there is */
	bool has_data; /* the member has bytes to be read */

	const uint8_t *block; /* what libarchive gave, lent by it */
	size_t block_size;
	uint64_t block_off; /* where block lies in the member */
	uint64_t pos;       /* bytes of the member given so far */
	uint64_t size;      /* of a sparse member; else 0 */
	enum format_end member_end;
	uint64_t members, encrypted;

	struct rar5 rar5; /* rar only */
	struct rar5_file rar5_file;
	bool has_rar5_file; /* of the current header */
};

/* --- what libarchive asks for ------------------------------------------ */

/* Lend the next bytes.  In memory that is all there are. */
static la_ssize_t
archive_give(struct archive *a, void *data, const void **out)
{
	struct walk *w = data;
	size_t got = 0;

	(void)a;
	*out = w->buf;
	if (w->source->mem != NULL && w->at < w->source->size) {
		*out = w->source->mem + w->at;
		got = (size_t)(w->source->size - w->at);
	} else if (w->source->mem == NULL) {
		got = source_read(w->source, w->at, w->buf, ARCHIVE_BLOCK);
	}
	if (got == 0)
		w->at_end = true;
	w->at += got;
	w->given = got;
	return (la_ssize_t)got;
}

/* Step over bytes nobody wants. */
static la_int64_t
archive_step(struct archive *a, void *data, la_int64_t count)
{
	struct walk *w = data;
	uint64_t size = w->source->size, n = (uint64_t)count;

	(void)a;
	if (count <= 0)
		return 0;
	if (size == SOURCE_SIZE_UNKNOWN &&
	    !source_has(w->source, w->at + n - 1))
		return 0; /* libarchive reads them, and so meets the end */
	if (size != SOURCE_SIZE_UNKNOWN && n > size - w->at)
		n = size - w->at;
	w->at += n;
	return (la_int64_t)n;
}

/*
 * Go elsewhere.  libarchive asks for the end before every seek, only to
 * compare; where it is not known, any place may exist.
 */
static la_int64_t
archive_go(struct archive *a, void *data, la_int64_t off, int whence)
{
	struct walk *w = data;
	uint64_t size = w->source->size;
	int64_t base = 0, to;

	(void)a;
	if (size > INT64_MAX)
		size = INT64_MAX;
	if (whence == SEEK_CUR)
		base = (int64_t)w->at;
	else if (whence == SEEK_END)
		base = (int64_t)size;
	if (ckd_add(&to, base, off) || to < 0)
		return ARCHIVE_FATAL;
	if ((uint64_t)to > size)
		to = (int64_t)size;
	w->at = (uint64_t)to;
	/* Whoever asks where the end is and then does not go was past it. */
	w->at_end = whence == SEEK_END;
	return to;
}

/* --- how it ended ------------------------------------------------------- */

/* Say why libarchive gave up.  It has one error code; its text has more. */
static enum format_end
archive_why(const struct walk *w)
{
	const char *text = archive_error_string(w->library);

	if (archive_errno(w->library) == ENOMEM)
		return FORMAT_LIMIT;
	if (text != NULL && strstr(text, "ncrypt") != NULL)
		return FORMAT_ENCRYPTED;
	if (text != NULL &&
	    (strstr(text, "nsupported") != NULL ||
		strstr(text, "not supported") != NULL ||
		strstr(text, "codec ID") != NULL))
		return FORMAT_UNSUPPORTED;
	if (w->at_end || (text != NULL && strstr(text, "runcated") != NULL))
		return FORMAT_TRUNCATED;
	return FORMAT_MALFORMED;
}

/* --- open --------------------------------------------------------------- */

/* What libarchive enables for a kind. */
static const struct choice {
	enum kind kind;
	int (*enable)(struct archive *a);
} choices[] = {
	{ KIND_TAR, archive_read_support_format_tar },
	{ KIND_TAR_OLD, archive_read_support_format_tar },
	{ KIND_CPIO, archive_read_support_format_cpio },
	{ KIND_CPIO_ODC, archive_read_support_format_cpio },
	{ KIND_CPIO_CRC, archive_read_support_format_cpio },
	{ KIND_CPIO_BIN, archive_read_support_format_cpio },
	{ KIND_AR, archive_read_support_format_ar },
	{ KIND_SEVENZIP, archive_read_support_format_7zip },
	{ KIND_RAR, archive_read_support_format_rar },
	{ KIND_RAR, archive_read_support_format_rar5 },
};

/* Enable the format of a kind and say where its bytes come from. */
static bool
archive_set_up(struct walk *w)
{
	struct archive *a = w->library;
	bool fine = true;
	size_t i;

	for (i = 0; i < sizeof(choices) / sizeof(choices[0]); i++)
		if (choices[i].kind == w->kind)
			fine = fine && choices[i].enable(a) >= ARCHIVE_WARN;
	return fine && archive_read_set_callback_data(a, w) == ARCHIVE_OK &&
	    archive_read_set_read_callback(a, archive_give) == ARCHIVE_OK &&
	    archive_read_set_skip_callback(a, archive_step) == ARCHIVE_OK &&
	    archive_read_set_seek_callback(a, archive_go) == ARCHIVE_OK;
}

/*
 * A 7z whose start header was never filled in: 7-Zip looks for the end header
 * itself, the library takes the archive for an empty one.
 */
static bool
archive_lacks_start(const struct opening *in)
{
	static const uint8_t none[8];
	uint8_t head[32];

	return in->kind == KIND_SEVENZIP && in->source->mem != NULL &&
	    in->source->size > sizeof(head) &&
	    source_read(in->source, 0, head, sizeof(head)) == sizeof(head) &&
	    memcmp(head + 20, none, sizeof(none)) == 0;
}

static enum format_end
archive_open(struct opening *in, void **state)
{
	struct walk *w = arena_alloc(in->arena, 1, sizeof(*w));
	enum format_end end = FORMAT_WHOLE;

	if (w == NULL)
		return FORMAT_LIMIT;
	if (archive_lacks_start(in))
		return FORMAT_MALFORMED;
	w->source = in->source;
	w->facts = in->facts;
	w->kind = in->kind;
	w->end = FORMAT_WHOLE;
	if (in->source->mem == NULL) {
		w->buf = arena_alloc(in->arena, 1, ARCHIVE_BLOCK);
		if (w->buf == NULL)
			return FORMAT_LIMIT;
	}
	if (w->kind == KIND_RAR && !rar5_init(&w->rar5, in->source, in->arena))
		return FORMAT_LIMIT;
	w->library = archive_read_new();
	if (w->library == NULL)
		return FORMAT_LIMIT;
	if (!archive_set_up(w))
		end = FORMAT_LIMIT;
	else if (archive_read_open1(w->library) < ARCHIVE_WARN)
		end = archive_why(w);
	if (end != FORMAT_WHOLE) {
		archive_read_free(w->library);
		return end;
	}
	*state = w;
	return FORMAT_WHOLE;
}

/* --- next --------------------------------------------------------------- */

/* Put the member's name into out: as stored, or as UTF-8 from wide text. */
static void
archive_name(struct archive_entry *entry, struct child *out)
{
	const char *name = archive_entry_pathname(entry);
	size_t size;

	if (name == NULL)
		name = archive_entry_pathname_utf8(entry);
	if (name == NULL)
		return;
	size = strlen(name);
	if (size > FORMAT_NAME_MAX)
		size = FORMAT_NAME_MAX;
	memcpy(out->name, name, size);
	out->name_size = (uint8_t)size;
}

/*
 * Has the member bytes?  Regular files have, even none.  Others (devices,
 * directories with a body) only if they say so; links name another member.
 */
static bool
archive_has_data(struct archive_entry *entry)
{
	bool sized = archive_entry_size_is_set(entry) != 0 &&
	    archive_entry_size(entry) > 0;

	if (archive_entry_filetype(entry) == AE_IFLNK)
		return false;
	if (archive_entry_hardlink(entry) != NULL)
		return sized;
	return sized || archive_entry_filetype(entry) == AE_IFREG;
}

/*
 * Where the bytes of a member stand in the source as they are, say where:
 * whoever reads them may then go back and forth for free.
 */
static void
archive_find_range(struct walk *w, struct child *out)
{
	if (w->kind == KIND_SEVENZIP || w->kind == KIND_RAR || w->size > 0 ||
	    out->size == SOURCE_SIZE_UNKNOWN)
		return;
	out->is_range = true;
	out->off = (uint64_t)archive_filter_bytes(w->library, 0);
}

/* Add what only the headers of a RAR 5 archive say. */
static void
archive_find_rar5(struct walk *w, struct child *out)
{
	const struct rar5_file *f = &w->rar5_file;

	if (out->size != SOURCE_SIZE_UNKNOWN && out->size != f->size) {
		w->rar5.at = 0; /* this is not the same file */
		return;
	}
	if (f->is_encrypted)
		out->obstacle = FORMAT_ENCRYPTED;
	out->is_range = f->is_stored;
	out->off = f->data;
}

/* Bring the facts up to date. */
static void
archive_count(struct walk *w, bool is_encrypted)
{
	w->encrypted += is_encrypted ? 1 : 0;
	facts_set(w->facts, FACT_MEMBERS, w->members);
	facts_set(w->facts, FACT_ENCRYPTED, w->encrypted);
}

/* Describe the member libarchive stands at. */
static void
archive_describe(struct walk *w, struct archive_entry *entry, struct child *out)
{
	*out = (struct child){ .role = CHILD_MEMBER,
		.size = SOURCE_SIZE_UNKNOWN,
		.obstacle = FORMAT_WHOLE };
	archive_name(entry, out);
	if (archive_entry_size_is_set(entry) != 0 &&
	    archive_entry_size(entry) >= 0)
		out->size = (uint64_t)archive_entry_size(entry);
	w->size = archive_entry_sparse_count(entry) > 0 ? out->size : 0;
	archive_find_range(w, out);
	w->block_size = 0;
	w->pos = 0;
	w->has_data = true;
	w->member_end = FORMAT_WHOLE;
	w->members++;
	if (w->has_rar5_file)
		archive_find_rar5(w, out);
	if (archive_entry_is_encrypted(entry) != 0)
		out->obstacle = FORMAT_ENCRYPTED;
	archive_count(w, out->obstacle == FORMAT_ENCRYPTED);
}

/*
 * Read bytes that libarchive did not use: first from the block it was given,
 * since a stream does not go back for free.
 */
static size_t
archive_reread(struct walk *w, uint64_t off, void *out, size_t size)
{
	uint64_t start = w->at - w->given;

	if (w->buf == NULL || off < start || off >= w->at)
		return source_read(w->source, off, out, size);
	if (size > w->at - off)
		size = (size_t)(w->at - off);
	memcpy(out, w->buf + (off - start), size);
	return size;
}

/*
 * libarchive takes a header of ar that is cut for the end.  Is there a part
 * of one?  A newline pads the last member to an even size.
 */
static bool
archive_is_cut(struct walk *w)
{
	uint8_t bytes[2];
	uint64_t off = (uint64_t)archive_filter_bytes(w->library, 0);
	size_t got;

	if (w->kind != KIND_AR)
		return false;
	got = archive_reread(w, off, bytes, sizeof(bytes));
	return got > 1 || (got == 1 && bytes[0] != '\n');
}

/*
 * Is there anything but zeros behind the end of a format that people put
 * behind one another?  Then describe it: it stands in the source as it is.
 */
static bool
archive_find_trailing(struct walk *w, struct child *out)
{
	uint8_t bytes[512];
	uint64_t off = (uint64_t)archive_filter_bytes(w->library, 0);
	size_t got, i = 0;

	if (w->kind == KIND_SEVENZIP || w->kind == KIND_RAR)
		return false;
	do {
		off += i;
		got = archive_reread(w, off, bytes, sizeof(bytes));
		for (i = 0; i < got && bytes[i] == 0; i++)
			;
	} while (i == got && got > 0);
	if (got == 0)
		return false;
	*out = (struct child){ .role = CHILD_MEMBER,
		.name = "trailing",
		.name_size = 8,
		.size = SOURCE_SIZE_UNKNOWN,
		.is_range = true,
		.is_rest = true,
		.off = off + i,
		.obstacle = FORMAT_WHOLE };
	if (w->source->size != SOURCE_SIZE_UNKNOWN)
		out->size = w->source->size - out->off;
	return true;
}

/*
 * libarchive looks for the next cpio header when one does not hold, past
 * members that others can read.  It says so, but not in front of the trailer:
 * that is as long as its header and name.
 */
static bool
archive_has_skipped(struct walk *w, int r)
{
	const char *said;
	int64_t size;

	if (w->kind != KIND_CPIO && w->kind != KIND_CPIO_ODC &&
	    w->kind != KIND_CPIO_CRC)
		return false;
	if (r == ARCHIVE_EOF) {
		size = archive_filter_bytes(w->library, 0) -
		    archive_read_header_position(w->library);
		return size > ARCHIVE_CPIO_TRAILER;
	}
	said = archive_error_string(w->library);
	return r == ARCHIVE_WARN && said != NULL &&
	    strncmp(said, "Skipped", strlen("Skipped")) == 0;
}

/* Step to the next header, past those that fail alone. */
static int
archive_step_header(struct walk *w, struct archive_entry **entry)
{
	unsigned int failures = 0;
	int r;

	do {
		r = archive_read_next_header(w->library, entry);
		if (r == ARCHIVE_RETRY || r == ARCHIVE_FAILED)
			failures++;
	} while ((r == ARCHIVE_RETRY || r == ARCHIVE_FAILED) &&
	    failures < ARCHIVE_FAILURES);
	if (failures > 0 && w->end == FORMAT_WHOLE)
		w->end = archive_why(w);
	else if (w->end == FORMAT_WHOLE && archive_has_skipped(w, r))
		w->end = FORMAT_MALFORMED;
	return r;
}

static enum format_end
archive_next(void *state, struct child *out)
{
	struct walk *w = state;
	struct archive_entry *entry;
	int r;

	w->has_data = false;
	while (w->stage == ARCHIVE_MEMBERS) {
		r = archive_step_header(w, &entry);
		w->has_rar5_file = (r == ARCHIVE_OK || r == ARCHIVE_WARN) &&
		    rar5_next(&w->rar5, &w->rar5_file);
		if (r == ARCHIVE_EOF) {
			w->stage = ARCHIVE_TRAILING;
			if (w->end == FORMAT_WHOLE && w->kind == KIND_RAR)
				w->end = rar5_check_end(&w->rar5);
			if (w->end == FORMAT_WHOLE && archive_is_cut(w))
				w->end = FORMAT_TRUNCATED;
		} else if (r < ARCHIVE_WARN) {
			w->stage = ARCHIVE_OVER;
			w->end = archive_why(w);
			archive_count(w, w->end == FORMAT_ENCRYPTED);
		} else if (archive_has_data(entry)) {
			archive_describe(w, entry, out);
			return FORMAT_CHILD;
		}
	}
	if (w->stage == ARCHIVE_TRAILING) {
		w->stage = ARCHIVE_OVER;
		if (archive_find_trailing(w, out))
			return FORMAT_CHILD;
	}
	return w->end;
}

/* --- read --------------------------------------------------------------- */

/* Note how the member ended. */
static void
archive_end_member(struct walk *w, enum format_end end)
{
	w->has_data = false;
	w->block_size = 0;
	w->member_end = end;
}

/* Ask libarchive for the next block of the member that is not empty. */
static void
archive_next_block(struct walk *w)
{
	const void *bytes = NULL;
	la_int64_t off = 0;
	unsigned int empty;
	int r = ARCHIVE_OK;

	for (empty = 0; w->block_size == 0; empty++) {
		r = archive_read_data_block(w->library, &bytes, &w->block_size,
		    &off);
		if ((r != ARCHIVE_OK && r != ARCHIVE_WARN) ||
		    empty == ARCHIVE_FAILURES)
			break;
	}
	w->block = bytes;
	w->block_off = (uint64_t)off;
	if (r == ARCHIVE_EOF)
		archive_end_member(w, FORMAT_WHOLE);
	else if (r != ARCHIVE_OK && r != ARCHIVE_WARN)
		archive_end_member(w, archive_why(w));
	else if (w->block_size == 0 || off < 0 || w->block_off < w->pos)
		archive_end_member(w, FORMAT_MALFORMED); /* must go forward */
}

/* Give zeros for a hole that ends at to. */
static size_t
archive_read_hole(struct walk *w, void *buf, size_t size, uint64_t to)
{
	if (size > to - w->pos)
		size = (size_t)(to - w->pos);
	memset(buf, 0, size);
	w->pos += size;
	return size;
}

static size_t
archive_read(void *state, void *buf, size_t size, enum format_end *end)
{
	struct walk *w = state;

	if (w->has_data && w->block_size == 0)
		archive_next_block(w);
	if (w->has_data && w->pos < w->block_off)
		return archive_read_hole(w, buf, size, w->block_off);
	if (w->has_data) {
		if (size > w->block_size)
			size = w->block_size;
		memcpy(buf, w->block, size);
		w->block += size;
		w->block_size -= size;
		w->block_off += size;
		w->pos += size;
		return size;
	}
	if (w->member_end == FORMAT_WHOLE && w->pos < w->size)
		return archive_read_hole(w, buf, size, w->size);
	*end = w->member_end;
	return 0;
}

static void
archive_close(void *state)
{
	struct walk *w = state;

	archive_read_free(w->library);
}

const struct format archive_opener = {
	.name = "archive",
	.open = archive_open,
	.next = archive_next,
	.read = archive_read,
	.close = archive_close,
};
