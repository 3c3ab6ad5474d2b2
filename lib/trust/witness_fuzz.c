/*
 * witness_fuzz.c - any body of a request: read or refused, and never cosigned,
 * because the log has signed none of it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/trust/witness.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct witness_request r;
	struct witness_log log = { .size = 4 };
	struct why why;

	if (!witness_read(cur_from(data, size), &r, &why))
		return 0;
	strcpy(log.key.name, "log.example/fuzz");
	log.key.type = VKEY_NOTE;
	vkey_make_id(&log.key);
	(void)witness_find(&r, &log, 1);
	if (witness_decide(&r, &log, &why) == WITNESS_COSIGN)
		abort();
	return 0;
}
