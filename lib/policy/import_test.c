/*
 * import_test.c - lines of clamd.conf and what becomes of them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/policy/import.h"
#include "tests/t.h"

#include <stdio.h>
#include <string.h>

/* What was said last, and how often something was. */
struct heard {
	char text[2048];
	unsigned count, defaults;
};

static void
take(void *ctx, const struct import_line *l, enum config_key key,
    const char *text, const char *note)
{
	struct heard *h = ctx;
	const struct config_row *r = config_row(key);

	(void)l;
	(void)note;
	h->count++;
	h->defaults += strcmp(text, "/var/lib/candor/*.cand") == 0;
	(void)snprintf(h->text, sizeof(h->text), "%s.%s=%s", r->section, r->key,
	    text);
}

static void
leave(void *ctx, const struct import_line *l, const char *why)
{
	struct heard *h = ctx;

	h->count++;
	(void)snprintf(h->text, sizeof(h->text), "left %u %s: %s", l->number,
	    l->option, why);
}

static const struct {
	const char *line;
	const char *begins; /* of what is said of it */
} row[] = {
	{ "LocalSocket /run/clamav/clamd.ctl",
	    "clamd.socket=/run/clamav/clamd.ctl" },
	{ "  streammaxlength 25M \r", "clamd.stream_max=25M" },
	{ "streammaxlength 25M  # no comment here",
	    "left 1 StreamMaxLength: candord refuses [clamd] stream_max: is" },
	{ "ReadTimeout 0", "left 1 ReadTimeout: candord refuses [clamd]" },
	{ "StreamMaxLength 0", "left 1 StreamMaxLength: 0 is no limit" },
	{ "LocalSocket \"/run/a b\"", "clamd.socket=/run/a b" },
	{ "MaxScanTime 120000", "scan.deadline=120000ms" },
	{ "MaxScanTime 0", "left 1 MaxScanTime: there is always" },
	{ "User clamav", "daemon.user=clamav" },
	{ "User root", "left 1 User: what speaks with clients never" },
	{ "AlertEncrypted yes", "clamd.unscanned_encrypted=found" },
	{ "AlertEncrypted no", "clamd.unscanned_encrypted=ok" },
	{ "AlertExceedsMax true", "clamd.unscanned_limit=found" },
	{ "ExcludePath ^/proc/", "exclude.path=/proc" },
	{ "ExcludePath ^/srv/a\\.b$", "exclude.path=/srv/a.b" },
	{ "ExcludePath /proc/", "left 1 ExcludePath: this expression fits" },
	{ "ExcludePath ^/home/.*/tmp",
	    "left 1 ExcludePath: this expression is" },
	{ "ExcludePath ^/a\\*", "left 1 ExcludePath: * and ?" },
	{ "OnAccessExcludePath /home/bofh", "exclude.path=/home/bofh" },
	{ "OnAccessExcludePath /home/*", "left 1 OnAccessExcludePath: *" },
	{ "OnAccessIncludePath /home", "guard.mounts=/home" },
	{ "OnAccessPrevention yes", "guard.prevent=yes" },
	{ "OnAccessExcludeRootUID yes", "left 1 OnAccessExcludeRootUID: no" },
	{ "OnAccessMaxFileSize 5M", "left 1 OnAccessMaxFileSize: there is no" },
	{ "VirusEvent /bin/rm -rf", "left 1 VirusEvent: nothing is executed" },
	{ "DetectPUA yes", "clamd.suspicious=found" },
	{ "DetectPUA no", "clamd.suspicious=ok" },
	{ "ExcludePUA NetTool", "exclude.signature=PUA*.NetTool.*" },
	{ "NoSuchThing 1", "left 1 NoSuchThing: clamd 1.4 has no" },
	{ "TCPSocket 3310\nTCPAddr 127.0.0.1", "clamd.tcp=127.0.0.1:3310" },
	{ "TCPAddr ::1\nTCPSocket 3310", "clamd.tcp=[::1]:3310" },
	{ "TCPSocket 3310", "left 1 TCPSocket: without TCPAddr" },
	{ "TCPAddr ::1", "left 1 TCPAddr: without TCPSocket" },
};

static void
test_lines(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct heard h = { .count = 0 };
		const struct import_listener to = { &h, take, leave };
		size_t n = strlen(row[i].line);

		import_clamd(cur_from(t_fence(row[i].line, n), n), &to);
		if (h.count != 1 + h.defaults ||
		    strncmp(h.text, row[i].begins, strlen(row[i].begins)) != 0)
			fail_msg("%s: %u, %s", row[i].line, h.count, h.text);
	}
}

/* All that is said, a line each. */
struct told {
	char text[4096];
};

static void
tell_taken(void *ctx, const struct import_line *l, enum config_key key,
    const char *text, const char *note)
{
	struct told *t = ctx;
	size_t size = strlen(t->text);

	(void)note;
	(void)snprintf(t->text + size, sizeof(t->text) - size, "%u %s=%s\n",
	    l->number, config_row(key)->key, text);
}

static void
tell_left(void *ctx, const struct import_line *l, const char *why)
{
	struct told *t = ctx;
	size_t size = strlen(t->text);

	(void)snprintf(t->text + size, sizeof(t->text) - size, "%u left: %s\n",
	    l->number, why);
}

static const struct {
	const char *file, *want;
} several[] = {
	{ "AlertEncryptedArchive yes\nAlertEncryptedDoc yes",
	    "1 unscanned_encrypted=found\n2 left: line 1 says yes to it\n" },
	{ "ArchiveBlockEncrypted false\nAlertEncrypted yes\n",
	    "1 left: line 2 says yes to it\n2 unscanned_encrypted=found\n" },
	{ "AlertEncrypted no\nAlertEncryptedDoc no\n",
	    "1 left: line 2 says it again\n2 unscanned_encrypted=ok\n" },
	{ "LocalSocket /a\nLocalSocket /b\n",
	    "1 left: line 2 says it again\n2 socket=/b\n" },
	{ "TCPSocket 1\nTCPAddr ::1\nTCPAddr 127.0.0.1\n",
	    "2 tcp=[::1]:1\n3 tcp=127.0.0.1:1\n" },
	{ "ExcludePath ^/proc/\nOnAccessExcludePath /b\n",
	    "1 path=/var/lib/candor/*.cand\n1 path=/proc\n2 path=/b\n" },
};

/* What comes of it is given once, or is a list. */
static void
test_several_lines_become_one_key(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(several) / sizeof(several[0]); i++) {
		struct told t = { "" };
		const struct import_listener to = { &t, tell_taken, tell_left };
		size_t n = strlen(several[i].file);

		import_clamd(cur_from(t_fence(several[i].file, n), n), &to);
		assert_string_equal(t.text, several[i].want);
	}
}

static void
test_comments_and_blanks_say_nothing(void **state)
{
	struct heard h = { .count = 0 };
	const struct import_listener to = { &h, take, leave };
	static const char text[] = "\n# LocalSocket /a\n   \r\n\t#x\n#";

	(void)state;
	import_clamd(cur_from(text, strlen(text)), &to);
	t_eq(h.count, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_several_lines_become_one_key),
		cmocka_unit_test(test_comments_and_blanks_say_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
