/*
 * sandbox_sanitized.c - what a build with sanitizers needs.  Never shipped.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sys/sandbox_parts.h"

#include <sys/syscall.h>

const struct promise sandbox_extra[] = {
#define PROMISE(call, who, rule) \
	{ #call, SYS_##call, PROMISE_##who, PROMISE_##rule },
#include "sys/promises_sanitizer.def"
#undef PROMISE
};
const size_t sandbox_extra_count =
    sizeof(sandbox_extra) / sizeof(sandbox_extra[0]);
const bool sandbox_limits_memory = false;
const bool sandbox_keeps_stderr = true;

/* Leaks are looked for by tracing ourselves, which a cage does not allow. */
const char *__asan_default_options(void);

__attribute__((visibility("default"))) const char *
__asan_default_options(void)
{
	return "detect_leaks=0";
}
