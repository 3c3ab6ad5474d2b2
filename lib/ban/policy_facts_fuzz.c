/*
 * policy_facts_fuzz.c - any bytes: facts, or a reason why they are none.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/ban/policy_facts.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct policy_facts f;
	struct why why = { 0 };
	size_t i, k;

	policy_facts_init(&f);
	if (!policy_facts_read(&f, cur_from(data, size), &why) &&
	    why.text[0] == '\0')
		abort();
	for (i = 0; i < f.count; i++)
		for (k = 0; k < f.one[i].count; k++)
			if (strlen(f.one[i].value[k]) > size)
				abort();
	policy_facts_free(&f);
	return 0;
}
