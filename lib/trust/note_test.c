/*
 * note_test.c - notes and cosignatures, and everything that must be refused.
 *
 * The keys are of a test log: their seeds are published.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/base/base64.h"
#include "lib/trust/note.h"
#include "tests/t.h"

#include <stdio.h>
#include <string.h>

#define LOG_KEY                       \
	"log.candor.example/db-main+" \
	"212f7c95+AfrCNm6SA4bHF1T5Pixmn6l4MEGjx0NzIDaPdigxVe3j"
#define WITNESS_KEY           \
	"witness1.example/w+" \
	"026235c7+BCO85jqpFjRiPtGF8sEu/0Lwfu6bqYlzeTPfJoHI1Dv0"
#define OTHER_KEY             \
	"witness4.example/w+" \
	"8e5fba9e+BHRgnMg3a2k8yxDQDQtFpUNv4MSuUEq/oZQy4vWyyAiT"

#define TEXT                              \
	"log.candor.example/db-main\n7\n" \
	"+M23RON20kcq7aK52o2/ounoXI6SehRnNtdoFxSwf6w=\n"
#define DASH "\xe2\x80\x94 "
#define LOG_LINE                                                       \
	DASH "log.candor.example/db-main "                             \
	     "IS98lQX/j+ulw4fi4nNICutPM2UA+V8A/hKOdQUf48WpVtbV0uoSmv/" \
	     "1TadnoFo9CyydovQjomIe8IW+XG1KmUowLws=\n"
#define WITNESS_LINE                                                     \
	DASH "witness1.example/w "                                       \
	     "AmI1xwAAAABndOpIguTA+nq6i3xv4sRKM7/"                       \
	     "U6oHi922Xr2pWFnz3s9zoe24aEjTZYWeYvXbZslbVg97JauJ7Qf3fcEGv" \
	     "EhXScTt2DA==\n"

static void
read_key(const char *text, struct vkey *out)
{
	struct why why;

	assert_true(vkey_read(cur_from(text, strlen(text)), out, &why));
}

static bool
read_note(const char *text, struct note *n)
{
	size_t size = strlen(text);
	struct why why;

	return note_read(cur_from(t_fence(text, size), size), n, &why);
}

static void
test_signed_and_cosigned(void **state)
{
	struct note_signature s[3];
	struct vkey key[3];
	struct note n;
	struct why why;

	(void)state;
	read_key(LOG_KEY, &key[0]);
	read_key(WITNESS_KEY, &key[1]);
	read_key(OTHER_KEY, &key[2]);
	assert_true(read_note(TEXT "\n" LOG_LINE WITNESS_LINE, &n));
	assert_true(cur_is(&n.text, TEXT));
	assert_true(note_verify(&n, key, 3, s, &why));
	assert_true(s[0].is_there && s[1].is_there);
	assert_false(s[2].is_there);
	t_eq(s[1].time, 0x6774ea48);
}

/* A signature of a key that is known and does not hold refuses it all. */
static void
test_changed(void **state)
{
	char text[1024];
	struct note_signature s[2];
	struct vkey key[2];
	struct note n;
	struct why why;
	size_t i, size;

	(void)state;
	read_key(LOG_KEY, &key[0]);
	read_key(WITNESS_KEY, &key[1]);
	strcpy(text, TEXT "\n" LOG_LINE WITNESS_LINE);
	size = strlen(TEXT);
	for (i = 0; i < size; i++) {
		text[i] ^= 1;
		if (read_note(text, &n))
			assert_false(note_verify(&n, key, 2, s, &why));
		text[i] ^= 1;
	}
	/* A bit of a signature, in either of its two lines. */
	strstr(text, "IS98lQX/j")[8] ^= 1;
	assert_true(read_note(text, &n));
	assert_false(note_verify(&n, key, 2, s, &why));
	assert_true(note_verify(&n, key + 1, 1, s, &why));
}

/* A signature line of these bytes behind a key's ID. */
static void
add_line(char *text, const struct vkey *k, const uint8_t *bytes, size_t size)
{
	uint8_t payload[4 + 128];
	char letters[256];
	size_t at = strlen(text);

	memcpy(payload, k->id, 4);
	memcpy(payload + 4, bytes, size);
	base64_write(payload, 4 + size, letters);
	(void)snprintf(text + at, 4096 - at, DASH "%s %s\n", k->name, letters);
}

/* A cosigner whose secret is known here. */
static void
make_witness(uint8_t seed[ED25519_SEED], struct vkey *k)
{
	memset(seed, 7, ED25519_SEED);
	memset(k, 0, sizeof(*k));
	strcpy(k->name, "witness.example/w");
	k->type = VKEY_COSIGNATURE;
	assert_true(ed25519_public(seed, k->key));
	vkey_make_id(k);
}

/* A time beyond 2^63 is none, though it is signed. */
static void
test_time_beyond(void **state)
{
	static char text[4096];
	uint8_t seed[ED25519_SEED], said[8 + ED25519_SIGNATURE] = { 0x80 };
	static const char signed_text[] =
	    "cosignature/v1\ntime 9223372036854775808\n" TEXT;
	struct note_signature s;
	struct vkey k;
	struct note n;
	struct why why;

	(void)state;
	make_witness(seed, &k);
	assert_true(ed25519_sign(seed, signed_text, sizeof(signed_text) - 1,
	    said + 8));
	strcpy(text, TEXT "\n");
	add_line(text, &k, said, sizeof(said));
	assert_true(read_note(text, &n));
	assert_false(note_verify(&n, &k, 1, &s, &why));
}

/* A cosignature is of one text and one time, and no plain signature. */
static void
test_replayed(void **state)
{
	static char text[4096];
	uint8_t seed[ED25519_SEED], said[ED25519_SIGNATURE];
	char line[NOTE_LINE_MAX];
	struct note_signature s;
	struct vkey k;
	struct note n;
	struct why why;

	(void)state;
	make_witness(seed, &k);
	assert_true(note_cosign(cur_from(TEXT, strlen(TEXT)), 1000, &k, seed,
	    line));
	(void)snprintf(text, sizeof(text), "%s\n%s", TEXT, line);
	assert_true(read_note(text, &n));
	assert_true(note_verify(&n, &k, 1, &s, &why));
	t_eq(s.time, 1000);
	/* Of another size. */
	*strchr(text, '7') = '8';
	assert_true(read_note(text, &n));
	assert_false(note_verify(&n, &k, 1, &s, &why));
	/* A plain signature by a cosigner's key, and the other way round. */
	assert_true(ed25519_sign(seed, TEXT, strlen(TEXT), said));
	strcpy(text, TEXT "\n");
	add_line(text, &k, said, sizeof(said));
	assert_true(read_note(text, &n));
	assert_false(note_verify(&n, &k, 1, &s, &why));
	k.type = VKEY_NOTE; /* but the ID of the other type: that's it */
	assert_true(note_verify(&n, &k, 1, &s, &why));
	vkey_make_id(&k);
	(void)snprintf(text, sizeof(text), "%s\n%s", TEXT, line);
	assert_true(read_note(text, &n));
	assert_true(note_verify(&n, &k, 1, &s, &why));
	assert_false(s.is_there); /* the ID is of another type: unknown */
}

static void
test_keys(void **state)
{
	static const char *const bad[] = { "", "a", "a+b", "+212f7c95+AAAA",
		"a b+212f7c95+AAAA",
		/* ID of another name; type 6; too short; not base64 */
		"log2.candor.example/db-main+"
		"212f7c95+AfrCNm6SA4bHF1T5Pixmn6l4MEGjx0NzIDaPdigxVe3j",
		"log.candor.example/db-main+"
		"212f7c95+BvrCNm6SA4bHF1T5Pixmn6l4MEGjx0NzIDaPdigxVe3j",
		"log.candor.example/db-main+212f7c95+AfrCNm6SA4bH",
		"log.candor.example/db-main+"
		"212f7c95+AfrCNm6SA4bHF1T5Pixmn6l4MEGjx0NzIDaPdigxVe3j\n",
		"log.candor.example/db-main+"
		"212f7c9+AfrCNm6SA4bHF1T5Pixmn6l4MEGjx0NzIDaPdigxVe3j" };
	struct vkey key;
	struct why why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (vkey_read(cur_from(bad[i], strlen(bad[i])), &key, &why))
			fail_msg("%s", bad[i]);
}

static void
test_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"\n",
		TEXT,
		TEXT "\n",
		TEXT LOG_LINE,              /* no empty line */
		TEXT "\n" DASH "a IS98lQX", /* no newline at the end */
		"a\r\n\n" LOG_LINE,         /* CR */
		"a\tb\n\n" LOG_LINE,        /* TAB */
		"a\x01\n\n" LOG_LINE,
		"a\xff\n\n" LOG_LINE,            /* not UTF-8 */
		"a\xed\xa0\x80\n\n" LOG_LINE,    /* a surrogate */
		"a\xc0\xaf\n\n" LOG_LINE,        /* not the shortest form */
		TEXT "\n" DASH "a+b AAAAAAA=\n", /* plus in a name */
		TEXT "\n" DASH " AAAAAAA=\n",    /* no name */
		TEXT "\n" DASH "a\xc2\xa0"
		     "b AAAAAAA=\n",
		TEXT "\n" DASH "a AAAA\n", /* shorter than an ID and one */
		TEXT "\n" DASH "a AAAAAA==\n",
		TEXT "\n" DASH "a AAAAAAB=\n", /* bits behind the end */
		TEXT "\n" DASH "a AAAAAAA\n",  /* no padding */
		TEXT "\n" DASH "a  AAAAAAA=\n",
		TEXT "\n" DASH "a AAAAAAA= \n",
		TEXT "\n- a AAAAAAA=\n", /* another dash */
		TEXT "\n" LOG_LINE "text behind\n",
	};
	struct note n;
	struct why why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (read_note(bad[i], &n))
			fail_msg("%zu: %s", i, bad[i]);
	assert_true(read_note(TEXT "\n" DASH "a AAAAAAA=\n", &n));
	assert_true(read_note("one\n\ntwo\n\n" DASH "a AAAAAAA=\n", &n));
	assert_true(cur_is(&n.text, "one\n\ntwo\n"));
	assert_false(note_read(cur_from("a\0\n\n" DASH "a AAAAAAA=\n",
				   sizeof("a\0\n\n" DASH "a AAAAAAA=\n") - 1),
	    &n, &why));
}

static void
test_limits(void **state)
{
	static char text[NOTE_MAX + 64];
	static const char line[] = DASH "a AAAAAAA=\n";
	size_t i, at = 3;
	struct note n;

	(void)state;
	memcpy(text, "a\n\n", 3);
	for (i = 0; i < NOTE_LINES_MAX; i++, at += sizeof(line) - 1)
		memcpy(text + at, line, sizeof(line));
	assert_true(read_note(text, &n));
	memcpy(text + at, line, sizeof(line));
	assert_false(read_note(text, &n));
	memset(text, 'a', NOTE_MAX);
	strcpy(text + NOTE_MAX - 1, "\n\n");
	strcat(text, line);
	assert_false(read_note(text, &n));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_signed_and_cosigned),
		cmocka_unit_test(test_changed),
		cmocka_unit_test(test_time_beyond),
		cmocka_unit_test(test_replayed),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
