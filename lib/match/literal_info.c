/*
 * literal_info.c - what a literal set's header says.  The contract is in
 * literal_info.h, the bytes are described in literal_layout.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/match/literal_info.h"

bool
literal_info_get(struct cur section, struct literal_info *out)
{
	struct cur header, plane;
	uint32_t magic, version, i;

	*out = (struct literal_info){ 0 };
	if (!cur_at(&section, 0, LITERAL_HEADER, &header))
		return false;
	magic = cur_u32le(&header);
	version = cur_u32le(&header);
	out->planes = cur_u32le(&header);
	out->literals = cur_u32le(&header);
	if (magic != LITERAL_MAGIC || version != LITERAL_VERSION ||
	    out->planes > LITERAL_PLANES)
		return false;
	for (i = 0; i < out->planes; i++) {
		struct literal_plane_info *p = &out->plane[i];

		if (!cur_at(&section,
			LITERAL_HEADER + (uint64_t)i * LITERAL_PLANE,
			LITERAL_PLANE, &plane))
			return false;
		p->is_sampled = cur_u8(&plane) == LITERAL_MINI;
		p->step = cur_u8(&plane);
		p->window = cur_u8(&plane);
		if (!cur_seek(&plane, 40))
			return false;
		p->windows = cur_u32le(&plane);
	}
	return true;
}
