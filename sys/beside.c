/*
 * beside.c - find our own programs and data.  See beside.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sys/beside.h"

#include <sys/auxv.h>

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/*
 * The folder of the running program, with its slash.  Without /proc: as it
 * was called, which a shell that found it in $PATH says in full.
 */
static bool
own_folder(char *out, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", out, size - 1);
	const char *called = (const char *)(uintptr_t)getauxval(AT_EXECFN);
	char *slash;

	if (n <= 0 && (called == NULL || strlen(called) >= size))
		return false;
	if (n <= 0)
		memcpy(out, called, strlen(called) + 1);
	else
		out[n] = '\0';
	slash = strrchr(out, '/');
	if (slash == NULL)
		return false;
	slash[1] = '\0';
	return true;
}

bool
beside_program(const char *name, char *path, size_t size, struct why *why)
{
	char folder[1024];
	int n;

	if (own_folder(folder, sizeof(folder))) {
		n = snprintf(path, size, "%s%s", folder, name);
		if (n > 0 && (size_t)n < size && access(path, X_OK) == 0)
			return true;
	}
	n = snprintf(path, size, CANDOR_LIBEXECDIR "/%s", name);
	if (n > 0 && (size_t)n < size && access(path, X_OK) == 0)
		return true;
	return why_not(why, WHY_SYSTEM, "%s: not beside this program nor in %s",
	    name, CANDOR_LIBEXECDIR);
}

bool
beside_data(const char *name, char *path, size_t size)
{
	char folder[1024], *slash = NULL;
	int n;

	if (own_folder(folder, sizeof(folder))) {
		folder[strlen(folder) - 1] = '\0';
		slash = strrchr(folder, '/');
	}
	if (slash != NULL) {
		*slash = '\0';
		n = snprintf(path, size, "%s/data/%s", folder, name);
		if (n > 0 && (size_t)n < size && access(path, R_OK) == 0)
			return true;
	}
	n = snprintf(path, size, CANDOR_DATADIR "/%s", name);
	return n > 0 && (size_t)n < size;
}
