/*
 * view.c - what openers whose children are views share.  See view.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/formats/view.h"

#include <string.h>

void
view_describe(struct child *out, enum child_role role, const char *name)
{
	size_t size = strlen(name);

	*out = (struct child){ .role = role,
		.size = SOURCE_SIZE_UNKNOWN,
		.obstacle = FORMAT_WHOLE };
	if (size > sizeof(out->name))
		size = sizeof(out->name);
	memcpy(out->name, name, size);
	out->name_size = (uint8_t)size;
}

enum format_end
view_end(const struct source *source)
{
	static const enum format_end ends[] = {
		[SOURCE_FINE] = FORMAT_WHOLE,
		[SOURCE_TRUNCATED] = FORMAT_TRUNCATED,
		[SOURCE_CORRUPT] = FORMAT_MALFORMED,
		[SOURCE_ENCRYPTED] = FORMAT_ENCRYPTED,
		[SOURCE_UNSUPPORTED] = FORMAT_UNSUPPORTED,
		[SOURCE_CHANGED] = FORMAT_TRUNCATED,
		[SOURCE_LIMIT] = FORMAT_LIMIT,
	};

	return ends[source->state];
}
