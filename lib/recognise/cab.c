/*
 * cab.c - who signed a cabinet.
 *
 * Spec:    [MS-CAB] 2.2, November 2007; what stands in the reserved part of
 *          the header of a signed one, as signing programs write it.
 * Input:   hostile; read through struct source and struct cur only.
 * Emits:   RECOGNISE_SIGNER, RECOGNISE_COUNTERSIGNER.
 * Limits:  SIGNATURE_READ bytes.
 *
 *   offset  size  field
 *        0     4  "MSCF"
 *       30     2  flags        4: there is a reserved part
 *       36     2  its size     20 in a signed one
 *       40     4  00 00 10 00
 *       44     4  offset of the signature
 *       48     4  its size
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/recognise/parts.h"

#define HEADER         52u
#define HAS_RESERVE    4u
#define RESERVE_SIGNED 20u
#define SIGNATURE_READ ((uint64_t)4 << 20)

void
recognise_cab(const struct recognise *r)
{
	size_t mark = arena_mark(r->arena);
	struct cur in, flags, size, place, blob;
	uint32_t off, count;

	source_cur_upto(r->source, r->arena, 0, HEADER, &in);
	if (!cur_at(&in, 30, 2, &flags) ||
	    (cur_u16le(&flags) & HAS_RESERVE) == 0 ||
	    !cur_at(&in, 36, 2, &size) || cur_u16le(&size) != RESERVE_SIGNED ||
	    !cur_at(&in, 44, 8, &place))
		return;
	off = cur_u32le(&place);
	count = cur_u32le(&place);
	if (count > SIGNATURE_READ)
		recognise_gap(r, "signature", "it is larger than 4 MiB");
	else if (count > 0 &&
	    source_cur(r->source, r->arena, off, count, &blob))
		recognise_signed_data(r, blob);
	arena_reset(r->arena, mark);
}
