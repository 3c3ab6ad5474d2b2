/*
 * engine_test.c - whole scans, from bytes to what is said of them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/ident/ident.h"
#include "tests/t.h"
#include "tests/t_blob.h"
#include "tests/t_engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define LARGE ((size_t)40 << 20)
#define SMALL ((size_t)13 << 20) /* decoded objects are streams */

static struct t_said said;
static const struct scan_options all = { .flags = SCAN_ALL_MATCHES };

/* gzip of size bytes that are head, noise or zeros, tail. */
static struct blob
gzipped_large(const char *head, uint64_t size, bool is_noise, const char *tail)
{
	struct blob out = blob_new();
	static uint8_t piece[1 << 16];
	uint64_t state = 1, done = 0;
	z_stream z = { 0 };
	size_t i;

	out.room = (size_t)96 << 20;
	out.bytes = realloc(out.bytes, out.room);
	assert_non_null(out.bytes);
	t_eq(deflateInit2(&z, 1, Z_DEFLATED, 31, 9, Z_DEFAULT_STRATEGY), Z_OK);
	z.next_out = out.bytes;
	z.avail_out = (uInt)out.room;
	while (done < size) {
		for (i = 0; is_noise && i < sizeof(piece); i++) {
			state = state * 6364136223846793005u + 1;
			piece[i] = (uint8_t)(state >> 56) & 0xf;
		}
		if (done == 0)
			memcpy(piece, head, strlen(head));
		else if (!is_noise)
			memset(piece, 0, sizeof(piece));
		done += sizeof(piece);
		if (done >= size)
			memcpy(piece + sizeof(piece) - strlen(tail), tail,
			    strlen(tail));
		z.next_in = piece;
		z.avail_in = sizeof(piece);
		(void)deflate(&z, done >= size ? Z_FINISH : Z_NO_FLUSH);
	}
	out.size = z.total_out;
	(void)deflateEnd(&z);
	return out;
}

/* --- finding -------------------------------------------------------------- */

static void
test_plain_file_is_found_and_a_clean_one_is_not(void **state)
{
	static const char dirty[] = "some " T_MARKER " and more";
	struct t_engine *e = t_engine_new(t_marker_only, LARGE);
	const struct t_said_match *m;

	(void)state;
	t_engine_bytes(e, dirty, strlen(dirty), NULL, &said);
	t_eq(said.matches, 1);
	m = t_said_find(&said, "Marker");
	assert_non_null(m);
	t_eq(m->object, 0);
	t_eq(m->offset, 5);
	t_eq(m->size, strlen(T_MARKER));
	t_eq(said.gaps, 0);
	assert_true(said.summary.has_sha256);
	t_engine_pieces(e, dirty, strlen(dirty), NULL, &said);
	t_eq(said.matches, 1);
	t_engine_bytes(e, dirty, strlen(dirty) - 15, NULL, &said);
	t_eq(said.matches + said.gaps, 0);
	assert_false(said.summary.has_sha256);
	t_engine_bytes(e, "", 0, NULL, &said);
	t_eq(said.matches + said.gaps, 0);
	t_eq(said.summary.objects, 1);
	t_engine_free(e);
}

static struct blob
nested_sample(void)
{
	struct zip z = { 0 };

	zip_add(&z, "first", blob_text("nothing in here"));
	zip_add(&z, "second.gz", gzipped(blob_text("xx " T_MARKER)));
	return gzipped(zip_end(&z));
}

/* Something could not be looked at: SHA-256 only for who shows it. */
static void
test_a_gap_is_hashed_when_asked(void **state)
{
	static const char cut[] = "\x1f\x8b\x08\0\0\0\0\0\0\3\xff\xff\xff\xff";
	static const struct scan_options asked = { .flags = SCAN_HASH_GAPS };
	struct t_engine *e = t_engine_new(t_marker_only, LARGE);
	uint8_t want[DIGEST_SIZE_MAX];

	(void)state;
	digest_of(DIGEST_SHA256, cut, sizeof(cut), want);
	t_engine_bytes(e, cut, sizeof(cut), NULL, &said);
	assert_true(said.gaps > 0);
	assert_false(said.summary.has_sha256);
	t_engine_bytes(e, cut, sizeof(cut), &asked, &said);
	assert_true(said.gaps > 0);
	assert_true(said.summary.has_sha256);
	assert_memory_equal(said.summary.sha256, want, 32);
	t_engine_bytes(e, "clean", 5, &asked, &said);
	assert_false(said.summary.has_sha256);
	t_engine_free(e);
}

/* The file itself is read into the room given for it, if it fits. */
static void
test_a_file_may_have_room_of_its_own(void **state)
{
	static const char dirty[] = "some " T_MARKER " and more";
	size_t size = strlen(dirty), i;
	uint8_t room[100];
	struct scan_options options = { .room = room };
	struct t_engine *e = t_engine_new(t_marker_only, LARGE);
	struct blob b = nested_sample();

	(void)state;
	for (i = size - 1; i <= size + 1; i++) {
		memset(room, 0, sizeof(room));
		options.room_size = i;
		t_engine_pieces(e, dirty, size, &options, &said);
		t_eq(said.matches, 1);
		t_eq(memcmp(room, dirty, size) == 0, i >= size);
		t_eq(room[size], 0);
	}
	/* What is inside it does not go there. */
	options.room = malloc(b.size);
	assert_non_null(options.room);
	options.room_size = b.size;
	t_engine_pieces(e, b.bytes, b.size, &options, &said);
	t_eq(said.matches, 1);
	assert_memory_equal(options.room, b.bytes, b.size);
	free(options.room);
	blob_free(&b);
	t_engine_free(e);
}

/* gzip > zip > gzip > text: who is whose parent, and where it is found. */
static void
check_nested(struct t_engine *e, bool in_pieces)
{
	struct scan_options options = { .flags =
					    SCAN_ALL_MATCHES | SCAN_EXPLAIN };
	struct blob b = nested_sample();
	const struct t_said_match *m;

	if (in_pieces)
		t_engine_pieces(e, b.bytes, b.size, &options, &said);
	else
		t_engine_bytes(e, b.bytes, b.size, &options, &said);
	t_eq(said.gaps, 0);
	m = t_said_find(&said, "Marker");
	assert_non_null(m);
	t_eq(m->offset, 3);
	t_eq(said.object[0].kind, KIND_GZIP);
	t_eq(said.object[1].kind, KIND_ZIP);
	t_eq(said.object[1].parent, 0);
	t_eq(said.object[m->object].depth, 3);
	m = &said.match[0];
	t_eq(said.object[said.object[m->object].parent].kind, KIND_GZIP);
	assert_string_equal(said.object[said.object[m->object].parent].name,
	    "second.gz");
	t_eq(said.object[said.object[m->object].parent].parent, 1);
	t_eq(said.summary.kind, KIND_GZIP);
	blob_free(&b);
}

static void
test_nested_members_are_found_with_their_path(void **state)
{
	struct t_engine *e = t_engine_new(t_marker_only, LARGE);

	(void)state;
	check_nested(e, false);
	check_nested(e, true);
	t_engine_resize(e, SMALL);
	check_nested(e, false);
	check_nested(e, true);
	t_engine_free(e);
}

/* Without explain only the path of what is found is told. */
static void
test_only_the_path_of_a_finding_is_told(void **state)
{
	struct t_engine *e = t_engine_new(t_marker_only, LARGE);
	struct blob b = nested_sample();
	uint32_t i, told = 0;

	(void)state;
	t_engine_bytes(e, b.bytes, b.size, NULL, &said);
	t_eq(said.matches, 1);
	for (i = 0; i < 16; i++)
		told += said.object[i].told;
	t_eq(told, 4);
	blob_free(&b);
	t_engine_free(e);
}

static void
test_first_match_is_the_lowest_kind_and_index(void **state)
{
	const struct t_signatures texts[] = {
		{ "t.ldb", "Zeta;Engine:51-255,Target:0;0;" T_MARKER_HEX "\n" },
		{ "t.ndb",
		    "Body.Second:0:*:" T_MARKER_HEX "\n"
		    "Body.Third:0:0:" T_MARKER_HEX "\n" },
		{ "t.hdb",
		    hash_line(DIGEST_MD5, T_MARKER, strlen(T_MARKER), false) },
		{ NULL, NULL }
	};
	struct t_engine *e = t_engine_new(texts, LARGE);

	(void)state;
	t_engine_bytes(e, T_MARKER, strlen(T_MARKER), NULL, &said);
	t_eq(said.matches, 1);
	assert_string_equal(said.match[0].name, "Hash");
	t_engine_bytes(e, T_MARKER "+", strlen(T_MARKER) + 1, NULL, &said);
	t_eq(said.matches, 1);
	assert_string_equal(said.match[0].name, "Body.Second");
	t_engine_bytes(e, T_MARKER, strlen(T_MARKER), &all, &said);
	t_eq(said.matches, 4);
	assert_string_equal(said.match[0].name, "Hash");
	assert_string_equal(said.match[1].name, "Body.Second");
	assert_string_equal(said.match[2].name, "Body.Third");
	assert_string_equal(said.match[3].name, "Zeta");
	t_engine_free(e);
}

/* --- limits --------------------------------------------------------------- */

static void
test_depth_ends_in_a_limit_and_views_do_not_count(void **state)
{
	struct t_engine *e = t_engine_new(t_marker_only, (size_t)192 << 20);
	struct scan_options options = all;
	struct blob b = blob_text("plain text, and: " T_MARKER "\n");
	uint32_t i;

	(void)state;
	for (i = 0; i < 40; i++)
		b = gzipped(b);
	t_engine_bytes(e, b.bytes, b.size, &all, &said);
	t_eq(said.matches, 0);
	assert_true(t_said_only(&said, UNSCANNED_LIMIT));
	t_eq(said.summary.objects, 17);
	options.limits.max_depth = UINT32_MAX;
	t_engine_bytes(e, b.bytes, b.size, &options, &said);
	assert_true(t_said_only(&said, UNSCANNED_LIMIT));
	blob_free(&b);
	for (i = 1; i <= 30; i++) {
		uint32_t k;

		b = blob_text("plain text, and: " T_MARKER "\n");
		for (k = 0; k < i; k++)
			b = gzipped(b);
		options.limits.max_depth = i;
		t_engine_bytes(e, b.bytes, b.size, &options, &said);
		t_eq(said.gaps, 0);
		t_eq(said.matches, 1);
		options.limits.max_depth = i - 1;
		if (i > 1) {
			t_engine_bytes(e, b.bytes, b.size, &options, &said);
			t_eq(said.matches, 0);
			t_eq(said.gap_count[UNSCANNED_LIMIT], 1);
		}
		blob_free(&b);
	}
	t_engine_free(e);
}

static void
test_count_ends_in_a_limit_after_what_was_found(void **state)
{
	struct t_engine *e = t_engine_new(t_marker_only, LARGE);
	struct scan_options options = all;
	struct zip z = { 0 };
	struct blob b;
	int i;

	(void)state;
	options.limits.max_objects = 10;
	zip_add(&z, "bad", gzipped(blob_text(T_MARKER)));
	for (i = 0; i < 50; i++)
		zip_add(&z, "more", blob_text("\1\2\3"));
	zip_add(&z, "late", gzipped(blob_text(T_MARKER)));
	b = zip_end(&z);
	t_engine_bytes(e, b.bytes, b.size, &options, &said);
	t_eq(said.matches, 1);
	assert_true(t_said_only(&said, UNSCANNED_LIMIT));
	assert_true(said.summary.objects <= 10);
	assert_true(said.summary.had_oddity);
	options.limits.max_objects = 0;
	t_engine_bytes(e, b.bytes, b.size, &options, &said);
	t_eq(said.matches, 2);
	t_eq(said.gaps, 0);
	blob_free(&b);
	t_engine_free(e);
}

static void
check_bytes_limit(struct t_engine *e, const struct scan_options *options,
    uint64_t most)
{
	struct blob b =
	    gzipped_large(T_MARKER, (uint64_t)40 << 20, false, T_MARKER);

	t_engine_bytes(e, b.bytes, b.size, options, &said);
	t_eq(said.matches, 1);
	t_eq(said.match[0].offset, 0);
	assert_true(t_said_only(&said, UNSCANNED_LIMIT));
	assert_true(said.summary.bytes <= b.size + most);
	blob_free(&b);
}

static void
test_decoded_bytes_end_in_a_limit_after_what_was_found(void **state)
{
	struct t_engine *e = t_engine_new(t_marker_only, SMALL);
	struct scan_options options = all;
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		options = all;
		options.limits.max_total = 3000000;
		check_bytes_limit(e, &options, 3 * 3000000);
		options = all;
		options.limits.max_ratio = 20;
		check_bytes_limit(e, &options, (uint64_t)20 << 20);
		options = all;
		options.limits.max_object_size = 1000000;
		check_bytes_limit(e, &options, 1000000);
		t_engine_resize(e, (size_t)150 << 20);
	}
	t_engine_free(e);
}

/* --- large objects -------------------------------------------------------- */

/* Zeros without end but for the marker at one place. */
struct sparse {
	uint64_t at;
	uint64_t reads;
};

static size_t
sparse_read(struct source *s, uint64_t off, void *buf, size_t size)
{
	struct sparse *sparse = s->ctx;
	uint8_t *to = buf;
	uint64_t i;

	sparse->reads++;
	if (off >= s->size)
		return 0;
	if (size > s->size - off)
		size = (size_t)(s->size - off);
	memset(buf, 0, size);
	for (i = 0; i < strlen(T_MARKER); i++) {
		if (sparse->at + i >= off && sparse->at + i - off < size)
			to[sparse->at + i - off] = (uint8_t)T_MARKER[i];
	}
	return size;
}

static void
test_patterns_across_seams_of_a_large_file_are_found(void **state)
{
	static const struct t_signatures texts[] = {
		{ "t.ndb",
		    "Marker:0:*:" T_MARKER_HEX "\nEnd:0:EOF-28:"
		    "63616e646f7220\n" },
		{ NULL, NULL }
	};
	struct t_engine *e = t_engine_new(texts, SMALL);
	const uint64_t size = (uint64_t)65 << 20;
	static const uint64_t seams[] = { 1 << 19, 1 << 20, 3 << 19, 2 << 20,
		32 << 20, 33 << 20, 64 << 20 };
	struct sparse sparse;
	struct source file;
	size_t i;

	(void)state;
	for (i = 0; i < 3 * sizeof(seams) / sizeof(*seams); i++) {
		sparse.at = seams[i / 3] - 14 * (i % 3);
		file = (struct source){
			.size = size, .read = sparse_read, .ctx = &sparse
		};
		t_engine_scan(e, &file, &all, &said);
		t_eq(said.matches, 1);
		t_eq(said.gaps, 0);
		t_eq(said.match[0].offset, sparse.at);
		assert_true(said.summary.bytes == size);
	}
	sparse.at = size - strlen(T_MARKER);
	file = (struct source){
		.size = size, .read = sparse_read, .ctx = &sparse
	};
	t_engine_scan(e, &file, &all, &said);
	t_eq(said.matches, 2);
	t_engine_free(e);
}

/* A decoded object far larger than memory; hashes of it restart the decoder. */
static void
test_streams_larger_than_memory_are_searched_and_hashed(void **state)
{
	const uint64_t size = (uint64_t)24 << 20;
	struct blob b = gzipped_large("x", size, true, T_MARKER), whole;
	uint8_t *plain = malloc(size + 1);
	z_stream z = { 0 };
	struct t_engine *e;

	(void)state;
	assert_non_null(plain);
	t_eq(inflateInit2(&z, 31), Z_OK);
	z.next_in = b.bytes;
	z.avail_in = (uInt)b.size;
	z.next_out = plain;
	z.avail_out = (uInt)size + 1;
	t_eq(inflate(&z, Z_FINISH), Z_STREAM_END);
	t_eq(z.total_out, size);
	(void)inflateEnd(&z);
	{
		const struct t_signatures texts[] = { t_marker_only[0],
			{ "t.hsb",
			    hash_line(DIGEST_SHA256, plain, size, false) },
			{ NULL, NULL } };

		e = t_engine_new(texts, SMALL);
	}
	t_engine_bytes(e, b.bytes, b.size, &all, &said);
	t_eq(said.gaps, 0);
	t_eq(said.matches, 2);
	t_eq(t_said_find(&said, "Marker")->offset, size - strlen(T_MARKER));
	assert_non_null(t_said_find(&said, "Hash"));
	/* A stream in a stream: both restart. */
	whole = gzipped(b);
	t_engine_pieces(e, whole.bytes, whole.size, &all, &said);
	t_eq(said.gaps, 0);
	t_eq(said.matches, 2);
	t_eq(said.object[said.match[0].object].depth, 2);
	blob_free(&whole);
	free(plain);
	t_engine_free(e);
}

/* What follows a compressed file found inside another is searched once. */
static void
test_what_follows_a_found_file_is_searched_once(void **state)
{
	const size_t size = BLOB_ROOM - 4096;
	struct t_engine *e = t_engine_new(t_marker_only, LARGE);
	struct blob b = blob_new(), one;
	size_t i;

	(void)state;
	memset(b.bytes, 1, size);
	for (i = 1; i <= 6; i++) {
		one = gzipped(blob_text(i < 6 ? "clean" : T_MARKER));
		memcpy(b.bytes + i * 1000, one.bytes, one.size);
		blob_free(&one);
	}
	memcpy(b.bytes + size - 5000, T_MARKER, strlen(T_MARKER));
	for (i = 0; i < 2; i++) {
		t_engine_pieces(e, b.bytes, size, &all, &said);
		t_eq(said.gaps, 0);
		t_eq(said.summary.objects, 1 + 6 * 3); /* gzip, text, view */
		t_eq(said.matches, 2);
		t_eq(said.match[0].object, 0);
		t_eq(said.match[0].offset, size - 5000);
		t_eq(said.match[1].offset, 0);
		assert_true(said.summary.bytes < size + 7 * 65536);
		t_engine_resize(e, SMALL); /* which the file is larger than */
	}
	blob_free(&b);
	t_engine_free(e);
}

/* --- trouble -------------------------------------------------------------- */

static void
test_a_detection_is_told_beside_a_gap(void **state)
{
	struct t_engine *e = t_engine_new(t_marker_only, LARGE);
	struct blob b = gzipped_large(T_MARKER, 300000, true, "end");
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		t_engine_bytes(e, b.bytes, b.size / 2, &all, &said);
		t_eq(said.matches, 1);
		assert_true(t_said_only(&said, UNSCANNED_CORRUPT));
		t_engine_bytes(e, b.bytes, b.size / 2, NULL, &said);
		t_eq(said.matches, 1);
		t_engine_resize(e, SMALL);
	}
	blob_free(&b);
	t_engine_free(e);
}

/* A file that is shorter than it was said to be when it is read. */
static size_t
shrunk_read(struct source *s, uint64_t off, void *buf, size_t size)
{
	const struct blob *b = s->ctx;
	struct source left = source_from(b->bytes, b->size);

	return source_read(&left, off, buf, size);
}

static void
test_a_shrinking_file_is_not_clean(void **state)
{
	struct t_engine *e = t_engine_new(t_marker_only, LARGE);
	struct blob b = blob_text(T_MARKER " and what was written behind");
	struct source file = { .size = 5000, .read = shrunk_read, .ctx = &b };
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		file.size = i == 0 ? 5000 : (uint64_t)64 << 20;
		t_engine_scan(e, &file, &all, &said);
		t_eq(said.matches, 1);
		assert_true(said.gap_count[UNSCANNED_CHANGED] > 0);
	}
	blob_free(&b);
	t_engine_free(e);
}

/* Told to stop at every question: never clean, never confused. */
static void
test_told_to_stop_at_every_question(void **state)
{
	struct t_engine *e = t_engine_new(t_marker_only, LARGE);
	struct blob b = nested_sample();
	uint64_t asked, i;
	bool late_found = false;

	(void)state;
	said.stop_at = 0;
	t_engine_bytes(e, b.bytes, b.size, &all, &said);
	asked = said.asked;
	assert_true(asked > 5);
	for (i = 1; i <= asked; i++) {
		said.stop_at = i;
		t_engine_bytes(e, b.bytes, b.size, &all, &said);
		/* What comes after the last gap can be the file's own hash. */
		assert_true(said.gap_count[UNSCANNED_TIMEOUT] == 1 ||
		    (said.matches == 1 && !said.summary.has_sha256));
		late_found = late_found || said.matches > 0;
	}
	assert_true(late_found);
	said.stop_at = 0;
	blob_free(&b);
	t_engine_free(e);
}

/* What was read of a large object before time ran out is still told. */
static void
test_timeout_tells_what_was_found_before(void **state)
{
	struct t_engine *e = t_engine_new(t_marker_only, SMALL);
	struct sparse sparse = { .at = 100 };
	struct source file = {
		.size = (uint64_t)64 << 20, .read = sparse_read, .ctx = &sparse
	};

	(void)state;
	said.stop_at = 20;
	t_engine_scan(e, &file, &all, &said);
	t_eq(said.gap_count[UNSCANNED_TIMEOUT], 1);
	t_eq(said.matches, 1);
	assert_true(said.summary.bytes < file.size);
	said.stop_at = 0;
	t_engine_free(e);
}

static void
test_encrypted_and_closed_kinds_say_so(void **state)
{
	struct t_engine *e = t_engine_new(t_marker_only, LARGE);
	static const struct cur word = { .base = (const uint8_t *)"secret",
		.size = 6 };
	static const struct passwords passwords = { &word, 1 };
	struct scan_options options = { .passwords = &passwords };
	struct blob b = corpus("../zip/encrypted.zip");

	(void)state;
	t_engine_bytes(e, b.bytes, b.size, &options, &said);
	t_eq(said.gap_count[UNSCANNED_ENCRYPTED], 0);
	t_engine_bytes(e, b.bytes, b.size, &all, &said);
	t_eq(said.matches, 0);
	assert_true(said.gap_count[UNSCANNED_ENCRYPTED] > 0);
	blob_free(&b);
	t_engine_bytes(e, "{\\rtf1 text}", 12, &all, &said);
	assert_true(t_said_only(&said, UNSCANNED_UNSUPPORTED));
	t_engine_free(e);
}

/* --- views ---------------------------------------------------------------- */

static void
test_a_rule_found_in_text_and_its_view_is_told_once(void **state)
{
	static const struct t_signatures texts[] = {
		{ "t.ndb",
		    "Raw:0:*:" T_MARKER_HEX "\n"
		    "Text:7:*:" T_MARKER_HEX "\n"
		    "Lower:7:*:6c6f7765722063617365\n" },
		{ NULL, NULL }
	};
	struct t_engine *e = t_engine_new(texts, LARGE);
	static const char text[] =
	    "text: " T_MARKER " LOWER  \n CASE, a bit more\n";
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		t_engine_bytes(e, text, strlen(text), &all, &said);
		t_eq(said.gaps, 0);
		t_eq(said.matches, 3);
		assert_non_null(t_said_find(&said, "Raw"));
		t_eq(t_said_find(&said, "Raw")->view, CHILD_MEMBER);
		t_eq(t_said_find(&said, "Text")->view, CHILD_TEXT_VIEW);
		t_eq(t_said_find(&said, "Lower")->view, CHILD_TEXT_VIEW);
		t_engine_resize(e, SMALL);
	}
	t_engine_free(e);
}

/* --- memory --------------------------------------------------------------- */

/* From nothing to enough: refused, or a gap, or found; never less. */
static void
sweep_arena(const struct blob *b, size_t *enough)
{
	struct t_engine *e = t_engine_new(t_marker_only, LARGE);
	size_t size;
	bool was_found = false;

	*enough = 0;
	for (size = 0; size <= LARGE;
	     size += size < SMALL ? 97 << 10 : 999999) {
		t_engine_resize(e, size);
		if (e->engine == NULL)
			continue;
		t_engine_bytes(e, b->bytes, b->size, &all, &said);
		assert_true(said.matches > 0 || said.gaps > 0);
		was_found = said.matches == 1 && said.gaps == 0;
		if (was_found && *enough == 0)
			*enough = size;
		t_engine_pieces(e, b->bytes, b->size, &all, &said);
		assert_true(said.matches > 0 || said.gaps > 0);
	}
	assert_true(was_found);
	t_engine_free(e);
}

static void
test_every_size_of_memory_finds_or_says_why_not(void **state)
{
	struct blob b = nested_sample();
	size_t enough;

	(void)state;
	sweep_arena(&b, &enough);
	assert_true(enough > 0 && enough < SMALL);
	blob_free(&b);
	b = gzipped_large("x", (uint64_t)3 << 20, false, T_MARKER);
	sweep_arena(&b, &enough);
	assert_true(enough > 0 && enough < (size_t)2 * SMALL);
	blob_free(&b);
}

static void
test_too_many_databases_or_too_little_memory_is_refused(void **state)
{
	struct t_engine *e = t_engine_new(t_marker_only, LARGE);
	static struct db many[DB_MAX + 1];
	struct why why = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < DB_MAX + 1; i++)
		many[i] = e->db;
	arena_reset(&e->arena, 0);
	assert_null(engine_open(&e->arena, many, DB_MAX + 1, &why));
	t_eq(why.kind, WHY_LIMIT);
	arena_init(&e->arena, e->memory, 100000);
	assert_null(engine_open(&e->arena, many, 1, &why));
	t_eq(why.kind, WHY_LIMIT);
	t_engine_free(e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_plain_file_is_found_and_a_clean_one_is_not),
		cmocka_unit_test(test_a_gap_is_hashed_when_asked),
		cmocka_unit_test(test_a_file_may_have_room_of_its_own),
		cmocka_unit_test(test_nested_members_are_found_with_their_path),
		cmocka_unit_test(test_only_the_path_of_a_finding_is_told),
		cmocka_unit_test(test_first_match_is_the_lowest_kind_and_index),
		cmocka_unit_test(
		    test_depth_ends_in_a_limit_and_views_do_not_count),
		cmocka_unit_test(
		    test_count_ends_in_a_limit_after_what_was_found),
		cmocka_unit_test(
		    test_decoded_bytes_end_in_a_limit_after_what_was_found),
		cmocka_unit_test(
		    test_patterns_across_seams_of_a_large_file_are_found),
		cmocka_unit_test(
		    test_streams_larger_than_memory_are_searched_and_hashed),
		cmocka_unit_test(
		    test_what_follows_a_found_file_is_searched_once),
		cmocka_unit_test(test_a_detection_is_told_beside_a_gap),
		cmocka_unit_test(test_a_shrinking_file_is_not_clean),
		cmocka_unit_test(test_told_to_stop_at_every_question),
		cmocka_unit_test(test_timeout_tells_what_was_found_before),
		cmocka_unit_test(test_encrypted_and_closed_kinds_say_so),
		cmocka_unit_test(
		    test_a_rule_found_in_text_and_its_view_is_told_once),
		cmocka_unit_test(
		    test_every_size_of_memory_finds_or_says_why_not),
		cmocka_unit_test(
		    test_too_many_databases_or_too_little_memory_is_refused),
	};

	(void)formats_warm();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
