/*
 * switch_act.c - run programs and write files, each written down before and
 * after.  The contract is in switch_work.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/switch_work.h"

#include "cmd/candor/infile.h"
#include "cmd/candor/outfile.h"
#include "lib/base/hex.h"
#include "sys/memfd.h"
#include "sys/run.h"
#include "sys/tree.h"
#include "sys/whole.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WORDS_MAX 64u
#define PATIENCE  600000u /* milliseconds, for an undoing command */

bool
switch_needs(struct switch_work *w, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(w->person, sizeof(w->person), format, args);
	va_end(args);
	return false;
}

void
switch_say(const char *format, ...)
{
	va_list args;

	fputs("     ", stdout);
	va_start(args, format);
	(void)vprintf(format, args);
	va_end(args);
	putchar('\n');
	(void)fflush(stdout);
}

/* --- before and after ----------------------------------------------------- */

json_int_t
act_begin(struct switch_work *w, const char *kind, json_t *what)
{
	json_t *line = json_object();

	json_object_set_new(what, "kind", json_string(kind));
	json_object_set_new(line, "act", what);
	json_object_set_new(line, "step", json_string(w->step));
	return switch_log_add(&w->log, "intent", line, &w->why);
}

bool
act_end(struct switch_work *w, json_int_t number, bool is_good, json_t *outcome)
{
	json_t *line = outcome != NULL ? outcome : json_object();
	struct why why = { 0 };

	json_object_set_new(line, "of", json_integer(number));
	json_object_set_new(line, "ok", json_boolean(is_good));
	if (!is_good)
		json_object_set_new(line, "why", json_string(w->why.text));
	if (switch_log_add(&w->log, "result", line, &why) >= 0)
		return is_good;
	w->why = why;
	return false;
}

int
act_folder(struct switch_work *w, const char *name)
{
	int fd = -1;

	if (mkdirat(w->log.folder, name, 0700) == 0 || errno == EEXIST)
		fd = openat(w->log.folder, name,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1)
		(void)why_not(&w->why, WHY_SYSTEM, "%s/%s: cannot be opened",
		    w->log.path, name);
	return fd;
}

bool
act_hash(int folder, const char *path, char out[CHAIN_HEX])
{
	uint8_t digest[DIGEST_SIZE_MAX] = { 0 };
	struct stat st;
	uint64_t size;
	int fd = openat(folder, path,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	bool is_good;

	out[0] = '\0';
	if (fd == -1)
		return false;
	is_good = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    infile_hash(fd, digest, &size);
	/* What is there and cannot be hashed is not the same as nothing. */
	hex_write(digest, 32, out);
	return close(fd) == 0 && is_good;
}

/* --- programs ------------------------------------------------------------- */

json_t *
act_words(const char *const *argv)
{
	json_t *list = json_array();

	for (; *argv != NULL; argv++)
		json_array_append_new(list, json_string(*argv));
	return list;
}

/* Into outcome: how it ended, and the hash of what it said. */
bool
act_run_plain(struct switch_work *w, const char *const *argv, json_int_t number,
    uint64_t patience_ms, json_t *outcome)
{
	int folder = act_folder(w, "out"), out = -1, status = 0;
	char name[40], hash[CHAIN_HEX];
	bool is_run = false;

	(void)snprintf(name, sizeof(name), "%" JSON_INTEGER_FORMAT ".txt",
	    number);
	if (folder != -1)
		out = openat(folder, name,
		    O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC,
		    0600);
	if (folder != -1 && out == -1)
		(void)why_not(&w->why, WHY_SYSTEM, "%s: cannot be written",
		    name);
	if (out != -1) {
		is_run =
		    run_program(argv, -1, out, patience_ms, &status, &w->why);
		(void)fsync(out);
		(void)close(out);
	}
	if (folder != -1 && act_hash(folder, name, hash))
		json_object_set_new(outcome, "output_sha256",
		    json_string(hash));
	if (folder != -1)
		(void)close(folder);
	if (!is_run)
		return false;
	json_object_set_new(outcome, WIFEXITED(status) ? "exit" : "signal",
	    json_integer(WIFEXITED(status) ? WEXITSTATUS(status)
					   : WTERMSIG(status)));
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	return why_not(&w->why, WHY_NOTHING,
	    "%s failed; what it said is in %s/out/%s", argv[0], w->log.path,
	    name);
}

bool
act_run(struct switch_work *w, const char *const *argv, json_t *back,
    uint64_t patience_ms)
{
	json_t *what = json_object(), *outcome = json_object();
	json_int_t number;
	bool is_good;

	json_object_set_new(what, "program", json_string(argv[0]));
	json_object_set_new(what, "argv", act_words(argv));
	if (back != NULL)
		json_object_set_new(what, "back", back);
	number = act_begin(w, "run", what);
	if (number < 0) {
		json_decref(outcome);
		return false;
	}
	is_good = act_run_plain(w, argv, number, patience_ms, outcome);
	return act_end(w, number, is_good, outcome);
}

bool
act_ask(const char *const *argv, struct buf *out)
{
	struct why why = { 0 };
	char piece[4096];
	int fd = -1, status = 0;
	ssize_t n;
	bool is_good;

	if (!memfd_open(&fd, &why))
		return false;
	is_good = run_program(argv, -1, fd, 60000, &status, &why) &&
	    lseek(fd, 0, SEEK_SET) == 0;
	while (is_good && (n = whole_read(fd, piece, sizeof(piece))) > 0)
		buf_add(out, piece, (size_t)n);
	buf_add(out, "", 0);
	(void)close(fd);
	return is_good && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* A command of a list of the journal. */
static bool
run_listed(struct switch_work *w, const json_t *command)
{
	const char *argv[WORDS_MAX + 1] = { NULL };
	json_t *outcome = json_object();
	const json_t *word;
	bool is_good;
	size_t i;

	json_array_foreach(command, i, word) if (i < WORDS_MAX) argv[i] =
	    json_string_value(word);
	if (argv[0] == NULL || json_array_size(command) > WORDS_MAX)
		is_good = why_not(&w->why, WHY_BROKEN, "no command");
	else
		is_good = act_run_plain(w, argv, (json_int_t)w->log.chain.count,
		    PATIENCE, outcome);
	json_object_set(outcome, "argv", (json_t *)(uintptr_t)command);
	json_object_set_new(outcome, "ok", json_boolean(is_good));
	return switch_log_add(&w->log, "ran", outcome, &w->why) >= 0 && is_good;
}

bool
act_run_back(struct switch_work *w, const json_t *commands)
{
	const json_t *one;
	bool is_good = true;
	size_t i;

	json_array_foreach(commands, i, one) is_good =
	    run_listed(w, one) && is_good;
	return is_good;
}

json_t *
act_group_back(const char *name)
{
	const struct group *g = getgrnam(name);
	struct buf members = { 0 };
	json_t *commands;
	char gid[20];
	size_t i;

	if (g == NULL)
		return NULL;
	(void)snprintf(gid, sizeof(gid), "%u", (unsigned)g->gr_gid);
	for (i = 0; g->gr_mem[i] != NULL; i++) {
		if (i > 0)
			buf_byte(&members, ',');
		buf_text(&members, g->gr_mem[i]);
	}
	commands = json_pack("[[s,s,s,s,s]]", "/usr/sbin/groupadd", "-g", gid,
	    "--", name);
	if (i > 0)
		json_array_append_new(commands,
		    json_pack("[s,s,s,s]", "/usr/bin/gpasswd", "-M",
			members.bytes, name));
	buf_free(&members);
	return commands;
}

bool
act_group_bring(struct switch_work *w, const char *name, const json_t *back)
{
	json_t *now = act_group_back(name);
	bool is_good;
	size_t i;

	if (now == NULL) {
		is_good = act_run_back(w, back);
	} else if (!json_equal(json_array_get(now, 0),
		       json_array_get(back, 0))) {
		is_good = why_not(&w->why, WHY_NOTHING,
		    "there is a group %s with another number", name);
	} else {
		is_good = true;
		if (!json_equal(now, back))
			for (i = 1; i < json_array_size(back); i++)
				is_good =
				    run_listed(w, json_array_get(back, i)) &&
				    is_good;
	}
	json_decref(now);
	return is_good;
}

/* --- files ---------------------------------------------------------------- */

/* Write text as name in folder, in one step, and have it on the disk. */
static bool
replace(int folder, const char *name, const struct buf *text, mode_t mode,
    struct why *why)
{
	struct outfile file;
	bool is_good;

	if (!outfile_open(folder, name, mode, &file, why))
		return false;
	is_good = whole_write(file.fd, text->bytes, text->size) ||
	    why_not(why, WHY_SYSTEM, "%s: cannot be written", name);
	is_good = is_good && outfile_commit(&file, true, why);
	outfile_close(&file);
	(void)fsync(folder);
	return is_good;
}

/* Copy what is at path to STATE/keep/NUMBER, if there is anything. */
static bool
keep_before(struct switch_work *w, int folder, const char *name,
    json_int_t number)
{
	char as[40];
	int keep = act_folder(w, "keep");
	bool is_good = keep != -1;

	(void)snprintf(as, sizeof(as), "%" JSON_INTEGER_FORMAT, number);
	if (is_good && faccessat(folder, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		is_good = tree_copy(folder, name, keep, as, true, &w->why);
	if (keep != -1) {
		(void)fsync(keep);
		(void)close(keep);
	}
	return is_good;
}

/* The folder a file of Candor's is in, which may have to be made. */
static int
parent_of(struct switch_work *w, const char *path, const char **name)
{
	struct buf folder = { 0 };
	const char *at = path;
	int fd;

	while ((at = strchr(at + 1, '/')) != NULL) {
		buf_cut(&folder, 0);
		buf_add(&folder, path, (size_t)(at - path));
		(void)mkdir(folder.bytes, 0755);
	}
	buf_free(&folder);
	fd = tree_open_parent(path, name);
	if (fd != -1) {
		int open_fd =
		    openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		(void)close(fd);
		fd = open_fd;
	}
	if (fd == -1)
		(void)why_not(&w->why, WHY_SYSTEM, "%s: no folder for it",
		    path);
	return fd;
}

bool
act_write(struct switch_work *w, const char *path, const struct buf *text)
{
	char before[CHAIN_HEX] = "", after[CHAIN_HEX];
	const char *name;
	int folder = parent_of(w, path, &name);
	json_int_t number;
	json_t *what;
	bool is_good = false;

	if (folder == -1)
		return false;
	if (!act_hash(folder, name, before) &&
	    faccessat(folder, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
		(void)close(folder);
		return why_not(&w->why, WHY_NOTHING,
		    "%s is there, and is no plain file", path);
	}
	chain_hash(text->bytes, text->size, after);
	what = json_pack("{s:s, s:s, s:s}", "path", path, "before", before,
	    "after", after);
	if (strcmp(before, after) == 0) {
		json_decref(what);
		(void)close(folder);
		return true;
	}
	number = act_begin(w, "write", what);
	if (number >= 0) {
		is_good = keep_before(w, folder, name, number) &&
		    replace(folder, name, text, 0644, &w->why);
		is_good = act_end(w, number, is_good, NULL);
	}
	(void)close(folder);
	return is_good;
}

/* Put back what was there before, byte for byte. */
static bool
restore(struct switch_work *w, int folder, const char *name,
    const struct switch_act *a)
{
	char as[40];
	int keep = act_folder(w, "keep");
	bool is_good = keep != -1;

	(void)snprintf(as, sizeof(as), "%" JSON_INTEGER_FORMAT, a->number);
	is_good = is_good &&
	    (unlinkat(folder, name, 0) == 0 || errno == ENOENT) &&
	    tree_copy(keep, as, folder, name, true, &w->why);
	if (keep != -1)
		(void)close(keep);
	return is_good;
}

bool
act_write_back(struct switch_work *w, const struct switch_act *a)
{
	const char *path = switch_text(a->act, "path"), *name;
	const char *before = switch_text(a->act, "before");
	char now[CHAIN_HEX] = "";
	int folder = parent_of(w, path, &name);
	bool is_good = true;

	if (folder == -1)
		return false;
	(void)act_hash(folder, name, now);
	if (strcmp(now, before) == 0)
		is_good = true; /* it is so already */
	else if (now[0] != '\0' &&
	    strcmp(now, switch_text(a->act, "after")) != 0)
		is_good = why_not(&w->why, WHY_NOTHING,
		    "%s was changed since; what was there before is "
		    "%s/keep/%" JSON_INTEGER_FORMAT,
		    path, w->log.path, a->number);
	else if (before[0] == '\0')
		is_good = unlinkat(folder, name, 0) == 0 || errno == ENOENT;
	else
		is_good = restore(w, folder, name, a);
	(void)fsync(folder);
	(void)close(folder);
	return is_good;
}
