/*
 * held.c - what is written down about a file in quarantine.  See held.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/quarantine/held.h"

#include "lib/base/ascii.h"
#include "lib/base/ckd.h"
#include "lib/base/hex.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char head[] = "[Quarantine]";
static const char foot[] = "[End]";
static const char *const state_text[] = {
	[HELD_COPIED] = "copied",
	[HELD_MOVED] = "moved",
};

/* The numbers, each a line. */
struct number_row {
	const char *key;
	size_t offset; /* of a 64-bit field */
};
#define NUMBER(key, field)                        \
	{                                         \
		key, offsetof(struct held, field) \
	}
static const struct number_row number_row[] = {
	NUMBER("Time", time),
	NUMBER("Size", size),
	NUMBER("Device", device),
	NUMBER("Inode", inode),
	NUMBER("FolderDevice", folder_device),
	NUMBER("FolderInode", folder_inode),
	NUMBER("Links", links),
	NUMBER("AccessSeconds", attributes.atime_s),
	NUMBER("WrittenSeconds", attributes.mtime_s),
};
static const struct number_row small_row[] = {
	NUMBER("Mode", attributes.mode),
	NUMBER("Uid", attributes.uid),
	NUMBER("Gid", attributes.gid),
	NUMBER("AccessNanoseconds", attributes.atime_ns),
	NUMBER("WrittenNanoseconds", attributes.mtime_ns),
};
#undef NUMBER

#define ROWS(rows) (sizeof(rows) / sizeof((rows)[0]))
/* Every one of them must be there, once; and Path, State and Sha256. */
#define SEEN_ALL   ((1u << (ROWS(number_row) + ROWS(small_row) + 3)) - 1)

void
held_add_signature(struct held *h, const void *name, size_t size)
{
	char *copy;

	if (h->signature_count == HELD_SIGNATURES)
		return;
	copy = malloc(size + 1);
	if (copy == NULL)
		return;
	memcpy(copy, name, size);
	copy[size] = '\0';
	h->signature[h->signature_count++] = copy;
}

void
held_free(struct held *h)
{
	size_t i;

	for (i = 0; i < h->signature_count; i++)
		free(h->signature[i]);
	free(h->path);
	attributes_free(&h->attributes);
	memset(h, 0, sizeof(*h));
}

/* --- writing ------------------------------------------------------------ */

static void
write_bytes(FILE *to, const void *bytes, size_t size)
{
	const uint8_t *b = bytes;
	size_t i;

	for (i = 0; i < size; i++)
		if (b[i] > ' ' && b[i] < 127 && b[i] != '%' && b[i] != '=')
			putc(b[i], to);
		else
			fprintf(to, "%%%02X", b[i]);
}

static void
write_line(FILE *to, const char *key, const char *value)
{
	fprintf(to, "%s=", key);
	write_bytes(to, value, strlen(value));
	putc('\n', to);
}

void
held_write(FILE *to, const struct held *h)
{
	const struct attributes *a = &h->attributes;
	const char *base = (const char *)h;
	char sha256[65];
	uint64_t wide;
	uint32_t small;
	size_t i;

	fprintf(to, "%s\n", head);
	write_line(to, "State", state_text[h->state]);
	write_line(to, "Path", h->path);
	hex_write(h->sha256, sizeof(h->sha256), sha256);
	write_line(to, "Sha256", sha256);
	for (i = 0; i < ROWS(number_row); i++) {
		memcpy(&wide, base + number_row[i].offset, sizeof(wide));
		fprintf(to, "%s=%" PRIu64 "\n", number_row[i].key, wide);
	}
	for (i = 0; i < ROWS(small_row); i++) {
		memcpy(&small, base + small_row[i].offset, sizeof(small));
		fprintf(to, "%s=%" PRIu32 "\n", small_row[i].key, small);
	}
	if (a->has_flags)
		fprintf(to, "Flags=%" PRIu32 "\n", a->flags);
	for (i = 0; i < h->signature_count; i++)
		write_line(to, "Signature", h->signature[i]);
	for (i = 0; i < a->extended_count; i++) {
		fputs("Attribute=", to);
		write_bytes(to, a->extended[i].name,
		    strlen(a->extended[i].name));
		putc('=', to);
		write_bytes(to, a->extended[i].value, a->extended[i].size);
		putc('\n', to);
	}
	fprintf(to, "%s\n", foot);
}

/* --- reading ------------------------------------------------------------ */

/* Take the escapes off; a new block with a zero behind it, or NULL. */
static char *
read_bytes(struct cur value, size_t *size)
{
	char *out = malloc(cur_left(&value) + 1);
	size_t n = 0;

	while (out != NULL && cur_left(&value) > 0) {
		uint8_t c = cur_u8(&value);

		if (c == '%') {
			int high = ascii_hex(cur_u8(&value));
			int low = ascii_hex(cur_u8(&value));

			if (high < 0 || low < 0 || !cur_ok(&value)) {
				free(out);
				return NULL;
			}
			c = (uint8_t)(high << 4 | low);
		}
		out[n++] = (char)c;
	}
	if (out != NULL)
		out[n] = '\0';
	*size = n;
	return out;
}

static bool
read_number(struct cur value, uint64_t most, uint64_t *out)
{
	uint64_t n = 0;

	if (cur_left(&value) == 0)
		return false;
	while (cur_left(&value) > 0) {
		uint8_t c = cur_u8(&value);

		if (c < '0' || c > '9' || ckd_mul(&n, n, (uint64_t)10) ||
		    ckd_add(&n, n, (uint64_t)(c - '0')) || n > most)
			return false;
	}
	*out = n;
	return true;
}

static bool
read_attribute(struct cur value, struct held *h)
{
	struct cur name;
	char *n = NULL, *v = NULL;
	size_t name_size = 0, value_size = 0;
	bool good = cur_until(&value, '=', &name);

	if (good) {
		n = read_bytes(name, &name_size);
		v = read_bytes(value, &value_size);
	}
	good = good && n != NULL && v != NULL && name_size > 0 &&
	    strlen(n) == name_size &&
	    attributes_add(&h->attributes, n, v, value_size);
	free(n);
	free(v);
	return good;
}

/* The lines that are words or bytes; *bit is which one it was. */
static bool
read_text_line(struct cur key, struct cur value, struct held *h, unsigned *bit)
{
	unsigned first = (unsigned)(ROWS(number_row) + ROWS(small_row));
	size_t size = 0;
	uint64_t n;

	if (cur_is(&key, "State")) {
		*bit = first;
		h->state = cur_is(&value, state_text[HELD_MOVED]) ? HELD_MOVED
								  : HELD_COPIED;
		return h->state == HELD_MOVED ||
		    cur_is(&value, state_text[HELD_COPIED]);
	}
	if (cur_is(&key, "Path")) {
		*bit = first + 1;
		free(h->path);
		h->path = read_bytes(value, &size);
		return h->path != NULL && h->path[0] == '/' &&
		    strlen(h->path) == size;
	}
	if (cur_is(&key, "Sha256")) {
		*bit = first + 2;
		return hex_read(value, h->sha256, sizeof(h->sha256));
	}
	if (cur_is(&key, "Flags")) {
		h->attributes.has_flags = true;
		if (!read_number(value, UINT32_MAX, &n))
			return false;
		h->attributes.flags = (uint32_t)n;
		return true;
	}
	if (cur_is(&key, "Attribute"))
		return read_attribute(value, h);
	if (cur_is(&key, "Signature")) {
		char *name = read_bytes(value, &size);

		if (name != NULL)
			held_add_signature(h, name, size);
		free(name);
		return name != NULL;
	}
	return false;
}

/* One line; bit is set to the place of a required one in *seen. */
static bool
read_line(struct cur key, struct cur value, struct held *h, uint32_t *seen)
{
	char *base = (char *)h;
	unsigned bit = UINT32_MAX;
	bool good = false, is_number = false;
	uint64_t n = 0;
	uint32_t small;
	size_t i;

	for (i = 0; i < ROWS(number_row); i++)
		if (cur_is(&key, number_row[i].key)) {
			is_number = true;
			bit = (unsigned)i;
			good = read_number(value, UINT64_MAX, &n);
			memcpy(base + number_row[i].offset, &n, sizeof(n));
		}
	for (i = 0; i < ROWS(small_row); i++)
		if (cur_is(&key, small_row[i].key)) {
			is_number = true;
			bit = (unsigned)(ROWS(number_row) + i);
			good = read_number(value, UINT32_MAX, &n);
			small = (uint32_t)n;
			memcpy(base + small_row[i].offset, &small,
			    sizeof(small));
		}
	if (!is_number)
		good = read_text_line(key, value, h, &bit);
	if (bit == UINT32_MAX)
		return good;
	good = good && (*seen & 1u << bit) == 0;
	*seen |= 1u << bit;
	return good;
}

bool
held_read(struct cur text, struct held *out, struct why *why)
{
	struct cur line, key;
	uint32_t seen = 0;
	unsigned number = 1;

	memset(out, 0, sizeof(*out));
	if (!cur_line(&text, &line) || !cur_is(&line, head))
		return why_not(why, WHY_BROKEN, "does not begin with %s", head);
	while (cur_line(&text, &line)) {
		number++;
		if (cur_is(&line, foot))
			break;
		if (!cur_until(&line, '=', &key) ||
		    !read_line(key, line, out, &seen))
			return why_not(why, WHY_BROKEN, "line %u is damaged",
			    number);
	}
	if (seen != SEEN_ALL || !cur_is(&line, foot) || cur_left(&text) > 0)
		return why_not(why, WHY_BROKEN, "damaged: lines are missing");
	return true;
}
