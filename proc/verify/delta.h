/*
 * delta.h - candor-verify delta: make a file of the one before.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_VERIFY_DELTA_H
#define CANDOR_PROC_VERIFY_DELTA_H

/* Hear INPUT twice, then CHECK with where the result goes; say END. */
_Noreturn void delta_run(void);

#endif
