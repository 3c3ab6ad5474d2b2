/*
 * pe_setup.c - the files InstallShield stored behind its setup program.
 *
 * Spec:    none; as installers of versions 5 to 12 have it.
 * Input:   hostile; read through struct source and struct cur only.
 * Emits:   a range per file.
 * Limits:  a header has at most SETUP_HEADER bytes and costs at least nine, so
 *          the walk is linear in the size of the file.
 *
 * Right behind the image stand, one after the other:
 *
 *   name      text ended by a zero: what the file is called
 *   path      the same: where it goes, "Disk1\data1.cab"
 *   version   digits and dots
 *   size      decimal digits: bytes of data
 *   data
 *
 * Data can begin with such a header again (setup.ibt is a list of its own):
 * then the files in it follow, as well.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/formats/pe_packer.h"

#include "lib/base/ckd.h"

#include <string.h>

#define SETUP_HEADER 1024u
#define SETUP_DIGITS 10u /* of a size */

struct setup_entry {
	struct cur name;
	uint64_t off;  /* of the data */
	uint64_t size; /* bytes of data */
};

/* Cut a text off in, without its zero; not empty, no control characters. */
static bool
setup_take_text(struct cur *in, struct cur *out)
{
	struct cur at;

	if (!cur_until(in, '\0', out) || out->size == 0 ||
	    out->size > FORMAT_NAME_MAX)
		return false;
	for (at = *out; cur_left(&at) > 0;)
		if (cur_u8(&at) < ' ')
			return false;
	return true;
}

static bool
setup_is_version(struct cur in)
{
	uint8_t c;

	while (cur_left(&in) > 0) {
		c = cur_u8(&in);
		if (c != '.' && (c < '0' || c > '9'))
			return false;
	}
	return true;
}

static bool
setup_read_size(struct cur in, uint64_t *out)
{
	uint8_t c;

	if (in.size > SETUP_DIGITS)
		return false;
	for (*out = 0; cur_left(&in) > 0;) {
		c = cur_u8(&in);
		if (c < '0' || c > '9')
			return false;
		*out = *out * 10 + (uint64_t)(c - '0'); /* 10 digits fit */
	}
	return true;
}

/* Read the header in, which is lent as long as out->name is. */
static bool
setup_read_entry(struct cur in, struct setup_entry *out)
{
	struct cur path, version, size;

	if (!setup_take_text(&in, &out->name) || !setup_take_text(&in, &path) ||
	    !setup_take_text(&in, &version) || !setup_is_version(version) ||
	    !setup_take_text(&in, &size) || cur_left(&in) == 0 ||
	    !setup_read_size(size, &out->size))
		return false;
	out->off = cur_where(&in);
	return true;
}

/* Is there an entry at off?  out->name is lent until the arena is reset. */
static bool
setup_find(const struct pe_setup *s, uint64_t off, struct setup_entry *out)
{
	struct cur in;

	source_cur_upto(s->source, s->arena, off, SETUP_HEADER, &in);
	return setup_read_entry(in, out);
}

bool
pe_setup_open(struct pe_setup *s, const struct pe *p, uint64_t off)
{
	size_t mark = arena_mark(p->arena);
	struct setup_entry entry;
	bool is_there;

	*s = (struct pe_setup){ p->source, p->arena, off };
	is_there = setup_find(s, off, &entry);
	arena_reset(p->arena, mark);
	if (!is_there)
		s->source = NULL;
	return is_there;
}

/* Where the entry after this one stands. */
static uint64_t
setup_behind(const struct pe_setup *s, const struct setup_entry *entry)
{
	struct setup_entry inner;
	uint64_t end;

	if (ckd_add(&end, entry->off, entry->size))
		return UINT64_MAX;
	if (setup_find(s, entry->off, &inner) && inner.off <= end &&
	    inner.size <= end - inner.off)
		return entry->off;
	return end;
}

bool
pe_setup_next(struct pe_setup *s, struct child *out)
{
	struct setup_entry entry;
	size_t mark;

	if (s->source == NULL)
		return false;
	mark = arena_mark(s->arena);
	if (!setup_find(s, s->off, &entry)) {
		arena_reset(s->arena, mark);
		s->source = NULL;
		return false;
	}
	*out = (struct child){ .role = CHILD_MEMBER,
		.name_size = (uint8_t)entry.name.size,
		.size = entry.size,
		.is_range = true,
		.off = entry.off,
		.obstacle = FORMAT_WHOLE };
	memcpy(out->name, entry.name.base, entry.name.size);
	s->off = setup_behind(s, &entry);
	arena_reset(s->arena, mark);
	return true;
}
