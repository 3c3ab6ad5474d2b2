/*
 * bench.c - a place to try the installed programs on.  See bench.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/selftest/bench.h"

#include "lib/base/hex.h"
#include "lib/crypto/digest.h"
#include "sys/beside.h"
#include "sys/spawn.h"
#include "sys/whole.h"

#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE_MS 60000

static int
remove_one(const char *path, const struct stat *s, int type, struct FTW *f)
{
	(void)s;
	(void)type;
	(void)f;
	return remove(path);
}

bool
bench_open(struct bench *b)
{
	const char *tmp = getenv("TMPDIR");

	memset(b, 0, sizeof(*b));
	if (tmp == NULL || strlen(tmp) > 30)
		tmp = "/tmp";
	(void)snprintf(b->folder, sizeof(b->folder),
	    "%s/candor-selftest-XXXXXX", tmp);
	if (mkdtemp(b->folder) == NULL)
		return bench_fail(b, "no folder in %s", tmp);
	t_feed_begin(&b->feed);
	b->clock = T_TIME + 5 * 3600;
	return true;
}

void
bench_close(struct bench *b)
{
	(void)nftw(b->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

bool
bench_fail(struct bench *b, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(b->why, sizeof(b->why), format, args);
	va_end(args);
	return false;
}

const char *
bench_path(const char *folder, const char *name)
{
	static char room[4][BENCH_PATH];
	static unsigned next;
	char *out = room[next++ % 4];

	(void)snprintf(out, BENCH_PATH, "%s/%s", folder, name);
	return out;
}

/* A file, and the folders it is in. */
bool
bench_write(const char *path, const void *bytes, size_t size)
{
	char part[BENCH_PATH], *slash = part;
	bool is_done;
	int fd;

	(void)snprintf(part, sizeof(part), "%s", path);
	while ((slash = strchr(slash + 1, '/')) != NULL) {
		*slash = '\0';
		(void)mkdir(part, 0755);
		*slash = '/';
	}
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	is_done = fd != -1 && whole_write(fd, bytes, size);
	if (fd != -1)
		(void)close(fd);
	return is_done;
}

/* --- running ------------------------------------------------------------- */

/* From here on, for all that descend from us: sockets of this machine only. */
static bool
forbid_network(void)
{
	struct sock_filter line[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, args)),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 1 /* AF_UNIX */, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog all = { sizeof(line) / sizeof(line[0]), line };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0u, &all) == 0;
}

static _Noreturn void
child(int out, bool no_network, const char *path, const char *const *argv)
{
	int null = open("/dev/null", O_RDONLY);

	(void)setsid();
	if (null == -1 || dup2(null, 0) == -1 || dup2(out, 1) == -1 ||
	    dup2(out, 2) == -1 || (no_network && !forbid_network()))
		_exit(126);
	(void)execv(path, (char *const *)(uintptr_t)argv);
	_exit(127);
}

/* Keep what it says until it is silent for good. */
static bool
listen_to(struct bench *b, int from)
{
	size_t at = 0;
	ssize_t n = 1;

	while (n > 0) {
		struct pollfd p = { from, POLLIN, 0 };
		char rest[512];

		if (poll(&p, 1, PATIENCE_MS) != 1)
			return false;
		if (at < BENCH_TEXT - 1)
			n = read(from, b->said + at, BENCH_TEXT - 1 - at);
		else
			n = read(from, rest, sizeof(rest));
		if (n > 0 && at < BENCH_TEXT - 1)
			at += (size_t)n;
	}
	b->said[at] = '\0';
	return n == 0;
}

int
bench_run(struct bench *b, bool no_network, const char *program,
    const char *const *word)
{
	const char *argv[24] = { program };
	char path[PATH_MAX];
	struct why why;
	int ends[2], status = 0;
	size_t i;
	pid_t pid;

	for (i = 0; i < 22 && word[i] != NULL; i++)
		argv[i + 1] = word[i];
	if (!beside_program(program, path, sizeof(path), &why) ||
	    pipe2(ends, O_CLOEXEC) == -1)
		return -1;
	pid = fork();
	if (pid == 0)
		child(ends[1], no_network, path, argv);
	(void)close(ends[1]);
	if (pid == -1 || !listen_to(b, ends[0]))
		(void)kill(-pid, SIGKILL);
	(void)close(ends[0]);
	if (pid == -1 || waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* --- publishing ---------------------------------------------------------- */

static const char *
database_path(const struct bench *b, const char *name)
{
	static char out[BENCH_PATH];

	(void)snprintf(out, sizeof(out), "%s/%s.cand", b->folder, name);
	return out;
}

bool
bench_database(struct bench *b, const char *name, const char *pattern)
{
	char source[BENCH_PATH], line[1200], hex[1024];
	const char *const word[] = { "db", "build", "--quiet", "-o",
		database_path(b, name), source, NULL };
	int n;

	if (strlen(pattern) * 2 >= sizeof(hex))
		return bench_fail(b, "pattern too long");
	hex_write(pattern, strlen(pattern), hex);
	n = snprintf(line, sizeof(line), "Selftest.%s:0:*:%s\n", name, hex);
	(void)snprintf(source, sizeof(source), "%s/%s.ndb", b->folder, name);
	if (!bench_write(source, line, (size_t)n))
		return bench_fail(b, "cannot write to %s", b->folder);
	return bench_run(b, false, "candor", word) == 0 ||
	    bench_fail(b, "candor db build: %.100s", b->said);
}

/* Read what was built, and put it where its hash says. */
static bool
put_blob(struct bench *b, const char *database, struct trust_file *out)
{
	static uint8_t bytes[1 << 20];
	int fd = open(database_path(b, database), O_RDONLY | O_CLOEXEC);
	ssize_t n = fd == -1 ? -1 : whole_read(fd, bytes, sizeof(bytes));
	char hex[65], name[128];

	if (fd != -1)
		(void)close(fd);
	if (n <= 0)
		return bench_fail(b, "no database %s", database);
	out->size = (uint64_t)n;
	digest_of(DIGEST_SHA256, bytes, (size_t)n, out->sha256);
	hex_write(out->sha256, 32, hex);
	(void)snprintf(name, sizeof(name), "mirror/blob/sha256/%.2s/%s", hex,
	    hex + 2);
	return bench_write(bench_path(b->folder, name), bytes, (size_t)n) ||
	    bench_fail(b, "cannot write to %s", b->folder);
}

bool
bench_release(struct bench *b, const char *database, uint32_t signers)
{
	static char text[TRUST_ENTRY_MAX];
	static struct trust_release r;
	struct why why;
	size_t size;

	t_release(b->feed.size, &r);
	r.root = b->feed.root.version;
	if (!put_blob(b, database, &r.file[0]))
		return false;
	if (!trust_release_write(&r, text, sizeof(text), &size, &why))
		return bench_fail(b, "%s", why.text);
	b->feed.entry_size = t_feed_sign(text, size, 0, signers, b->feed.entry);
	t_feed_append(&b->feed, b->feed.entry, b->feed.entry_size);
	return true;
}

bool
bench_publish(struct bench *b, const struct t_view *v)
{
	static char latest[TRUST_LATEST_MAX];
	static const struct t_view usual;
	size_t size = t_feed_latest(&b->feed, v != NULL ? v : &usual, latest);

	return (bench_write(bench_path(b->folder, "mirror/latest"), latest,
		    size) &&
		   bench_write(bench_path(b->folder, "mirror/roots"),
		       b->feed.roots, b->feed.roots_size)) ||
	    bench_fail(b, "cannot write to %s", b->folder);
}

/* --- a machine ----------------------------------------------------------- */

bool
bench_machine(struct bench *b, const char *machine, const char *mirror)
{
	char name[64], text[BENCH_PATH + 32];
	int n = snprintf(text, sizeof(text), "mirror = %s\n", mirror);

	(void)snprintf(name, sizeof(name), "%s/feeds.d/main.conf", machine);
	if (!bench_write(bench_path(b->folder, name), text, (size_t)n))
		return bench_fail(b, "cannot write to %s", b->folder);
	(void)snprintf(name, sizeof(name), "%s/feeds.d/main.root", machine);
	return bench_write(bench_path(b->folder, name), b->feed.anchor,
		   b->feed.anchor_size) ||
	    bench_fail(b, "cannot write to %s", b->folder);
}

/* candor WORDS --settings ... --state ... --clock ... */
static int
run_there(struct bench *b, bool no_network, const char *machine,
    const char *first, const char *second)
{
	char settings[BENCH_PATH], state[BENCH_PATH], clock[32];
	const char *const word[] = { "--settings", settings, "--state", state,
		"--clock", clock };
	const char *all[12];
	size_t i, n = 0;

	(void)snprintf(settings, sizeof(settings), "%s/%s/feeds.d", b->folder,
	    machine);
	(void)snprintf(state, sizeof(state), "%s/%s/feeds", b->folder, machine);
	(void)snprintf(clock, sizeof(clock), "%" PRIu64, b->clock);
	all[n++] = first;
	if (second != NULL)
		all[n++] = second;
	for (i = 0; i < sizeof(word) / sizeof(word[0]); i++)
		all[n++] = word[i];
	all[n] = NULL;
	return bench_run(b, no_network, "candor", all);
}

int
bench_update(struct bench *b, const char *machine)
{
	return run_there(b, false, machine, "update", NULL);
}

int
bench_update_without_network(struct bench *b, const char *machine)
{
	return run_there(b, true, machine, "update", NULL);
}

bool
bench_is(struct bench *b, const char *machine, const char *word)
{
	char want[64];

	(void)run_there(b, false, machine, "feed", "list");
	(void)snprintf(want, sizeof(want), "main: %s\n", word);
	return strstr(b->said, want) != NULL ||
	    bench_fail(b, "candor feed list does not say %s", word);
}

const char *
bench_current(const struct bench *b, const char *machine)
{
	static char out[64];
	char name[64];
	ssize_t n;

	(void)snprintf(name, sizeof(name), "%s/feeds/main/current", machine);
	n = readlink(bench_path(b->folder, name), out, sizeof(out) - 1);
	out[n > 0 ? n : 0] = '\0';
	return out;
}

bool
bench_finds(struct bench *b, bool no_network, const char *machine,
    const char *text)
{
	char name[64], database[BENCH_PATH];
	const char *sample = bench_path(b->folder, "sample");
	const char *const word[] = { "scan", "--no-cache", "--no-progress",
		"-d", database, sample, NULL };

	(void)snprintf(name, sizeof(name), "%s/feeds/main/current/main-1.cand",
	    machine);
	(void)snprintf(database, sizeof(database), "%s/%s", b->folder, name);
	if (!bench_write(sample, text, strlen(text)))
		return bench_fail(b, "cannot write to %s", b->folder);
	return bench_run(b, no_network, "candor", word) == 1;
}
