/*
 * cmd_key.c - candor-publish key: a key for one role.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor-publish/commands.h"

#include "cmd/feed/secret.h"

#include <stddef.h>

struct config {
	const char *output;
	bool is_cosigner;
};

static const struct option_row options[] = {
	{ "output", 'o', OPTION_WORD, offsetof(struct config, output), "FILE",
	    NULL, 0, 0, "write the secret half there, readable by you only" },
	{ "cosigner", 0, OPTION_FLAG, offsetof(struct config, is_cosigner),
	    NULL, NULL, 0, 0,
	    "for a witness or a mirror cosigner; else for a root holder or a "
	    "release signer" },
};

static int
run(const struct command *self, int argc, char **argv)
{
	struct config c = { 0 };
	char text[VKEY_TEXT_MAX];
	struct why why = { 0 };
	struct secret made;
	int rest = 0;
	enum options_end end = options_parse(self, &c, argc, argv, &rest);

	if (end != OPTIONS_GO)
		return end == OPTIONS_DONE ? EXIT_DONE : EXIT_USAGE;
	if (c.output == NULL || rest + 1 != argc)
		return options_complain(self, "a NAME and --output are wanted");
	if (!secret_make(c.output, argv[rest],
		c.is_cosigner ? VKEY_COSIGNATURE : VKEY_NOTE, &made, &why))
		return publish_why(self, &why);
	vkey_write(&made.key, text);
	puts(text);
	return EXIT_DONE;
}

const struct command key_command = {
	.program = PUBLISH,
	.name = "key",
	.arguments = "-o FILE NAME",
	.summary = "Make a key, and print its public half",
	.details = "NAME says who holds it and for what: "
		   "example.org/release. A key has one role.",
	.option = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = run,
};
