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

void
machine_leave_cpu(void)
{
	cpu_set_t all, others;
	int here = sched_getcpu();

	if (here < 0 || here >= CPU_SETSIZE ||
	    sched_getaffinity(0, sizeof(all), &all) == -1)
		return;
	others = all;
	CPU_CLR((size_t)here, &others);
	/* None left is an error, and changes nothing. */
	if (sched_setaffinity(0, sizeof(others), &others) == 0)
		(void)sched_setaffinity(0, sizeof(all), &all);
}
