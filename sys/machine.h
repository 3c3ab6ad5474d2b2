/*
 * machine.h - what this computer has.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_SYS_MACHINE_H
#define CANDOR_SYS_MACHINE_H

/* Processors this process may run on, at least 1. */
unsigned machine_cpus(void);

#endif
