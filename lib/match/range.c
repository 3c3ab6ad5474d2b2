/*
 * range.c - where in an object a pattern may start.  See range.h.
 *
 * Offsets are clamscan's: "EP+n", "Sx+n", "SL+n", "SEx", "VI", "EOF-n", n; a
 * maximal shift makes a range with both ends included.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/match/range.h"

#include "lib/base/ckd.h"

/* [at + plus, at + plus + shift] */
static void
set_range(struct range *r, uint64_t at, uint64_t plus, uint64_t shift)
{
	if (ckd_add(&r->first, at, plus) ||
	    ckd_add(&r->last, r->first, shift)) {
		r->first = 1;
		r->last = 0;
	}
}

/* [at - minus, at - minus + shift], nowhere if that is before the start. */
static void
set_range_before(struct range *r, uint64_t at, uint64_t minus, uint64_t shift)
{
	if (minus <= at)
		set_range(r, at - minus, 0, shift);
}

/* The offset is relative to section number n. */
static void
set_section(const struct db_pattern *p, const struct facts *f, uint32_t n,
    struct range *r)
{
	const struct section *s;

	if (n >= f->section_count)
		return;
	s = &f->section[n];
	if (p->offset == DB_OFFSET_IN_SECTION)
		set_range(r, s->off, 0, s->size + p->max_shift);
	else
		set_range(r, s->off, p->value, p->max_shift);
}

/* Offsets that need no facts; false if p's is another. */
static bool
set_plain(const struct db_pattern *p, uint64_t size, struct range *r)
{
	switch (p->offset) {
	case DB_OFFSET_ANY:
		set_range(r, 0, 0, UINT64_MAX - 1);
		return true;
	case DB_OFFSET_ABSOLUTE:
		set_range(r, 0, p->value, p->max_shift);
		return true;
	case DB_OFFSET_EOF_MINUS:
		set_range_before(r, size, p->value, p->max_shift);
		return true;
	default:
		return false;
	}
}

void
range_of(const struct db_pattern *p, const struct find_object *object,
    struct range *out)
{
	const struct facts *f = object->facts;

	*out = (struct range){ .first = 1, .last = 0 };
	if (set_plain(p, object->size, out) || f == NULL)
		return;
	if (p->offset == DB_OFFSET_VERSION_INFO) {
		set_range(out, 0, 0, UINT64_MAX - 1);
		out->listed = f;
	} else if (p->offset == DB_OFFSET_SECTION_PLUS ||
	    p->offset == DB_OFFSET_IN_SECTION) {
		set_section(p, f, p->section, out);
	} else if (p->offset == DB_OFFSET_LAST_SECTION_PLUS) {
		set_section(p, f, f->section_count - 1, out);
	} else if (!facts_has(f, FACT_ENTRY_POINT)) {
		return;
	} else if (p->offset == DB_OFFSET_EP_PLUS) {
		set_range(out, f->value[FACT_ENTRY_POINT], p->value,
		    p->max_shift);
	} else {
		set_range_before(out, f->value[FACT_ENTRY_POINT], p->value,
		    p->max_shift);
	}
}

bool
range_has(const struct range *r, uint64_t at)
{
	const struct facts *f = r->listed;
	uint32_t low = 0, high;

	if (at < r->first || at > r->last)
		return false;
	if (f == NULL)
		return true;
	for (high = f->version_info_count; low < high;) {
		uint32_t middle = low + (high - low) / 2;

		if (f->version_info[middle] == at)
			return true;
		if (f->version_info[middle] < at)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}
