/*
 * table.c - write packed tables.  The contract is in table.h, the bytes are
 * described in lib/db/layout.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/table.h"

/* What a block says of a column: its least value, and bits for the rest. */
static void
measure(const struct table *t, uint32_t count, uint32_t column, uint32_t *least,
    uint32_t *bits)
{
	uint32_t i, most = 0;

	*least = UINT32_MAX;
	for (i = 0; i < count; i++) {
		uint32_t v = t->row[i][column];

		*least = v < *least ? v : *least;
		most = v > most ? v : most;
	}
	most -= *least;
	*bits = most == 0 ? 0 : 32 - (uint32_t)__builtin_clz(most);
}

static void
put_u32(uint8_t *to, uint32_t v)
{
	to[0] = (uint8_t)v;
	to[1] = (uint8_t)(v >> 8);
	to[2] = (uint8_t)(v >> 16);
	to[3] = (uint8_t)(v >> 24);
}

/* Write rows, each value in its bits, the lowest bit first. */
static void
write_bits(struct table *t, uint32_t count, const uint32_t *least,
    const uint32_t *bits)
{
	uint8_t out[DB_BLOCK * DB_COLUMNS_MAX * 4 + 8];
	uint32_t i, k, have = 0;
	size_t size = 0;
	uint64_t rest = 0;

	for (i = 0; i < count; i++)
		for (k = 0; k < t->columns; k++) {
			/* Fewer than 32 bits are left, at most 32 come. */
			rest |= (uint64_t)(t->row[i][k] - least[k]) << have;
			have += bits[k];
			if (have >= 32) {
				put_u32(out + size, (uint32_t)rest);
				size += 4;
				rest >>= 32;
				have -= 32;
			}
		}
	put_u32(out + size, (uint32_t)rest);
	output_add(&t->bits, out, size + (have + 7) / 8);
}

static void
write_block(struct table *t, uint32_t count)
{
	uint32_t least[DB_COLUMNS_MAX], bits[DB_COLUMNS_MAX], k;

	output_u32(&t->heads, (uint32_t)t->bits.size);
	for (k = 0; k < t->columns; k++) {
		measure(t, count, k, &least[k], &bits[k]);
		output_u32(&t->heads, least[k]);
	}
	for (k = 0; k < t->columns; k++)
		output_u8(&t->heads, bits[k]);
	write_bits(t, count, least, bits);
}

void
table_add(struct table *t, const uint32_t *row)
{
	uint32_t *to = t->row[t->rows % DB_BLOCK], k;

	for (k = 0; k < t->columns; k++)
		to[k] = row[k];
	if (++t->rows % DB_BLOCK == 0)
		write_block(t, DB_BLOCK);
}

void
table_end(struct table *t, struct compile_output *out)
{
	if (t->rows % DB_BLOCK != 0)
		write_block(t, t->rows % DB_BLOCK);
	output_expect(out, 4 + t->heads.size + t->bits.size + DB_TABLE_TAIL);
	output_u32(out, t->rows);
	output_add(out, t->heads.bytes, t->heads.size);
	output_add(out, t->bits.bytes, t->bits.size);
	output_u64(out, 0);
	if (!output_ok(&t->heads) || !output_ok(&t->bits) ||
	    t->bits.size > UINT32_MAX)
		output_spoil(out);
	table_fini(t);
}

void
table_fini(struct table *t)
{
	output_fini(&t->heads);
	output_fini(&t->bits);
}
