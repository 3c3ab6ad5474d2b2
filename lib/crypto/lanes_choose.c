/*
 * lanes_choose.c - the implementations, and which of them this machine gets.
 *
 * How many lanes must be busy was measured on Zen 5 against libcrypto 3.0,
 * which takes one message at a time: MD5 in plain instructions, SHA-1 and
 * SHA-256 in the processor's own where it has them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/base/cpu.h"
#include "lib/crypto/lanes_set.h"

#include <string.h>

#define AGREE_SIZE 300u /* of the largest message compared */

#define LANES_TAKE(suffix)                              \
	{                                               \
		[DIGEST_MD5] = lanes_md5_##suffix,      \
		[DIGEST_SHA1] = lanes_sha1_##suffix,    \
		[DIGEST_SHA256] = lanes_sha256_##suffix \
	}

#if defined(__x86_64__)
static bool
runs_avx2_and_sha(void)
{
	return cpu_has_avx2() && cpu_has_sha();
}
#endif

static bool
runs_always(void)
{
	return true;
}

/* Fill: MD5, SHA-1, SHA-256. */
const struct lanes_impl lanes_impls[] = {
#if defined(__x86_64__)
	{ "avx512", 16, cpu_has_avx512, LANES_TAKE(avx512), { 2, 7, 9 } },
	{ "avx2", 8, runs_avx2_and_sha, LANES_TAKE(avx2),
	    { 3, LANES_NEVER, LANES_NEVER } },
	{ "avx2 without sha", 8, cpu_has_avx2, LANES_TAKE(avx2), { 3, 7, 5 } },
#endif
	{ "portable", 4, runs_always, { [DIGEST_MD5] = lanes_md5_portable },
	    { 3, LANES_NEVER, LANES_NEVER } },
};
const size_t lanes_impl_count = sizeof(lanes_impls) / sizeof(lanes_impls[0]);

/* Are messages of all lengths around the borders of blocks taken as ever? */
bool
lanes_agree(const struct lanes_impl *lanes)
{
	uint8_t bytes[AGREE_SIZE], out[LANES_MAX + 1][DIGEST_SIZE_MAX];
	uint8_t want[DIGEST_SIZE_MAX];
	struct digest_job job[LANES_MAX + 1];
	unsigned kind, i;

	for (i = 0; i < AGREE_SIZE; i++)
		bytes[i] = (uint8_t)(i * i + (i >> 3));
	for (kind = 0; kind < DIGEST_KINDS; kind++) {
		for (i = 0; i <= LANES_MAX; i++)
			job[i] = (struct digest_job){ (enum digest_kind)kind,
				bytes + i, AGREE_SIZE - LANES_MAX - 15 * i,
				out[i] };
		digest_many(lanes, job, LANES_MAX + 1);
		for (i = 0; i <= LANES_MAX; i++) {
			digest_of(job[i].kind, job[i].bytes, job[i].size, want);
			if (memcmp(out[i], want, digest_size(job[i].kind)) != 0)
				return false;
		}
	}
	return true;
}

const struct lanes_impl *
lanes_choose(const char **refused)
{
	const struct lanes_impl *impl = lanes_impls;

	while (!impl->runs())
		impl++;
	*refused = lanes_agree(impl) ? NULL : impl->name;
	return *refused == NULL ? impl : NULL;
}
