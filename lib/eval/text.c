/*
 * text.c - write a program as text: for explain, db show and people.
 *
 *     12  HITS 3
 *     15  INT 2
 *     24  GT
 *     25  AND -> 40
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/eval/program.h"

#include "lib/formats/facts.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

struct text {
	char *at;
	size_t size, used;
};

__attribute__((format(printf, 2, 3))) static void
add(struct text *t, const char *format, ...)
{
	va_list args;
	int n;

	if (t->used + 1 >= t->size)
		return;
	va_start(args, format);
	n = vsnprintf(t->at + t->used, t->size - t->used, format, args);
	va_end(args);
	if (n > 0)
		t->used += (size_t)n;
	if (t->used >= t->size)
		t->used = t->size - 1;
}

static void
add_set(struct text *t, struct cur set)
{
	const char *between = " (";

	while (cur_left(&set) > 0) {
		add(t, "%s%u", between, cur_u16le(&set));
		between = " ";
	}
	add(t, ")");
}

static void
add_operand(struct text *t, const struct instruction *i)
{
	switch (i->op->operand) {
	case OPERAND_NONE:
		return;
	case OPERAND_STRING:
		if (i->value == PROGRAM_STRING_OF_LOOP)
			add(t, " of loop");
		else
			add(t, " %" PRId64, i->value);
		return;
	case OPERAND_FACT:
		add(t, " %s",
		    fact_name((uint32_t)i->value) != NULL
			? fact_name((uint32_t)i->value)
			: "?");
		return;
	case OPERAND_READ:
		add(t, " %s%d%s",
		    ((uint32_t)i->value & READ_SIGNED) != 0 ? "int" : "uint",
		    (int)(i->value & 7) * 8,
		    ((uint32_t)i->value & READ_BIG_ENDIAN) != 0 ? "be" : "");
		return;
	case OPERAND_INT:
	case OPERAND_RULE:
	case OPERAND_LEVEL:
		add(t, " %" PRId64, i->value);
		return;
	case OPERAND_SET:
		add_set(t, i->set);
		return;
	case OPERAND_LOOP_SET:
		add_set(t, i->set);
		add(t, " -> %zu", i->target);
		return;
	case OPERAND_JUMP:
	case OPERAND_LOOP:
		add(t, " -> %zu", i->target);
		return;
	}
}

size_t
program_text(struct cur code, char *text, size_t size)
{
	struct text t = { .at = text, .size = size };

	if (size > 0)
		text[0] = '\0';
	while (cur_left(&code) > 0) {
		size_t at = code.pos;
		struct instruction i;

		if (!program_read(&code, &i)) {
			add(&t, "%6zu  broken\n", at);
			break;
		}
		add(&t, "%6zu  %s", at, i.op->name);
		add_operand(&t, &i);
		add(&t, "\n");
	}
	return t.used;
}
