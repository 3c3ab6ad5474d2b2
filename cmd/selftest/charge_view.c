/*
 * charge_view.c - trials about what is asked, kept and told.  See charges.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/selftest/charges.h"
#include "cmd/selftest/selftest.h"

#include "sys/whole.h"

#include <sys/socket.h>
#include <sys/stat.h>

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define DAY       UINT64_C(86400)
#define YEAR_2040 UINT64_C(2208988800)

/* --- what is kept -------------------------------------------------------- */

/* A folder's files, one after the other: names, modes and bytes. */
struct kept {
	char text[131072];
	size_t size;
	bool has_program; /* a file that could be executed */
};

static void
keep_file(struct kept *k, const char *name, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t room = sizeof(k->text) - k->size;
	struct stat s;
	int n = snprintf(k->text + k->size, room, "%s\n", name);

	k->size += n > 0 && (size_t)n < room ? (size_t)n : 0;
	if (fd == -1)
		return;
	if (fstat(fd, &s) == 0 && (s.st_mode & 0111) != 0)
		k->has_program = true;
	k->size += (size_t)whole_pread(fd, k->text + k->size,
	    sizeof(k->text) - k->size, 0);
	(void)close(fd);
}

static int
by_name(const struct dirent **x, const struct dirent **y)
{
	return strcmp((*x)->d_name, (*y)->d_name);
}

static void
keep_folder(struct kept *k, const char *folder)
{
	struct dirent **entry;
	int i, count = scandir(folder, &entry, NULL, by_name);

	for (i = 0; i < count; i++) {
		char path[2 * BENCH_PATH];

		(void)snprintf(path, sizeof(path), "%s/%.150s", folder,
		    entry[i]->d_name);
		if (entry[i]->d_type == DT_REG)
			keep_file(k, entry[i]->d_name, path);
		free(entry[i]);
	}
	if (count >= 0)
		free(entry);
}

/* Of a machine: the feed's folder, and what is current. */
static struct kept *
keep_machine(const struct bench *b, const char *machine)
{
	struct kept *k = calloc(1, sizeof(*k));
	char folder[BENCH_PATH];

	if (k == NULL)
		return NULL;
	(void)snprintf(folder, sizeof(folder), "%s/%s/feeds/main", b->folder,
	    machine);
	keep_folder(k, folder);
	(void)snprintf(folder, sizeof(folder), "%s/%s/feeds/main/current",
	    b->folder, machine);
	keep_folder(k, folder);
	return k;
}

bool
charge_data(struct bench *b)
{
	struct kept *k;
	bool holds;

	if (!charge_begin(b, "a"))
		return false;
	k = keep_machine(b, "a");
	holds = k != NULL && k->size > 1000 && !k->has_program;
	free(k);
	return (holds || bench_fail(b, "a file has execute bits")) &&
	    (bench_finds(b, true, "a", CHARGE_TEXT) ||
		bench_fail(b, "what was installed finds nothing"));
}

/* --- what is asked ------------------------------------------------------- */

/* A web server of files, in a process of its own, that writes down what it is
   asked. */
struct server {
	pid_t pid;
	int port;
	int said; /* pipe */
};

static void
answer(const char *folder, int client, int said)
{
	static char file[1 << 20];
	char asked[4096], path[2 * BENCH_PATH], head[128], name[128];
	size_t at = 0;
	ssize_t n = 1;
	int fd;

	while (n > 0 && at < sizeof(asked) - 1) {
		n = read(client, asked + at, sizeof(asked) - 1 - at);
		at += n > 0 ? (size_t)n : 0;
		asked[at] = '\0';
		if (strstr(asked, "\r\n\r\n") != NULL)
			break;
	}
	(void)whole_write(said, asked, at);
	if (sscanf(asked, "GET /%127[a-z0-9/] ", name) != 1)
		return;
	(void)snprintf(path, sizeof(path), "%s/mirror/%s", folder, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd == -1 ? -1 : whole_read(fd, file, sizeof(file));
	if (fd != -1)
		(void)close(fd);
	(void)snprintf(head, sizeof(head),
	    "HTTP/1.1 %s\r\nContent-Length: %zd\r\n\r\n",
	    n < 0 ? "404 Not Found" : "200 OK", n < 0 ? 0 : n);
	(void)whole_write(client, head, strlen(head));
	if (n > 0)
		(void)whole_write(client, file, (size_t)n);
}

static bool
server_start(struct bench *b, struct server *s)
{
	struct sockaddr_in here = { .sin_family = AF_INET };
	socklen_t size = sizeof(here);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), ends[2];

	here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (listener == -1 || pipe2(ends, O_CLOEXEC) == -1 ||
	    bind(listener, (struct sockaddr *)&here, size) == -1 ||
	    listen(listener, 8) == -1 ||
	    getsockname(listener, (struct sockaddr *)&here, &size) == -1)
		return bench_fail(b, "no server on loopback");
	s->port = ntohs(here.sin_port);
	s->said = ends[0];
	s->pid = fork();
	while (s->pid == 0) {
		int client = accept(listener, NULL, NULL);

		if (client == -1)
			_exit(1);
		answer(b->folder, client, ends[1]);
		(void)close(client);
	}
	(void)close(listener);
	(void)close(ends[1]);
	return s->pid != -1;
}

/* What it was asked, all of it. */
static void
server_stop(struct server *s, char *out, size_t room)
{
	ssize_t n;

	(void)kill(s->pid, SIGKILL);
	(void)waitpid(s->pid, NULL, 0);
	n = whole_read(s->said, out, room - 1);
	out[n > 0 ? n : 0] = '\0';
	(void)close(s->said);
}

/* One machine updates from a web server: what did it ask? */
static bool
ask_as(struct bench *b, const char *machine, int *port, char *out, size_t room)
{
	struct server s = { .pid = -1 };
	char url[64];
	int code;

	if (!server_start(b, &s))
		return false;
	*port = s.port;
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%d", s.port);
	code = bench_machine(b, machine, url) ? bench_update(b, machine) : -1;
	server_stop(&s, out, room);
	return code == 0 ||
	    bench_fail(b, "a good update fails: %.100s", b->said);
}

static bool
publish_first(struct bench *b)
{
	return bench_database(b, "one", CHARGE_TEXT) &&
	    bench_release(b, "one", CHARGE_KEYS) && bench_publish(b, NULL);
}

bool
charge_request(struct bench *b)
{
	static char asked[16384], want[1024];
	const char *file;
	int port, n;

	if (!publish_first(b) || !ask_as(b, "a", &port, asked, sizeof(asked)))
		return false;
	file = strstr(asked, "GET /blob/sha256/");
	if (file == NULL)
		return bench_fail(b, "it did not ask for the file");
	n = snprintf(want, sizeof(want),
	    "GET /roots HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
	    "Connection: close\r\n\r\n"
	    "GET /latest HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
	    "Connection: close\r\n\r\n"
	    "%.*s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
	    "Connection: close\r\n\r\n",
	    port, port, (int)(strlen("GET /blob/sha256/") + 65), file, port);
	return (n > 0 && strcmp(asked, want) == 0) ||
	    bench_fail(b, "it asked something else: %.100s", asked);
}

/* The port of the server is no part of what is compared. */
static void
without_port(char *text, int port)
{
	char word[16], *at = text;

	(void)snprintf(word, sizeof(word), ":%d\r", port);
	while ((at = strstr(at, word)) != NULL)
		memset(at, ':', strlen(word));
}

bool
charge_same(struct bench *b)
{
	static char first[16384], second[16384];
	struct kept *x, *y;
	int port = 0, other = 0;
	bool same;

	if (!publish_first(b) || !ask_as(b, "a", &port, first, sizeof(first)))
		return false;
	/* Another name, another language, another place, another past. */
	(void)setenv("HOSTNAME", "another", 1);
	(void)setenv("LANG", "de_DE.UTF-8", 1);
	(void)setenv("TZ", "Asia/Tokyo", 1);
	(void)setenv("http_proxy", "http://127.0.0.1:1/", 1);
	if (!bench_machine(b, "b", "/nowhere") || bench_update(b, "b") == 0 ||
	    !ask_as(b, "b", &other, second, sizeof(second)))
		return false;
	without_port(first, port);
	without_port(second, other);
	if (strlen(first) == strlen(second) && strcmp(first, second) != 0)
		return bench_fail(b, "they asked for different bytes");
	x = keep_machine(b, "a");
	y = keep_machine(b, "b");
	same = x != NULL && y != NULL && x->size > 1000 && x->size == y->size &&
	    memcmp(x->text, y->text, x->size) == 0;
	free(x);
	free(y);
	return same || bench_fail(b, "they keep different bytes");
}

/* --- what is told -------------------------------------------------------- */

bool
charge_held_back(struct bench *b)
{
	if (!charge_begin(b, "a") || !bench_is(b, "a", "CURRENT"))
		return false;
	b->clock += 3 * DAY;
	if (bench_update(b, "a") == 0)
		return bench_fail(b, "an update says that all is well");
	return bench_is(b, "a", "VIEW-STALE");
}

bool
charge_stick(struct bench *b)
{
	/* All below this is killed if it opens a socket to a network. */
	return charge_begin(b, "a") && bench_database(b, "two", CHARGE_OTHER) &&
	    bench_release(b, "two", CHARGE_KEYS) && bench_publish(b, NULL) &&
	    (bench_update_without_network(b, "a") == 0 ||
		bench_fail(b, "it fails: %.120s", b->said)) &&
	    (bench_finds(b, true, "a", CHARGE_OTHER) ||
		bench_fail(b, "it does not find what it should"));
}

bool
charge_2040(struct bench *b)
{
	if (!charge_begin(b, "a") || !bench_database(b, "two", CHARGE_OTHER) ||
	    !bench_release(b, "two", CHARGE_KEYS) || !bench_publish(b, NULL))
		return false;
	b->clock = YEAR_2040;
	if (bench_update(b, "a") == 0 || !bench_is(b, "a", "EXPIRED"))
		return bench_fail(b, "keys of 2025 are good in 2040");
	return bench_machine(b, "a", "/nowhere") && bench_update(b, "a") != 0 &&
	    (bench_finds(b, true, "a", CHARGE_TEXT) ||
		bench_fail(b, "it does not find it any more"));
}
