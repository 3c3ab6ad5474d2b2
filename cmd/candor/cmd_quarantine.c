/*
 * cmd_quarantine.c - candor quarantine: what is held, and the way out of it.
 *
 * No byte of what is held is parsed: it is unsealed and moved.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/commands.h"

#include "cmd/candor/escape.h"
#include "cmd/candor/human.h"
#include "cmd/candor/print.h"
#include "proc/quarantine/take.h"
#include "sys/whole.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct config {
	const char *vault, *to, *output;
	bool json, plain;
	uint64_t days, size;
};

#define FIELD(name) offsetof(struct config, name)
#define VAULT                                                        \
	"vault", 0, OPTION_WORD, FIELD(vault), "FOLDER", NULL, 0, 0, \
	    "the quarantine (default: the "                          \
	    "machine's for root, else the "                          \
	    "user's own)"

static const struct option_row look_options[] = {
	{ VAULT },
	{ "json", 0, OPTION_FLAG, FIELD(json), NULL, NULL, 0, 0,
	    "print a JSON object a line" },
};
static const struct option_row delete_options[] = {
	{ VAULT },
};
static const struct option_row restore_options[] = {
	{ VAULT },
	{ "to", 0, OPTION_WORD, FIELD(to), "PATH", NULL, 0, 0,
	    "put it there, not where it was; what is there is not replaced" },
};
static const struct option_row export_options[] = {
	{ VAULT },
	{ "output", 'o', OPTION_WORD, FIELD(output), "FILE", NULL, 0, 0,
	    "write here; it must not be there yet" },
	{ "plain", 0, OPTION_FLAG, FIELD(plain), NULL, NULL, 0, 0,
	    "write the bytes themselves, not sealed: dangerous" },
};
static const struct option_row purge_options[] = {
	{ VAULT },
	{ "older-than", 0, OPTION_COUNT, FIELD(days), "DAYS", NULL, 1, 36500,
	    "delete what is held for longer" },
	{ "max-size", 0, OPTION_SIZE, FIELD(size), "SIZE", NULL, 0, 0,
	    "then delete the oldest until no more is held than this" },
};

/* What each command does with the vault; an exit code. */
typedef int (*act_fn)(const struct vault *v, const struct config *c, int count,
    char **id);

static int
act_in_vault(const struct command *self, int argc, char **argv, int least,
    int most, act_fn act)
{
	struct config c = { 0 };
	struct vault v;
	struct why why = { 0 };
	int rest = 0, code = EXIT_TROUBLE;
	enum options_end end = options_parse(self, &c, argc, argv, &rest);
	char *path;

	if (end != OPTIONS_GO)
		return end == OPTIONS_DONE ? EXIT_CLEAN : EXIT_USAGE;
	if (argc - rest < least || argc - rest > most)
		return options_complain(self, "what is wanted is %s",
		    self->arguments[0] != '\0' ? self->arguments
					       : "no argument");
	path = c.vault != NULL ? buf_copy(c.vault) : vault_default_path();
	if (path == NULL)
		fputs("candor: HOME is not set; name a --vault\n", stderr);
	else if (vault_open(path, false, &v, &why)) {
		code = act(&v, &c, argc - rest, argv + rest);
		vault_close(&v);
	} else if (why.err == ENOENT && least == 0)
		code = EXIT_CLEAN; /* nothing was ever held */
	else
		print_why(&why);
	free(path);
	if (fflush(stdout) != 0 || ferror(stdout) != 0)
		return EXIT_TROUBLE;
	return code;
}

/* --- list and show ------------------------------------------------------ */

/* 2026-01-31T12:00:00Z */
static const char *
date_of(int64_t seconds, char room[40])
{
	time_t t = (time_t)seconds;
	struct tm tm;

	room[0] = '\0';
	if (gmtime_r(&t, &tm) != NULL)
		strftime(room, 40, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return room;
}

static const char *
state_text(const struct held *h)
{
	return h->state == HELD_MOVED ? "held" : "original still there";
}

static void
print_object(const struct held *h)
{
	char room[40];
	size_t i;

	printf("{\"type\":\"held\",\"id\":\"%s\",\"state\":\"%s\",\"time\":"
	       "\"%s\",\"path\":",
	    h->id, h->state == HELD_MOVED ? "held" : "copied",
	    date_of(h->time, room));
	escape_json_string(stdout, h->path, strlen(h->path));
	if (!escape_is_utf8(h->path, strlen(h->path))) {
		fputs(",\"path_bytes\":\"", stdout);
		escape_base64(stdout, h->path, strlen(h->path));
		putchar('"');
	}
	printf(",\"size\":%" PRIu64 ",\"sha256\":\"", h->size);
	escape_hex(stdout, h->sha256, sizeof(h->sha256));
	printf("\",\"mode\":\"%04" PRIo32 "\",\"uid\":%" PRIu32
	       ",\"gid\":%" PRIu32 ",\"links\":%" PRIu64 ",\"signatures\":[",
	    h->attributes.mode, h->attributes.uid, h->attributes.gid, h->links);
	for (i = 0; i < h->signature_count; i++) {
		if (i > 0)
			putchar(',');
		escape_json_string(stdout, h->signature[i],
		    strlen(h->signature[i]));
	}
	puts("]}");
}

static void
print_row(const struct held *h)
{
	char date[40], size[HUMAN_SIZE];

	printf("%s  %s  %10s  ", h->id, date_of(h->time, date),
	    human_bytes(h->size, size));
	if (h->signature_count > 0)
		escape_text(stdout, h->signature[0], strlen(h->signature[0]));
	fputs("  ", stdout);
	escape_text(stdout, h->path, strlen(h->path));
	if (h->state != HELD_MOVED)
		printf("  (%s)", state_text(h));
	putchar('\n');
}

static int
act_list(const struct vault *v, const struct config *c, int count, char **id)
{
	char(*ids)[HELD_ID + 1];
	size_t n = vault_list(v, &ids), i;
	int code = EXIT_CLEAN;

	(void)count;
	(void)id;
	for (i = 0; i < n; i++) {
		struct held h;
		struct why why = { 0 };

		if (!vault_read(v, ids[i], &h, &why)) {
			fprintf(stderr, "candor: %s: ", ids[i]);
			print_why(&why);
			code = EXIT_TROUBLE;
		} else if (c->json)
			print_object(&h);
		else
			print_row(&h);
		held_free(&h);
	}
	free(ids);
	return code;
}

static void
print_whole(const struct held *h)
{
	char room[HUMAN_SIZE], date[40];
	size_t i;

	printf("id          %s\nstate       %s\nsince       %s\npath        ",
	    h->id, state_text(h), date_of(h->time, date));
	escape_text(stdout, h->path, strlen(h->path));
	printf("\nsize        %s\nsha256      ", human_bytes(h->size, room));
	escape_hex(stdout, h->sha256, sizeof(h->sha256));
	printf("\nmode        %04" PRIo32 "\nowner       %" PRIu32 ":%" PRIu32
	       "\nwritten     %s\n",
	    h->attributes.mode, h->attributes.uid, h->attributes.gid,
	    date_of(h->attributes.mtime_s, date));
	for (i = 0; i < h->signature_count; i++) {
		fputs(i == 0 ? "signatures  " : "            ", stdout);
		escape_text(stdout, h->signature[i], strlen(h->signature[i]));
		putchar('\n');
	}
	for (i = 0; i < h->attributes.extended_count; i++) {
		const char *name = h->attributes.extended[i].name;

		fputs(i == 0 ? "attributes  " : "            ", stdout);
		escape_text(stdout, name, strlen(name));
		putchar('\n');
	}
	if (h->links > 1)
		printf("note        it had %" PRIu64
		       " names; its bytes may be under another one\n",
		    h->links);
}

/* Find and read one; false after saying why not. */
static bool
get(const struct vault *v, const char *begin, struct held *h)
{
	char id[HELD_ID + 1];
	struct why why = { 0 };

	memset(h, 0, sizeof(*h));
	if (vault_find(v, begin, id, &why) && vault_read(v, id, h, &why))
		return true;
	print_why(&why);
	held_free(h);
	return false;
}

static int
act_show(const struct vault *v, const struct config *c, int count, char **id)
{
	struct held h;
	int i;

	for (i = 0; i < count; i++) {
		if (!get(v, id[i], &h))
			return EXIT_TROUBLE;
		if (c->json)
			print_object(&h);
		else
			print_whole(&h);
		held_free(&h);
	}
	return EXIT_CLEAN;
}

/* --- out of it ---------------------------------------------------------- */

static void
warn_of_missed(const struct held *h, uint32_t missed)
{
	static const struct {
		uint32_t bit;
		const char *what;
	} row[] = {
		{ ATTRIBUTES_OWNER, "owner" },
		{ ATTRIBUTES_MODE, "mode" },
		{ ATTRIBUTES_TIMES, "times" },
		{ ATTRIBUTES_EXTRA, "extended attributes" },
		{ ATTRIBUTES_FLAGS, "flags" },
	};
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		if ((missed & row[i].bit) != 0)
			fprintf(stderr,
			    "candor: %s: its %s could not be put back\n", h->id,
			    row[i].what);
}

static int
act_restore(const struct vault *v, const struct config *c, int count, char **id)
{
	int code = EXIT_CLEAN, i;

	for (i = 0; i < count; i++) {
		const char *to = c->to;
		uint32_t missed = 0;
		struct held h;
		struct why why = { 0 };

		if (!get(v, id[i], &h))
			return EXIT_TROUBLE;
		if (take_restore(v, &h, to, &missed, &why)) {
			warn_of_missed(&h, missed);
			printf("restored    ");
			escape_text(stdout, to != NULL ? to : h.path,
			    strlen(to != NULL ? to : h.path));
			putchar('\n');
		} else {
			print_why(&why);
			code = EXIT_TROUBLE;
		}
		held_free(&h);
	}
	return code;
}

static int
act_delete(const struct vault *v, const struct config *c, int count, char **id)
{
	int i;

	(void)c;
	for (i = 0; i < count; i++) {
		char full[HELD_ID + 1];
		struct why why = { 0 };

		/* Not read first: one whose record is damaged can go too. */
		if (!vault_find(v, id[i], full, &why) ||
		    !vault_delete(v, full, &why)) {
			print_why(&why);
			return EXIT_TROUBLE;
		}
		printf("deleted     %s\n", full);
	}
	return EXIT_CLEAN;
}

/* Copy the sealed bytes as they are. */
static bool
copy_sealed(const struct vault *v, const struct held *h, int to,
    struct why *why)
{
	char name[VAULT_NAME_MAX], *piece = buf_alloc(1, AGE_CHUNK);
	ssize_t n = -1;
	int from;

	vault_name(h->id, ".age", name);
	from = openat(v->folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	while (from != -1 && (n = whole_read(from, piece, AGE_CHUNK)) > 0)
		if (!whole_write(to, piece, (size_t)n)) {
			n = -1;
			break;
		}
	if (n != 0)
		(void)why_not(why, WHY_SYSTEM, "cannot copy %s", name);
	if (from != -1)
		(void)close(from);
	free(piece);
	return n == 0;
}

static int
act_export(const struct vault *v, const struct config *c, int count, char **id)
{
	struct held h;
	struct why why = { 0 };
	bool good;
	int to;

	(void)count;
	if (!get(v, id[0], &h))
		return EXIT_TROUBLE;
	to = c->output == NULL
	    ? -1
	    : open(c->output, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (to == -1)
		good = why_not(&why, WHY_SYSTEM,
		    c->output == NULL ? "say with -o where to write%s"
				      : "cannot create %s",
		    c->output == NULL ? "" : c->output);
	else
		good = c->plain ? take_unseal(v, &h, to, &why)
				: copy_sealed(v, &h, to, &why);
	if (to != -1 && (fsync(to) == -1 || close(to) == -1) && good)
		good = why_not(&why, WHY_SYSTEM, "cannot write %s", c->output);
	held_free(&h);
	if (good)
		return EXIT_CLEAN;
	if (to != -1)
		(void)unlink(c->output);
	print_why(&why);
	return EXIT_TROUBLE;
}

/* --- retention ---------------------------------------------------------- */

static void
print_deleted(void *ctx, const struct held *h, bool is_old)
{
	(void)ctx;
	(void)is_old;
	printf("deleted     %s\n", h->id);
}

static int
act_purge(const struct vault *v, const struct config *c, int count, char **none)
{
	struct vault_wish wish = { .most = c->size, .gone = print_deleted };
	struct vault_totals left;
	struct why why = { 0 };

	(void)count;
	(void)none;
	if (c->days != 0)
		wish.before = time(NULL) - (int64_t)c->days * 86400;
	if (vault_purge(v, &wish, &left, &why))
		return EXIT_CLEAN;
	print_why(&why);
	return EXIT_TROUBLE;
}

/* --- the commands ------------------------------------------------------- */

#define COMMAND(word, act, least, most)                                  \
	static int run_##word(const struct command *self, int argc,      \
	    char **argv)                                                 \
	{                                                                \
		return act_in_vault(self, argc, argv, least, most, act); \
	}
COMMAND(list, act_list, 0, 0)
COMMAND(show, act_show, 1, 1000)
COMMAND(restore, act_restore, 1, 1000)
COMMAND(delete, act_delete, 1, 1000)
COMMAND(export, act_export, 1, 1)
COMMAND(purge, act_purge, 0, 0)
#undef COMMAND

#define OPTIONS(rows) rows, sizeof(rows) / sizeof((rows)[0])

const struct command quarantine_list_command = { "quarantine list", "",
	"List what is held in quarantine", NULL, OPTIONS(look_options),
	run_list, NULL };
const struct command quarantine_show_command = { "quarantine show", "ID...",
	"Show what is known of a file that is held", NULL,
	OPTIONS(look_options), run_show, NULL };
const struct command quarantine_restore_command = { "quarantine restore",
	"ID...", "Give a file back, as it was",
	"Bytes, owner, mode, times, access lists and attributes are put back, "
	"after the bytes were checked. Nothing that is there is replaced.",
	OPTIONS(restore_options), run_restore, NULL };
const struct command quarantine_delete_command = { "quarantine delete", "ID...",
	"Delete a file that is held, for good", NULL, OPTIONS(delete_options),
	run_delete, NULL };
const struct command quarantine_export_command = { "quarantine export",
	"-o FILE ID", "Copy a file that is held, to examine it",
	"It stays sealed: age -d -i VAULT/identity FILE opens it elsewhere.",
	OPTIONS(export_options), run_export, NULL };
const struct command quarantine_purge_command = { "quarantine purge", "",
	"Delete what is held for too long, or beyond a size", NULL,
	OPTIONS(purge_options), run_purge, NULL };
