/*
 * text_fuzz.c - any bytes as a root, a release, a policy, a state: what is
 * read is written again, and is the same.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/trust/release.h"
#include "lib/trust/root.h"
#include "lib/trust/state.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char out[NOTE_MAX + 4096];
static struct trust_root root;
static struct trust_release release;
static struct trust_policy policy, again;
static struct trust_state state;

static void
is_same(const uint8_t *data, size_t size, bool is_whole, const size_t *written)
{
	if (!is_whole || *written != size || memcmp(out, data, size) != 0)
		abort();
}

/* A policy has many forms; what it means is one. */
static void
policy_again(void)
{
	struct text_out to = text_to(out, sizeof(out));
	struct why why;

	trust_policy_write(&policy, "", &to);
	if (!text_is_whole(&to) ||
	    !trust_policy_read(cur_from(out, to.size), &again, &why) ||
	    trust_policy_tolerates(&policy) != trust_policy_tolerates(&again))
		abort();
	if (trust_policy_holds(&policy, 0))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cur text = cur_from(data, size);
	struct why why;
	size_t n;

	if (size > NOTE_MAX)
		return 0;
	if (trust_root_read(text, &root, &why))
		is_same(data, size,
		    trust_root_write(&root, out, sizeof(out), &n, &why), &n);
	if (trust_release_read(text, &release, &why))
		is_same(data, size,
		    trust_release_write(&release, out, sizeof(out), &n, &why),
		    &n);
	if (trust_state_read(text, &state, &why))
		is_same(data, size,
		    trust_state_write(&state, out, sizeof(out), &n), &n);
	if (trust_policy_read(text, &policy, &why))
		policy_again();
	return 0;
}
