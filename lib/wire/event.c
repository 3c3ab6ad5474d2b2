/*
 * event.c - the tables of event.h, to be looked up.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/wire/event.h"

const char *
event_word(uint32_t kind)
{
	switch (kind) {
#define EVENT(tag, number, word) \
	case (number):           \
		return (word);
		EVENT_TABLE
#undef EVENT
	default:
		return NULL;
	}
}

static const struct metric_row rows[] = {
#define METRIC(tag, number, type, name, help) \
	{ (number), METRIC_##type, (name), (help) },
	METRIC_TABLE
#undef METRIC
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

const struct metric_row *
metric_row(uint32_t id)
{
	size_t i;

	for (i = 0; i < ROWS; i++)
		if (rows[i].id == id)
			return &rows[i];
	return NULL;
}

const struct metric_row *
metric_rows(size_t *count)
{
	*count = ROWS;
	return rows;
}
