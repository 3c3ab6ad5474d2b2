/*
 * plan_path.c - a folder and a mask as globs.  See plan_path.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/ban/plan_path.h"

#include "lib/ban/plan.h"

#include <stdio.h>
#include <string.h>

/* --- what is not carried over --------------------------------------------- */

/* Is path that folder, or below it? */
static bool
is_below(const char *path, const char *folder)
{
	size_t n = strlen(folder);

	return strncmp(path, folder, n) == 0 &&
	    (path[n] == '\0' || path[n] == '/');
}

static bool
is_own(const char *path)
{
	return is_below(path, "/opt/kaspersky") ||
	    is_below(path, "/var/opt/kaspersky") ||
	    is_below(path, "/etc/opt/kaspersky") ||
	    is_below(path, "/var/log/kaspersky");
}

/* A part of it that is nothing, itself or the folder above. */
static bool
has_odd_part(const char *path)
{
	const char *part = path, *end;

	while (*part == '/') {
		part++;
		end = part + strcspn(part, "/");
		if ((end == part && *end == '/') ||
		    (end - part == 1 && part[0] == '.') ||
		    (end - part == 2 && part[0] == '.' && part[1] == '.'))
			return true;
		part = end;
	}
	return false;
}

const char *
plan_path_complaint(const char *path)
{
	const char *stars = strstr(path, "**");

	if (path[0] != '/')
		return "not a path from the root: file systems of the network "
		       "are not watched, and others have no name here";
	if (strlen(path) > PLAN_PATH_MAX)
		return "longer than a path that is carried over may be";
	if (has_odd_part(path))
		return "not a plain path: it has //, . or .. in it";
	if (stars != NULL && strstr(stars + 1, "**") != NULL)
		return "** counts once in a path there";
	if (is_own(path))
		return "Kaspersky's own: it goes with the product";
	return NULL;
}

/* --- what a person should look at ----------------------------------------- */

static unsigned
risk_of_path(const char *path)
{
	static const char *const writable[] = { "/tmp", "/var/tmp", "/dev/shm",
		"/run/user" };
	size_t i;

	for (i = 0; i < sizeof(writable) / sizeof(writable[0]); i++)
		if (is_below(path, writable[i]))
			return PLAN_RISK_WRITABLE;
	if (is_below(path, "/home") || is_below(path, "/root"))
		return PLAN_RISK_HOME;
	return path[0] == '/' && strrchr(path, '/') == path ? PLAN_RISK_WIDE
							    : 0;
}

/* Does text end so? */
static bool
ends(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n >= m && strcmp(text + n - m, end) == 0;
}

static unsigned
risk_of_mask(const char *mask)
{
	static const char *const runs[] = { ".sh", ".py", ".pl", ".php", ".js",
		".rb", ".so", ".ko", ".elf", ".bin", ".exe", ".dll", ".jar",
		".run", ".*" };
	size_t i;

	for (i = 0; i < sizeof(runs) / sizeof(runs[0]); i++)
		if (ends(mask, runs[i]))
			return PLAN_RISK_RUNS;
	return 0;
}

unsigned
plan_path_program_risk(const char *program)
{
	static const char *const names[] = { "sh", "bash", "dash", "zsh", "ksh",
		"busybox", "python", "perl", "php", "ruby", "node", "java",
		"lua", "tclsh", "awk", "gawk", "env" };
	const char *name = strrchr(program, '/') + 1;
	size_t i, n;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		n = strlen(names[i]);
		/* python3.11 is python. */
		if (strncmp(name, names[i], n) == 0 &&
		    strspn(name + n, "0123456789.-") == strlen(name + n))
			return PLAN_RISK_INTERPRETER;
	}
	return risk_of_path(program);
}

/* --- globs ---------------------------------------------------------------- */

static void
make(struct plan_path *out, const char *path, const char *between,
    const char *mask, bool is_file)
{
	/* Both were bounded by PLAN_PATH_MAX. */
	(void)snprintf(out->glob, sizeof(out->glob), "%s%s%s", path, between,
	    mask);
	out->is_file = is_file;
	out->risk = risk_of_path(path) | risk_of_mask(mask);
	out->is_narrower = strchr(out->glob, '?') != NULL;
	out->why =
	    out->is_narrower ? "? is one byte here, not one character" : NULL;
}

/* A folder without a mask that says more; its / at the end says that no file
   is meant. */
static size_t
make_whole(const char *path, bool is_folder, struct plan_path *out,
    const char **why)
{
	const char *last = strrchr(path, '/');
	bool has_mask;

	if (path[0] == '\0' || strspn(path, "/*") == strlen(path)) {
		*why = "it leaves out the whole machine";
		return 0;
	}
	has_mask = strpbrk(last, "*?") != NULL;
	if (!is_folder)
		make(out, path, "", "", has_mask);
	else
		make(out, path, has_mask ? "/*" : "/**", "", true);
	if (has_mask) {
		/* What its folders hold may not have been meant. */
		out->is_narrower = true;
		out->why = "files that fit; where a folder fits, what is in it "
			   "is looked at";
	}
	return 1;
}

/* The mask with runs of * made one: ** would cross slashes here. */
static bool
copy_mask(const char *mask, char *out, size_t room)
{
	size_t n = 0;

	for (; *mask != '\0'; mask++) {
		if (*mask == '*' && n > 0 && out[n - 1] == '*')
			continue;
		if (n + 1 >= room)
			return false;
		out[n++] = *mask;
	}
	out[n] = '\0';
	return true;
}

size_t
plan_path_of(const char *path, const char *mask,
    struct plan_path out[PLAN_PATHS_MAX], const char **why)
{
	char folder[PLAN_PATH_MAX + 1], name[PLAN_PATH_MAX + 1];
	size_t n;

	*why = plan_path_complaint(path);
	if (*why != NULL)
		return 0;
	n = strlen(path);
	while (n > 0 && path[n - 1] == '/')
		n--;
	memcpy(folder, path, n);
	folder[n] = '\0';
	if (!copy_mask(mask, name, sizeof(name)))
		*why = "longer than a mask that is carried over may be";
	else if (name[0] == '\0')
		*why = "an empty mask";
	else if (strchr(name, '/') != NULL)
		*why = "a mask is of names: this has a slash";
	if (*why != NULL)
		return 0;
	if (strcmp(name, "*") == 0)
		return make_whole(folder, path[n] == '/', &out[0], why);
	if (strspn(name, "*?.") == strlen(name)) {
		*why = "a mask without a letter leaves out nearly everything";
		return 0;
	}
	if (name[0] == '*') {
		/* "**" and the rest of the mask: any name that ends so. */
		make(&out[0], folder, "/*", name, true);
		return 1;
	}
	make(&out[0], folder, "/", name, true);
	make(&out[1], folder, "/**/", name, true);
	return 2;
}
