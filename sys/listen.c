/*
 * listen.c - sockets that others connect to.  See listen.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sys/listen.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BACKLOG 512

/* --- Unix ----------------------------------------------------------------- */

static bool
unix_address(const char *path, struct sockaddr_un *out, struct why *why)
{
	size_t len = strlen(path);

	memset(out, 0, sizeof(*out));
	out->sun_family = AF_UNIX;
	if (len == 0 || len >= sizeof(out->sun_path))
		return why_not(why, WHY_LIMIT,
		    "%s: longer than the path of a socket may be", path);
	memcpy(out->sun_path, path, len + 1);
	return true;
}

bool
listen_connect(const char *path, int type, int *fd, struct why *why)
{
	struct sockaddr_un a;

	if (!unix_address(path, &a, why))
		return false;
	*fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	if (*fd == -1)
		return why_not(why, WHY_SYSTEM, "cannot make a socket");
	if (connect(*fd, (struct sockaddr *)&a, sizeof(a)) == 0)
		return true;
	(void)why_not(why, WHY_SYSTEM, "%s: cannot connect", path);
	(void)close(*fd);
	*fd = -1;
	return false;
}

/* Make the folder the socket is in, if only that is missing. */
static void
make_folder(const char *path)
{
	char folder[sizeof(((struct sockaddr_un *)0)->sun_path)];
	char *slash;

	(void)snprintf(folder, sizeof(folder), "%s", path);
	slash = strrchr(folder, '/');
	if (slash == NULL || slash == folder)
		return;
	*slash = '\0';
	(void)mkdir(folder, 0755);
}

/* Remove a socket nobody listens at; false if somebody does, or it is none. */
static bool
remove_stale(const char *path, int type, struct why *why)
{
	struct why unused;
	struct stat s;
	int fd;

	if (lstat(path, &s) == -1)
		return true;
	if (!S_ISSOCK(s.st_mode))
		return why_not(why, WHY_SYSTEM, "%s: is there, and no socket",
		    path);
	if (listen_connect(path, type, &fd, &unused)) {
		(void)close(fd);
		return why_not(why, WHY_SYSTEM, "%s: another program listens",
		    path);
	}
	if (unused.err != ECONNREFUSED)
		return why_not(why, WHY_SYSTEM, "%s: another program listens",
		    path);
	(void)unlink(path);
	return true;
}

static bool
bind_unix(int fd, const struct sockaddr_un *a, mode_t mode, gid_t group,
    struct why *why)
{
	/* Nobody gets in before its permissions are right. */
	mode_t mask = umask(0777);
	int end = bind(fd, (const struct sockaddr *)a, sizeof(*a));

	(void)umask(mask);
	if (end == -1)
		return why_not(why, WHY_SYSTEM, "%s: cannot bind", a->sun_path);
	if (group != (gid_t)-1 && chown(a->sun_path, (uid_t)-1, group) == -1)
		return why_not(why, WHY_SYSTEM, "%s: cannot set its group",
		    a->sun_path);
	if (chmod(a->sun_path, mode) == -1)
		return why_not(why, WHY_SYSTEM,
		    "%s: cannot set its permissions", a->sun_path);
	if (listen(fd, BACKLOG) == -1)
		return why_not(why, WHY_SYSTEM, "%s: cannot listen",
		    a->sun_path);
	return true;
}

bool
listen_unix(const char *path, int type, mode_t mode, gid_t group, int *fd,
    struct why *why)
{
	struct sockaddr_un a;

	*fd = -1;
	if (!unix_address(path, &a, why))
		return false;
	make_folder(path);
	if (!remove_stale(path, type, why))
		return false;
	*fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (*fd == -1)
		return why_not(why, WHY_SYSTEM, "cannot make a socket");
	if (bind_unix(*fd, &a, mode, group, why))
		return true;
	(void)close(*fd);
	*fd = -1;
	return false;
}

/* --- TCP ------------------------------------------------------------------ */

/* getaddrinfo() takes signs, and what is left of a number beyond 16 bits. */
static bool
is_port(const char *text)
{
	size_t len = strspn(text, "0123456789");

	return len > 0 && len <= 5 && text[len] == '\0' &&
	    strtoul(text, NULL, 10) <= UINT16_MAX;
}

/* Cut "HOST:PORT" in two; brackets and names are taken off the host. */
static bool
split_address(const char *address, char host[128], char port[8])
{
	const char *colon = strrchr(address, ':');
	size_t len = colon != NULL ? (size_t)(colon - address) : 0;

	if (colon == NULL || len >= 128 || !is_port(colon + 1))
		return false;
	(void)snprintf(port, 8, "%s", colon + 1);
	if (address[0] == '[' && len > 1 && address[len - 1] == ']') {
		address++;
		len -= 2;
	}
	(void)snprintf(host, 128, "%.*s", (int)len, address);
	if (strcmp(host, "localhost") == 0)
		(void)snprintf(host, 128, "127.0.0.1");
	return true;
}

static bool
bind_tcp(int fd, const struct addrinfo *at)
{
	int on = 1;

	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (at->ai_family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on,
		    sizeof(on));
	return bind(fd, at->ai_addr, at->ai_addrlen) == 0 &&
	    listen(fd, BACKLOG) == 0;
}

bool
listen_tcp(const char *address, int *fd, struct why *why)
{
	const struct addrinfo hint = {
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
		.ai_socktype = SOCK_STREAM,
	};
	struct addrinfo *at;
	char host[128], port[8];

	*fd = -1;
	if (!split_address(address, host, port) ||
	    getaddrinfo(strcmp(host, "*") == 0 ? NULL : host, port, &hint,
		&at) != 0)
		return why_not(why, WHY_BROKEN,
		    "%s: not an address in numbers and a port", address);
	*fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0);
	if (*fd == -1 || !bind_tcp(*fd, at)) {
		(void)why_not(why, WHY_SYSTEM, "%s: cannot listen", address);
		if (*fd != -1)
			(void)close(*fd);
		*fd = -1;
	}
	freeaddrinfo(at);
	return *fd != -1;
}

/* --- clients -------------------------------------------------------------- */

int
listen_accept(int fd)
{
	int client;

	do
		client = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	while (client == -1 && (errno == EINTR || errno == ECONNABORTED));
	return client;
}

bool
listen_peer_get(int fd, struct listen_peer *out)
{
	struct ucred cred;
	socklen_t size = sizeof(cred);
	struct sockaddr_storage a;
	socklen_t room = sizeof(a);

	/* A TCP socket says it is nobody's: do not let that be root's. */
	memset(&a, 0, sizeof(a));
	if (getsockname(fd, (struct sockaddr *)&a, &room) == -1 ||
	    a.ss_family != AF_UNIX ||
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &size) == -1)
		return false;
	out->uid = cred.uid;
	out->gid = cred.gid;
	out->pid = cred.pid;
	return true;
}

bool
listen_peer_groups(int fd, gid_t *out, size_t room, size_t *count)
{
	socklen_t size = (socklen_t)(room * sizeof(out[0]));

	*count = 0;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, out, &size) == -1)
		return false;
	*count = size / sizeof(out[0]);
	return true;
}

bool
listen_peer_is_admin(const struct listen_peer *peer, uid_t owner,
    const char *group)
{
	gid_t list[256];
	int count = sizeof(list) / sizeof(list[0]), i;
	const struct passwd *user;
	const struct group *g;

	if (peer->uid == 0 || peer->uid == owner)
		return true;
	g = group[0] != '\0' ? getgrnam(group) : NULL;
	if (g == NULL)
		return false;
	if (g->gr_gid == peer->gid)
		return true;
	user = getpwuid(peer->uid);
	if (user == NULL ||
	    getgrouplist(user->pw_name, user->pw_gid, list, &count) == -1)
		return false;
	for (i = 0; i < count; i++)
		if (list[i] == g->gr_gid)
			return true;
	return false;
}

/* --- sockets from a service manager --------------------------------------- */

#define INHERITED_FIRST 3
#define INHERITED_MAX   16

static struct {
	bool is_read;
	int count;
	char name[INHERITED_MAX][64]; /* empty once given */
} inherited;

/* The names between colons; a missing one is "unknown". */
static void
read_names(const char *names)
{
	int i;

	for (i = 0; i < inherited.count; i++) {
		size_t len = names != NULL ? strcspn(names, ":") : 0;

		(void)snprintf(inherited.name[i], sizeof(inherited.name[i]),
		    "%.*s", (int)(len < 63 ? len : 63),
		    len > 0 ? names : "unknown");
		if (names != NULL)
			names = names[len] == ':' ? names + len + 1 : NULL;
	}
}

static void
read_inherited(void)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
	int i;

	inherited.is_read = true;
	if (pid == NULL || fds == NULL ||
	    strtol(pid, NULL, 10) != (long)getpid())
		return;
	inherited.count = (int)strtol(fds, NULL, 10);
	if (inherited.count < 0 || inherited.count > INHERITED_MAX)
		inherited.count = 0;
	read_names(getenv("LISTEN_FDNAMES"));
	for (i = 0; i < inherited.count; i++) {
		int fd = INHERITED_FIRST + i;
		int flags = fcntl(fd, F_GETFL);

		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
		if (flags != -1)
			(void)fcntl(fd, F_SETFL, flags | O_NONBLOCK);
	}
	(void)unsetenv("LISTEN_PID");
	(void)unsetenv("LISTEN_FDS");
	(void)unsetenv("LISTEN_FDNAMES");
}

int
listen_inherited(const char *name)
{
	int i;

	if (!inherited.is_read)
		read_inherited();
	for (i = 0; i < inherited.count; i++) {
		if (strcmp(inherited.name[i], name) != 0)
			continue;
		inherited.name[i][0] = '\0';
		return INHERITED_FIRST + i;
	}
	return -1;
}
