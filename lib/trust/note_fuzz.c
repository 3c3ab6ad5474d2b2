/*
 * note_fuzz.c - any bytes as a note, a key and a checkpoint.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/trust/checkpoint.h"
#include "lib/trust/note.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char log_key[] =
	    "log.candor.example/db-main+"
	    "212f7c95+AfrCNm6SA4bHF1T5Pixmn6l4MEGjx0NzIDaPdigxVe3j";
	struct cur file = cur_from(data, size);
	struct note_signature said;
	struct checkpoint c;
	struct vkey key;
	struct note n;
	struct why why;

	(void)vkey_read(file, &key, &why);
	if (!vkey_read(cur_from(log_key, sizeof(log_key) - 1), &key, &why))
		abort();
	if (!note_read(file, &n, &why))
		return 0;
	if (cur_left(&n.text) + 1 + cur_left(&n.signatures) != size)
		abort();
	(void)checkpoint_read(n.text, &c, &why);
	(void)note_verify(&n, &key, 1, &said, &why);
	return 0;
}
