/*
 * clamd_load.c - ask a daemon that speaks clamd's protocol, from many
 * connections at once, and check every answer.
 *
 *   clamd_load [-c CONNECTIONS] [-n REQUESTS] [-k KIND] [-b BODY -e REPLY]
 *              [-m MARKER -f NAME] [-s SEED] SOCKET
 *
 * KIND is ping; body: INSTREAM of the file BODY, eight bytes that differ put
 * behind it, answered "stream: REPLY"; or mixed, the default:
 *
 *   90 %  INSTREAM of up to 64 KiB      2 %  FILDES
 *    1 %  INSTREAM of 1 to 10 MiB       3 %  SCAN of a file or a folder
 *    2 %  a session of five commands    1 %  given up in the middle
 *   0.5 % garbage                     0.5 %  INSTREAM, slowly
 *
 * One in eight contents has MARKER in it, and is to be answered "NAME FOUND".
 * One thread; every connection is used for one request, as clamd has it.
 * Prints one line of JSON; exit status 1 if an answer was wrong or missing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define POOL       ((size_t)16 << 20) /* contents are cut from it */
#define PIECES_MAX 24
#define REPLY_MAX  1024
#define SLOW_NS    20000000u
#define GIVE_UP_NS 120000000000u

enum kind {
	KIND_SMALL,
	KIND_LARGE,
	KIND_SESSION,
	KIND_DESCRIPTOR,
	KIND_SCAN,
	KIND_ABORT,
	KIND_GARBAGE,
	KIND_SLOW,
	KIND_PING,
	KIND_BODY,
	KINDS
};

static const char *const kind_name[KINDS] = { "small", "large", "session",
	"descriptor", "scan", "abort", "garbage", "slow", "ping", "body" };

struct piece {
	const void *at;
	size_t size;
};

/* One request on its way. */
struct visit {
	int fd;
	enum kind kind;
	struct piece piece[PIECES_MAX];
	size_t pieces, piece_at, sent;
	int descriptor;             /* to send with the second piece, or -1 */
	uint64_t began_ns, next_ns; /* slow: when the next bytes go */
	uint8_t size_bytes[PIECES_MAX][4];
	char text[160];       /* a command or garbage */
	char want[REPLY_MAX]; /* sorted lines of the reply */
	char got[REPLY_MAX];
	size_t got_size;
	uint64_t unique;
	struct visit *behind; /* of those the daemon does not accept yet */
};

static struct visit *unaccepted;

static struct {
	unsigned connections;
	uint64_t requests;
	bool is_mixed;
	enum kind kind;
	const char *marker, *name, *reply, *socket;
	struct piece body;
} option = { .connections = 500,
	.requests = 20000,
	.is_mixed = true,
	.name = "",
	.reply = "OK" };

static uint8_t *pool;
static char folder[64], clean_path[96], found_path[96], clean_folder[96];
static uint64_t dice = 1;
static uint64_t begun, ended, wrong, lost, by_kind[KINDS];
static uint32_t *took_us;
static int waits;

static _Noreturn void
die(const char *what)
{
	perror(what);
	exit(2);
}

static uint64_t
now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint64_t
roll(uint64_t below)
{
	dice ^= dice << 13;
	dice ^= dice >> 7;
	dice ^= dice << 17;
	return dice % below;
}

/* --- what is asked ------------------------------------------------------- */

static void
add(struct visit *v, const void *at, size_t size)
{
	v->piece[v->pieces++] = (struct piece){ at, size };
}

static void
add_size(struct visit *v, size_t size)
{
	uint8_t *to = v->size_bytes[v->pieces];
	int i;

	for (i = 0; i < 4; i++)
		to[i] = (uint8_t)(size >> (24 - 8 * i));
	add(v, to, 4);
}

static void
add_chunk(struct visit *v, const void *at, size_t size)
{
	add_size(v, size);
	add(v, at, size);
}

/* A stream that no other is like; returns whether it has the marker. */
static bool
add_stream(struct visit *v, size_t size)
{
	bool is_found = option.marker != NULL && roll(8) == 0;
	size_t head = size / 2;

	add_chunk(v, pool + roll(POOL - size), head + 1);
	if (is_found)
		add_chunk(v, option.marker, strlen(option.marker));
	add_chunk(v, pool + roll(POOL - size), size - head + 1);
	add_chunk(v, &v->unique, sizeof(v->unique));
	add_size(v, 0);
	return is_found;
}

static void
want_stream(struct visit *v, const char *before, bool is_found)
{
	size_t at = strlen(v->want);

	(void)snprintf(v->want + at, sizeof(v->want) - at, "%sstream: %s%s\n",
	    before, is_found ? option.name : "OK", is_found ? " FOUND" : "");
}

static void
ask_stream(struct visit *v, size_t size)
{
	add(v, "nINSTREAM\n", 10);
	want_stream(v, "", add_stream(v, size));
}

static void
ask_session(struct visit *v)
{
	bool first, second;

	add(v, "nIDSESSION\nnPING\nnINSTREAM\n", 27);
	first = add_stream(v, roll(4096) + 16);
	add(v, "nINSTREAM\n", 10);
	second = add_stream(v, roll(4096) + 16);
	(void)snprintf(v->text, sizeof(v->text), "nSCAN %s\nnEND\n",
	    clean_path);
	add(v, v->text, strlen(v->text));
	(void)snprintf(v->want, sizeof(v->want), "1: PONG\n");
	want_stream(v, "2: ", first);
	want_stream(v, "3: ", second);
	(void)snprintf(v->want + strlen(v->want),
	    sizeof(v->want) - strlen(v->want), "4: %s: OK\n", clean_path);
}

static void
ask_descriptor(struct visit *v)
{
	bool is_found = option.marker != NULL && roll(2) == 0;

	add(v, "nFILDES\n", 8);
	add(v, "x", 1);
	v->descriptor = open(is_found ? found_path : clean_path, O_RDONLY);
	if (v->descriptor == -1)
		die("open");
	(void)snprintf(v->want, sizeof(v->want), "fd: %s%s\n",
	    is_found ? option.name : "OK", is_found ? " FOUND" : "");
}

static void
ask_scan(struct visit *v)
{
	static const char *const command[] = { "SCAN", "CONTSCAN",
		"MULTISCAN" };
	bool is_found = option.marker != NULL && roll(2) == 0;
	const char *path = is_found ? found_path
	    : roll(2) == 0          ? clean_path
				    : clean_folder;

	(void)snprintf(v->text, sizeof(v->text), "n%s %s\n", command[roll(3)],
	    path);
	add(v, v->text, strlen(v->text));
	(void)snprintf(v->want, sizeof(v->want), "%s: %s%s\n", path,
	    is_found ? option.name : "OK", is_found ? " FOUND" : "");
}

static void
ask_garbage(struct visit *v)
{
	size_t i, size = roll(sizeof(v->text) - 2) + 1;

	v->text[0] = 'A';
	for (i = 1; i < size; i++)
		v->text[i] = (char)('a' + roll(26));
	v->text[size] = '\n';
	add(v, v->text, size + 1);
	(void)snprintf(v->want, sizeof(v->want), "UNKNOWN COMMAND\n");
}

static void
ask_body(struct visit *v)
{
	add(v, "nINSTREAM\n", 10);
	add_chunk(v, option.body.at, option.body.size);
	add_chunk(v, &v->unique, sizeof(v->unique));
	add_size(v, 0);
	(void)snprintf(v->want, sizeof(v->want), "stream: %s\n", option.reply);
}

static enum kind
choose(void)
{
	uint64_t n = roll(1000);

	if (!option.is_mixed)
		return option.kind;
	return n < 900 ? KIND_SMALL
	    : n < 910  ? KIND_LARGE
	    : n < 930  ? KIND_SESSION
	    : n < 950  ? KIND_DESCRIPTOR
	    : n < 980  ? KIND_SCAN
	    : n < 990  ? KIND_ABORT
	    : n < 995  ? KIND_GARBAGE
		       : KIND_SLOW;
}

static void
ask(struct visit *v)
{
	switch (v->kind) {
	case KIND_SMALL:
	case KIND_SLOW:
		ask_stream(v, roll(65536) + 16);
		break;
	case KIND_LARGE:
		ask_stream(v, ((size_t)1 << 20) + roll(9 << 20));
		break;
	case KIND_ABORT:
		ask_stream(v, roll(65536) + 16);
		v->pieces = 1 + roll(v->pieces - 1);
		v->want[0] = '\0';
		break;
	case KIND_SESSION:
		ask_session(v);
		break;
	case KIND_DESCRIPTOR:
		ask_descriptor(v);
		break;
	case KIND_SCAN:
		ask_scan(v);
		break;
	case KIND_GARBAGE:
		ask_garbage(v);
		break;
	case KIND_PING:
		add(v, "nPING\n", 6);
		(void)snprintf(v->want, sizeof(v->want), "PONG\n");
		break;
	case KIND_BODY:
		ask_body(v);
		break;
	case KINDS:
		break;
	}
}

/* --- one visit ----------------------------------------------------------- */

static void
watch(struct visit *v, uint32_t events, int how)
{
	struct epoll_event e = { .events = events, .data.ptr = v };

	if (epoll_ctl(waits, how, v->fd, &e) == -1)
		die("epoll_ctl");
}

/* False: its line is full.  Whoever waits there must not hold up the rest. */
static bool
reach(struct visit *v)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	(void)snprintf(a.sun_path, sizeof(a.sun_path), "%s", option.socket);
	if (connect(v->fd, (struct sockaddr *)&a, sizeof(a)) == -1) {
		if (errno != EAGAIN)
			die("connect");
		return false;
	}
	watch(v, EPOLLIN | EPOLLOUT, EPOLL_CTL_ADD);
	return true;
}

static void
begin(struct visit *v)
{
	memset(v, 0, sizeof(*v));
	v->descriptor = -1;
	v->kind = choose();
	v->unique = ++begun * UINT64_C(0x9e3779b97f4a7c15);
	ask(v);
	v->began_ns = now_ns();
	v->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (v->fd == -1)
		die("socket");
	if (!reach(v)) {
		v->behind = unaccepted;
		unaccepted = v;
	}
}

static void
reach_again(void)
{
	struct visit *v;

	while ((v = unaccepted) != NULL && reach(v))
		unaccepted = v->behind;
}

/* "fd[12]: OK" is "fd: OK", and the lines of a session in their order. */
static void
tidy(struct visit *v)
{
	char *line[16], copy[REPLY_MAX], *at, *next;
	size_t count = 0, i, used = 0;

	v->got[v->got_size] = '\0';
	if (strncmp(v->got, "fd[", 3) == 0 &&
	    (at = strchr(v->got, ']')) != NULL)
		memmove(v->got + 2, at + 1, strlen(at));
	memcpy(copy, v->got, sizeof(copy));
	for (at = copy; count < 16 && (next = strchr(at, '\n')) != NULL;
	     at = next + 1) {
		*next = '\0';
		for (i = count++; i > 0 && strcmp(line[i - 1], at) > 0; i--)
			line[i] = line[i - 1];
		line[i] = at;
	}
	for (i = 0; i < count; i++)
		used += (size_t)snprintf(v->got + used, sizeof(v->got) - used,
		    "%s\n", line[i]);
}

static void
end(struct visit *v)
{
	(void)close(v->fd);
	if (v->descriptor != -1)
		(void)close(v->descriptor);
	by_kind[v->kind]++;
	took_us[ended++] = (uint32_t)((now_ns() - v->began_ns) / 1000);
	if (v->kind == KIND_ABORT)
		return;
	tidy(v);
	if (v->got_size == 0)
		lost++;
	else if (strcmp(v->got, v->want) != 0)
		wrong++;
	else
		return;
	if (wrong + lost <= 10)
		(void)fprintf(stderr, "%s: wanted %sgot %s\n",
		    kind_name[v->kind], v->want, v->got);
}

static ssize_t
send_piece(struct visit *v, size_t most)
{
	const struct piece *p = &v->piece[v->piece_at];
	size_t left = p->size - v->sent;
	struct iovec part = { (void *)((uintptr_t)p->at + v->sent),
		left < most ? left : most };
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { .bytes = { 0 } };
	struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1 };

	if (v->descriptor != -1 && v->piece_at == 1) {
		m.msg_control = &control;
		m.msg_controllen = sizeof(control.bytes);
		control.head.cmsg_level = SOL_SOCKET;
		control.head.cmsg_type = SCM_RIGHTS;
		control.head.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.head), &v->descriptor, sizeof(int));
	}
	return sendmsg(v->fd, &m, MSG_NOSIGNAL);
}

/* False: the visit is over. */
static bool
speak(struct visit *v)
{
	size_t most = v->kind == KIND_SLOW ? 4096 : SIZE_MAX;

	while (v->piece_at < v->pieces) {
		ssize_t n;

		if (v->kind == KIND_SLOW && now_ns() < v->next_ns)
			return true;
		n = send_piece(v, most);
		if (n == -1 && errno == EAGAIN)
			return true;
		if (n == -1)
			break;
		v->sent += (size_t)n;
		if (v->sent == v->piece[v->piece_at].size) {
			v->piece_at++;
			v->sent = 0;
		}
		v->next_ns = now_ns() + SLOW_NS;
	}
	if (v->kind == KIND_ABORT)
		return false;
	v->pieces = 0;
	watch(v, EPOLLIN, EPOLL_CTL_MOD);
	return true;
}

static bool
listen_to(struct visit *v)
{
	ssize_t n = recv(v->fd, v->got + v->got_size,
	    sizeof(v->got) - 1 - v->got_size, 0);

	if (n == -1 && errno == EAGAIN)
		return true;
	if (n <= 0)
		return false;
	v->got_size += (size_t)n;
	return v->got_size < sizeof(v->got) - 1;
}

static void
visit_turn(struct visit *v, uint32_t events)
{
	bool goes_on = true;

	if ((events & EPOLLOUT) != 0 && v->pieces > 0)
		goes_on = speak(v);
	if (goes_on && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
		goes_on = listen_to(v);
	if (!goes_on) {
		end(v);
		if (begun < option.requests)
			begin(v);
		else
			v->fd = -1;
	}
}

static void
run(struct visit *v)
{
	struct epoll_event event[256];
	uint64_t since = now_ns();
	unsigned i;
	int n, at;

	for (i = 0; i < option.connections && begun < option.requests; i++)
		begin(&v[i]);
	while (ended < option.requests) {
		uint64_t before = ended;

		reach_again();
		n = epoll_wait(waits, event, 256,
		    unaccepted != NULL ? 1 : 1000);
		if (n == -1 && errno != EINTR)
			die("epoll_wait");
		for (at = 0; at < n; at++)
			visit_turn(event[at].data.ptr, event[at].events);
		if (ended > before)
			since = now_ns();
		if (now_ns() - since > GIVE_UP_NS) {
			lost += option.requests - ended;
			return;
		}
	}
}

/* --- around it ----------------------------------------------------------- */

static void
write_file(const char *path, const char *end_of_it)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	if (fd == -1 || write(fd, pool, 20000) != 20000 ||
	    write(fd, end_of_it, strlen(end_of_it)) == -1)
		die(path);
	(void)close(fd);
}

static void
prepare(void)
{
	size_t i;

	pool = malloc(POOL);
	took_us = calloc(option.requests, sizeof(*took_us));
	if (pool == NULL || took_us == NULL)
		die("malloc");
	/* Like no text, and like the beginning of no format. */
	for (i = 0; i < POOL; i += 8) {
		uint64_t word = (roll(UINT64_MAX) & 0x3f3f3f3f3f3f3f3f) |
		    0x8080808080808080;

		memcpy(pool + i, &word, 8);
	}
	(void)snprintf(folder, sizeof(folder), "%s/clamd_load.XXXXXX",
	    getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp");
	if (mkdtemp(folder) == NULL || chmod(folder, 0755) == -1)
		die(folder);
	(void)snprintf(clean_folder, sizeof(clean_folder), "%s/in", folder);
	(void)snprintf(clean_path, sizeof(clean_path), "%s/in/clean", folder);
	(void)snprintf(found_path, sizeof(found_path), "%s/found", folder);
	if (mkdir(clean_folder, 0755) == -1)
		die(clean_folder);
	write_file(clean_path, "");
	write_file(found_path, option.marker != NULL ? option.marker : "");
	waits = epoll_create1(EPOLL_CLOEXEC);
}

static void
tidy_up(void)
{
	(void)unlink(clean_path);
	(void)unlink(found_path);
	(void)rmdir(clean_folder);
	(void)rmdir(folder);
}

static int
compare(const void *a, const void *b)
{
	uint32_t x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return x < y ? -1 : x > y;
}

static void
report(uint64_t ns)
{
	size_t i;

	qsort(took_us, ended, sizeof(*took_us), compare);
	(void)printf(
	    "{\"requests\": %ju, \"seconds\": %.3f, \"per_second\": %.0f,"
	    " \"p50_ms\": %.2f, \"p99_ms\": %.2f, \"p999_ms\": %.2f,"
	    " \"max_ms\": %.2f,"
	    " \"wrong\": %ju, \"lost\": %ju",
	    (uintmax_t)ended, (double)ns / 1e9,
	    (double)ended / ((double)ns / 1e9), took_us[ended / 2] / 1e3,
	    took_us[ended - 1 - ended / 100] / 1e3,
	    took_us[ended - 1 - ended / 1000] / 1e3, took_us[ended - 1] / 1e3,
	    (uintmax_t)wrong, (uintmax_t)lost);
	for (i = 0; i < KINDS; i++)
		if (by_kind[i] > 0)
			(void)printf(", \"%s\": %ju", kind_name[i],
			    (uintmax_t)by_kind[i]);
	(void)printf("}\n");
}

static void
read_body(const char *path)
{
	FILE *f = fopen(path, "rb");
	static uint8_t bytes[1 << 20];

	if (f == NULL)
		die(path);
	option.body.at = bytes;
	option.body.size = fread(bytes, 1, sizeof(bytes), f);
	(void)fclose(f);
}

static void
read_kind(const char *name)
{
	option.is_mixed = strcmp(name, "mixed") == 0;
	for (option.kind = 0; option.kind < KINDS; option.kind++)
		if (strcmp(name, kind_name[option.kind]) == 0)
			return;
	if (!option.is_mixed) {
		(void)fprintf(stderr, "no such kind: %s\n", name);
		exit(64);
	}
}

static void
read_options(int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "c:n:k:b:e:m:f:s:")) != -1) {
		switch (c) {
		case 'c':
			option.connections =
			    (unsigned)strtoul(optarg, NULL, 10);
			break;
		case 'n':
			option.requests = strtoull(optarg, NULL, 10);
			break;
		case 'k':
			read_kind(optarg);
			break;
		case 'b':
			read_body(optarg);
			break;
		case 'e':
			option.reply = optarg;
			break;
		case 'm':
			option.marker = optarg;
			break;
		case 'f':
			option.name = optarg;
			break;
		case 's':
			dice = strtoull(optarg, NULL, 10) * 2 + 1;
			break;
		default:
			exit(64);
		}
	}
	if (optind + 1 != argc || option.requests == 0) {
		(void)fprintf(stderr, "usage: clamd_load [...] SOCKET\n");
		exit(64);
	}
	option.socket = argv[optind];
}

int
main(int argc, char **argv)
{
	struct visit *visits;
	uint64_t began;

	read_options(argc, argv);
	prepare();
	visits = calloc(option.connections, sizeof(*visits));
	if (visits == NULL)
		die("calloc");
	began = now_ns();
	run(visits);
	report(now_ns() - began);
	tidy_up();
	free(visits);
	free(took_us);
	free(pool);
	return wrong + lost > 0;
}
