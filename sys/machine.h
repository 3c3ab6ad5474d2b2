/*
 * machine.h - what this computer has.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_SYS_MACHINE_H
#define CANDOR_SYS_MACHINE_H

/* Processors this process may run on, at least 1. */
unsigned machine_cpus(void);

/* Let this thread go on on another of its processors, if there is one. */
void machine_leave_cpu(void);

#endif
