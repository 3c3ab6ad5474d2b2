/*
 * recognise.c - look at a file by its kind.  The contract is in recognise.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/recognise/parts.h"

#include "lib/base/utf.h"
#include "lib/ident/ident.h"

void
recognise_text_add(struct recognise_text *t, uint32_t character)
{
	uint8_t utf8[UTF8_MAX];
	size_t n;

	if (character > 0x10ffff || utf16_is_half(character))
		character = 0xfffd;
	n = utf8_write(character, utf8);
	if (character == 0 || n > RECOGNISE_TEXT - t->size)
		return;
	memcpy(t->bytes + t->size, utf8, n);
	t->size += n;
}

void
recognise_text_add_bytes(struct recognise_text *t, struct cur bytes)
{
	while (cur_left(&bytes) > 0 && t->size < RECOGNISE_TEXT) {
		uint8_t byte = cur_u8(&bytes);

		if (byte != 0)
			t->bytes[t->size++] = byte;
	}
}

static void
recognise_program(const struct recognise *r, enum kind kind)
{
	if (kind == KIND_PE)
		recognise_pe(r);
	else if (kind == KIND_MACHO || kind == KIND_MACHO_FAT)
		recognise_macho(r);
	recognise_strings(r);
}

enum kind
recognise_kind(const struct recognise *r)
{
	size_t mark = arena_mark(r->arena);
	enum kind kind = ident_guess(r->source, r->arena);

	arena_reset(r->arena, mark);
	return kind;
}

bool
recognise_knows(enum kind kind)
{
	switch ((unsigned)kind) {
	case KIND_PE:
	case KIND_ELF:
	case KIND_MACHO:
	case KIND_MACHO_FAT:
	case KIND_OLE2:
	case KIND_RPM:
		return true;
	default:
		return recognise_opens(kind);
	}
}

void
recognise_file(const struct recognise *r, enum kind kind)
{
	switch ((unsigned)kind) {
	case KIND_PE:
	case KIND_ELF:
	case KIND_MACHO:
	case KIND_MACHO_FAT:
		recognise_program(r, kind);
		break;
	case KIND_OLE2:
		recognise_ole2(r);
		break;
	case KIND_RPM:
		recognise_rpm(r);
		break;
	case KIND_CAB:
		recognise_cab(r);
		recognise_inner(r, kind);
		break;
	default:
		recognise_inner(r, kind);
		break;
	}
}
