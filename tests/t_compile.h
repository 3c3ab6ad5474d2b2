/*
 * t_compile.h - compile hostile bytes and check what must hold of any ir.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_COMPILE_T_COMPILE_H
#define CANDOR_COMPILE_T_COMPILE_H

#include <stddef.h>
#include <stdint.h>

void t_compile(const char *name, const uint8_t *bytes, size_t size);

#endif
