/*
 * checkpoint.c - what a log says it holds.  See checkpoint.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/trust/checkpoint.h"

#include "lib/base/base64.h"
#include "lib/base/ckd.h"

#include <string.h>

bool
checkpoint_number(struct cur text, uint64_t *out)
{
	bool is_zero = cur_is(&text, "0");
	uint64_t n = 0;

	if (cur_left(&text) == 0 || (!is_zero && text.base[text.pos] == '0'))
		return false;
	while (cur_left(&text) > 0) {
		uint8_t c = cur_u8(&text);

		if (c < '0' || c > '9' || ckd_mul(&n, n, (uint64_t)10) ||
		    ckd_add(&n, n, (uint64_t)(c - '0')) || n > INT64_MAX)
			return false;
	}
	*out = n;
	return true;
}

bool
checkpoint_read(struct cur text, struct checkpoint *out, struct why *why)
{
	struct cur size, root;
	size_t n;

	memset(out, 0, sizeof(*out));
	if (!cur_until(&text, '\n', &out->origin) ||
	    cur_left(&out->origin) == 0)
		return why_not(why, WHY_BROKEN, "no origin");
	if (!cur_until(&text, '\n', &size) ||
	    !checkpoint_number(size, &out->size))
		return why_not(why, WHY_BROKEN, "the size is malformed");
	if (!cur_until(&text, '\n', &root) ||
	    !base64_read(root, out->root.bytes, MERKLE_HASH, &n) ||
	    n != MERKLE_HASH)
		return why_not(why, WHY_BROKEN, "the root is malformed");
	if (cur_left(&text) > 0)
		return why_not(why, WHY_BROKEN,
		    "there are extension lines, which nobody audits");
	return true;
}
