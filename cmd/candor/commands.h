/*
 * commands.h - what can follow "candor", one definition per file.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_COMMANDS_H
#define CANDOR_CMD_COMMANDS_H

#include "cmd/candor/options.h"

extern const struct command scan_command;
extern const struct command update_command, feed_add_command, feed_list_command,
    feed_remove_command, log_show_command, selftest_command,
    log_evidence_command;
extern const struct command explain_command, notify_command, status_command;
extern const struct command ban_list_command, ban_show_command,
    ban_check_command, ban_timeline_command, ban_screen_command,
    ban_scan_command, ban_merge_command, ban_check_data_command;
extern const struct command switch_plan_command, switch_apply_command,
    switch_undo_command, switch_status_command, switch_evidence_command;
extern const struct command db_build_command, db_info_command, db_check_command,
    db_list_command, db_show_command;
/* The keys of the manual candord.conf(5). */
void config_print_man(FILE *to);

extern const struct command guard_status_command, guard_on_command,
    guard_off_command, guard_exclude_command, guard_test_command;
extern const struct command log_verify_command;
extern const struct command config_check_command, config_show_command,
    config_import_command;
extern const struct command quarantine_list_command, quarantine_show_command,
    quarantine_restore_command, quarantine_delete_command,
    quarantine_export_command, quarantine_purge_command;

#endif
