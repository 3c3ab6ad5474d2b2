/*
 * hex.c - matched bytes as people look at them.  The contract is in hex.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/hex.h"

#include "cmd/candor/escape.h"
#include "lib/formats/format.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

/* Read the match and its surroundings from the file itself. */
static bool
take_from_file(const struct result_hit *hit, int fd, uint32_t matched,
    struct hex_view *out)
{
	uint64_t before = hit->offset < HEX_CONTEXT ? hit->offset : HEX_CONTEXT;
	ssize_t got;

	if (hit->offset > INT64_MAX - sizeof(out->bytes))
		return false;
	out->off = hit->offset - before;
	out->from = (uint32_t)before;
	out->to = out->from + matched;
	got = pread(fd, out->bytes, out->to + HEX_CONTEXT, (off_t)out->off);
	if (got < (ssize_t)out->to)
		return false;
	out->size = (uint32_t)got;
	return true;
}

bool
hex_take(const struct result *r, const struct result_hit *hit, int fd,
    struct hex_view *out)
{
	uint32_t matched = hit->size < HEX_MATCHED ? hit->size : HEX_MATCHED;

	if (hit->string == MATCH_NO_STRING || matched == 0)
		return false;
	if (hit->object == 0 && hit->view == CHILD_MEMBER && fd != -1 &&
	    take_from_file(hit, fd, matched, out))
		return true;
	if (hit->bytes_size == 0)
		return false;
	if (matched > hit->bytes_size)
		matched = hit->bytes_size;
	out->off = hit->offset;
	out->from = 0;
	out->to = out->size = matched;
	memcpy(out->bytes, r->bytes.bytes + hit->bytes, matched);
	return true;
}

static bool
is_matched(const struct hex_view *v, uint64_t at)
{
	return at >= v->off + v->from && at < v->off + v->to;
}

static bool
is_shown(const struct hex_view *v, uint64_t at)
{
	return at >= v->off && at - v->off < v->size;
}

static char
printable(uint8_t byte)
{
	return byte >= 0x20 && byte < 0x7f ? (char)byte : '.';
}

/* One row; a bracket takes the place of the space between two bytes. */
static void
print_row(FILE *to, const struct hex_view *v, uint64_t row)
{
	bool inside = false;
	uint64_t at;

	fprintf(to, "%08" PRIx64 " ", row);
	for (at = row; at < row + HEX_ROW; at++) {
		bool now = is_matched(v, at);

		fputc(now == inside ? ' ' : now ? '[' : ']', to);
		inside = now;
		if (is_shown(v, at))
			fprintf(to, "%02x", v->bytes[at - v->off]);
		else
			fputs("  ", to);
	}
	fputs(inside ? "] |" : "  |", to);
	for (at = row; at < row + HEX_ROW; at++)
		fputc(is_shown(v, at) ? printable(v->bytes[at - v->off]) : ' ',
		    to);
	fputs("|\n", to);
}

void
hex_print(FILE *to, const char *indent, const struct hex_view *v)
{
	uint64_t row;

	for (row = v->off - v->off % HEX_ROW; row < v->off + v->size;
	     row += HEX_ROW) {
		fputs(indent, to);
		print_row(to, v, row);
	}
}

/* Begin or end the mark where matching begins or ends. */
static void
print_mark(FILE *to, bool now, bool *inside)
{
	if (now != *inside)
		fputs(now ? "<mark>" : "</mark>", to);
	*inside = now;
}

/* Half a row: as hex, or as text. */
static void
print_half(FILE *to, const struct hex_view *v, uint64_t row, bool is_text)
{
	bool inside = false;
	uint64_t at;

	for (at = row; at < row + HEX_ROW; at++) {
		char c;

		print_mark(to, is_matched(v, at), &inside);
		if (!is_shown(v, at)) {
			fputs(is_text ? " " : "   ", to);
			continue;
		}
		c = printable(v->bytes[at - v->off]);
		if (is_text)
			escape_html(to, c == '\\' ? "\\" : &c, 1);
		else
			fprintf(to, "%02x ", v->bytes[at - v->off]);
	}
	print_mark(to, false, &inside);
}

void
hex_print_html(FILE *to, const struct hex_view *v)
{
	uint64_t row;

	fputs("<pre>", to);
	for (row = v->off - v->off % HEX_ROW; row < v->off + v->size;
	     row += HEX_ROW) {
		fprintf(to, "%08" PRIx64 "  ", row);
		print_half(to, v, row, false);
		fputc(' ', to);
		print_half(to, v, row, true);
		fputc('\n', to);
	}
	fputs("</pre>\n", to);
}
