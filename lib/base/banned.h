/*
 * banned.h - functions that lib/ does not call, forced into every file of it.
 *
 * The error text says what to use instead.  lib/compile, which may allocate,
 * is built without this header.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_BASE_BANNED_H
#define CANDOR_BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* clang's fortified headers make macros of these. */
#undef sprintf
#undef vsprintf

#pragma GCC poison strcpy strcat strncpy strncat stpcpy sprintf vsprintf
#pragma GCC poison gets atoi atol atoll strtok
#pragma GCC poison localtime gmtime ctime asctime system popen

#endif
