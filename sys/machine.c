/*
 * machine.c - what this computer has.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sys/machine.h"

#include <sched.h>
#include <unistd.h>

unsigned
machine_cpus(void)
{
	cpu_set_t set;
	long online;

	CPU_ZERO(&set);
	if (sched_getaffinity(0, sizeof(set), &set) == 0 && CPU_COUNT(&set) > 0)
		return (unsigned)CPU_COUNT(&set);

	/* More processors than cpu_set_t has room for. */
	online = sysconf(_SC_NPROCESSORS_ONLN);
	return online > 0 && online < 65536 ? (unsigned)online : 1;
}
