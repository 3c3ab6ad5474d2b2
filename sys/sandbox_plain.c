/*
 * sandbox_plain.c - ordinary builds promise nothing on top of promises.def.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sys/sandbox_parts.h"

const struct promise sandbox_extra[1];
const size_t sandbox_extra_count = 0;
const bool sandbox_limits_memory = true;
const bool sandbox_keeps_stderr = false;
