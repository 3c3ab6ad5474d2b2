/*
 * cmd_guard.c - candor guard test: is what is infected denied here?
 *
 * The EICAR test file is written into a folder and opened.  It is not in this
 * program as it is, or the program would be denied itself.  Exit: 0 denied, 1
 * not, 2 it could not be tried.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/commands.h"

#include "cmd/candor/escape.h"
#include "cmd/candor/print.h"
#include "sys/whole.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXIT_DENIED  0
#define EXIT_OPENED  1
#define EXIT_UNTRIED 2

struct config {
	char none; /* no options */
};

/* Each byte one more than it is in the file. */
static const char shifted[] = "Y6P\"Q&ABQ\\5]Q[Y65)Q_*8DD*8~%FJDBS.TUBOEB"
			      "SE.BOUJWJSVT.UFTU.GJMF\"%I,I+";

static bool
write_test_file(int fd)
{
	char text[sizeof(shifted) - 1];
	size_t i;
	bool good;

	for (i = 0; i < sizeof(text); i++)
		text[i] = (char)(shifted[i] - 1);
	good = whole_write(fd, text, sizeof(text));
	return close(fd) == 0 && good;
}

static int
say(const char *path, int error)
{
	const char *what = "was opened: nothing protects this folder";
	int code = EXIT_OPENED;

	if (error == EPERM) {
		what = "was denied";
		code = EXIT_DENIED;
	} else if (error != 0) {
		what = strerror(error);
		code = EXIT_UNTRIED;
	}
	escape_text(stdout, path, strlen(path));
	printf(": the test file %s\n", what);
	return code;
}

/* Write it, open it, remove it. */
static int
try_folder(const char *folder)
{
	char path[PATH_MAX];
	int fd, error = 0;

	(void)snprintf(path, sizeof(path), "%s/candor-test-XXXXXX", folder);
	fd = mkstemp(path);
	if (fd == -1)
		return say(folder, errno == EPERM ? EACCES : errno);
	if (!write_test_file(fd)) {
		error = errno;
		(void)unlink(path);
		return say(folder, error == EPERM ? EIO : error);
	}
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd == -1)
		/* Not there: it was moved to quarantine at the close. */
		error = errno == ENOENT ? EPERM : errno;
	else
		(void)close(fd);
	(void)unlink(path);
	return say(folder, error);
}

static int
cmd_guard_test_run(const struct command *self, int argc, char **argv)
{
	struct config c = { 0 };
	int rest;
	enum options_end end = options_parse(self, &c, argc, argv, &rest);

	if (end != OPTIONS_GO)
		return end == OPTIONS_DONE ? EXIT_CLEAN : EXIT_USAGE;
	options_free(self, &c);
	if (argc - rest > 1)
		return options_complain(self, "one folder is expected");
	return try_folder(argc > rest ? argv[rest] : ".");
}

const struct command guard_test_command = {
	.name = "guard test",
	.arguments = "[FOLDER]",
	.summary = "See whether what is infected is denied",
	.details =
	    "Writes the EICAR test file into the folder (default: the "
	    "working folder), opens it, and removes it. Exit code: 0 it "
	    "was denied, 1 it was not, 2 it could not be tried, 64 wrong "
	    "usage.",
	.run = cmd_guard_test_run,
};
