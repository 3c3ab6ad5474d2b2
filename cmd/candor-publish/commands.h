/*
 * commands.h - what can follow "candor-publish", one definition per file.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PUBLISH_COMMANDS_H
#define CANDOR_PUBLISH_COMMANDS_H

#include "cmd/candor/options.h"
#include "lib/base/why.h"

#define PUBLISH "candor-publish"

/* Of these programs' own: 0 done, 1 refused or failed, 64 wrong usage. */
#define EXIT_DONE    0
#define EXIT_REFUSED 1

extern const struct command key_command, init_command, root_command,
    draft_command, sign_command, merge_command, append_command, cosign_command,
    check_command, rebuild_command, bundle_command;

/* Say on stderr why a command failed; EXIT_REFUSED. */
int publish_why(const struct command *c, const struct why *why);

#endif
