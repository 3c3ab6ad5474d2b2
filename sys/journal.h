/*
 * journal.h - structured entries for the system's journal.
 *
 * systemd's native protocol: one datagram, a field a line, or, for values
 * with line feeds in them, the name, a size in eight bytes, and the value.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_SYS_JOURNAL_H
#define CANDOR_SYS_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>

struct journal_field {
	const char *name; /* MESSAGE, PRIORITY, CANDOR_... */
	const void *value;
	size_t size; /* empty ones are left out */
};

/* Send an entry without waiting; false if there is no journal or no room. */
bool journal_send(const struct journal_field *field, size_t count);

#endif
