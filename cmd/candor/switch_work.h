/*
 * switch_work.h - a switch-over that is being done, or undone.
 *
 * What its steps share, and what they are made of: acts.  An act is written
 * down before it is done, and its outcome after (switch_log.h); it can be
 * done again if we were interrupted in it, and most can be undone.
 *
 *   kind     what                       undone by
 *   write    a file of Candor's         what was there before
 *   run      a program of the system    other programs, if it has any
 *   copy     a tree into STATE/keep     putting it in the place of what is
 *                                       there
 *   move     a tree into STATE/keep     moving it back
 *   pack     an installed package into  nothing
 *            a .deb in STATE/keep
 *   purge    packages                   installing those .deb
 *   keep     an installed package of    nothing
 *            rpm, into STATE/keep
 *   erase    packages of rpm            their files and rpm's entries as
 *                                       they were kept (switch_rpm.h)
 *   end      a process                  nothing
 *   unload   a module of the kernel     modprobe
 *   probe, scan, firewall: looks only
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_SWITCH_WORK_H
#define CANDOR_CMD_SWITCH_WORK_H

#include "cmd/candor/ban_footprints.h"
#include "cmd/candor/options.h"
#include "cmd/candor/switch_log.h"
#include "cmd/candor/switch_plan.h"
#include "lib/ban/leave.h"

#include <stdbool.h>
#include <stdint.h>

#define SWITCH_SOCKET "/run/candor/control.sock"
#define SWITCH_CONFIG "/etc/candor/candor.conf"

struct switch_options {
	struct words settings;
	const char *data, *socket, *config, *state, *until, *output;
	bool yes, unconfirmed, scan_only;
};

struct switch_work {
	const struct switch_options *o;
	struct switch_log log;
	struct switch_plan plan; /* the settings */
	json_t *lent;            /* what it borrows */
	struct ban_footprints data;
	json_t *report;      /* what was found when this round began */
	bool has_report;     /* and it was kept */
	struct leave *leave; /* what is to go; names are lent by report */
	size_t leaves;
	const char *step;
	struct why why;   /* why the step under way cannot be done */
	char person[400]; /* and what somebody has to do about it */
};

/* Is it among what this run may act upon?  Agents go by themselves. */
bool switch_is_wanted(const struct switch_work *w, const struct leave *l);

/* Say that a step cannot be done: false. */
__attribute__((format(printf, 2, 3))) bool switch_needs(struct switch_work *w,
    const char *format, ...);

/* A line about what is done, indented. */
__attribute__((format(printf, 1, 2))) void switch_say(const char *format, ...);

/* --- acts (switch_act.c) -------------------------------------------------- */

/* Write down what is about to be done: its number, or -1. */
json_int_t act_begin(struct switch_work *w, const char *kind, json_t *what);

/* And what came of it (outcome may be NULL): is_good, unless that could not
   be written down.  If not, w->why goes with it. */
bool act_end(struct switch_work *w, json_int_t number, bool is_good,
    json_t *outcome);

/* A folder in STATE ("keep", "out"), made if it is not there; -1 and why. */
int act_folder(struct switch_work *w, const char *name);

/*
 * Run a program; back is a list of commands that undo it (yours, or NULL).
 * True if it ended with 0.
 */
bool act_run(struct switch_work *w, const char *const *argv, json_t *back,
    uint64_t patience_ms);

/* Run one that only looks, which is not written down; what it said. */
bool act_ask(const char *const *argv, struct buf *out);

/* Commands that make a group again, with its number and members; NULL: there
   is none.  And do them, as far as it is not so already. */
json_t *act_group_back(const char *name);
bool act_group_bring(struct switch_work *w, const char *name,
    const json_t *back);

/* Run commands of a list, as an undoing. */
bool act_run_back(struct switch_work *w, const json_t *commands);

/* Run one and put its output in STATE/out/NUMBER.txt; its exit status. */
bool act_run_plain(struct switch_work *w, const char *const *argv,
    json_int_t number, uint64_t patience_ms, json_t *outcome);

/* ["a", "b"] */
json_t *act_words(const char *const *argv);

/* Put text at path, whole or not at all, and keep what was there. */
bool act_write(struct switch_work *w, const char *path, const struct buf *text);
bool act_write_back(struct switch_work *w, const struct switch_act *a);

/* SHA-256 of a file; false if it is not there or cannot be read. */
bool act_hash(int folder, const char *path, char out[CHAIN_HEX]);

/* --- trees (switch_trees.c) ----------------------------------------------- */

bool act_copy(struct switch_work *w, const char *path);
bool act_copy_back(struct switch_work *w, const struct switch_act *a);
bool act_move(struct switch_work *w, const char *path);
bool act_move_back(struct switch_work *w, const struct switch_act *a);

/* A move that was interrupted: finish or forget it; is it done? */
bool act_move_settle(struct switch_work *w, const struct switch_act *a);

/* Remove what is in STATE/keep of an act that was not finished. */
void act_forget(struct switch_work *w, json_int_t number);

/* Is there something of this path (no link is followed)? */
bool switch_is_there(const char *path);

/* Is it a program that nobody but root can change: neither it, nor any folder
   on the way to it, which has no link? */
bool switch_is_roots(const char *path);

/* --- packages (switch_packages.c) ----------------------------------------- */

bool packages_remove(struct switch_work *w, bool agents);
bool packages_back(struct switch_work *w, const struct switch_act *a);

/* --- services, processes, modules (switch_services.c) --------------------- */

bool services_stop(struct switch_work *w, bool agents);
bool modules_unload(struct switch_work *w);

/* --- protection (switch_protect.c) ---------------------------------------- */

enum switch_protects {
	PROTECTS_NOT,
	PROTECTS_BY_SCAN, /* candor scan finds what is infected */
	PROTECTS_BY_GUARD /* and what is infected cannot be opened */
};

/* Candor's configuration in a state of the way. */
enum switch_guard {
	SWITCH_WATCH, /* the guard reports, the other's programs are left out */
	SWITCH_ARM,   /* it prevents */
	SWITCH_ALONE  /* nothing of the other's is left out any more */
};

bool protect_configure(struct switch_work *w, enum switch_guard how);

/* Have candord take the configuration as it is now, if it runs. */
bool protect_reload(struct switch_work *w);

/* Try the test file, write down what came, and tell; may_wait: the guard may
   have been told to start only now. */
bool protect_probe(struct switch_work *w, bool may_wait,
    enum switch_protects *out);

/* The same without a word and without a line; needs STATE to write in. */
enum switch_protects protect_look(const struct switch_options *o);

const char *protect_words(enum switch_protects p);

/* --- steps, undo, evidence ------------------------------------------------ */

struct switch_step {
	const char *name; /* of lib/ban/plan_steps.c */
	bool (*run)(struct switch_work *w);
};

const struct switch_step *switch_steps(size_t *count);

/* Look with candor ban scan; the report is yours.  NULL: said why. */
json_t *switch_scan(struct switch_work *w);

/* The same, and keep it as STATE/NAME; NULL and w->why. */
json_t *switch_scan_kept(struct switch_work *w, const char *name);

/* Look at the lists of packages, users and groups only. */
json_t *switch_scan_lists(struct switch_work *w);

/* Findings that are to go: how many are there? */
size_t switch_findings(const json_t *report);

/* Write down what acts that were interrupted came to. */
bool switch_settle(struct switch_work *w);

/* Undo all acts of the round; how many did not come back. */
bool switch_undo(struct switch_work *w, size_t *lost);

/* Who and what is at work: for the lines "begin", "resume" and "undo". */
json_t *switch_who(const struct switch_options *o);

/* Write the evidence to path (NULL: into STATE); false and why. */
bool evidence_write(struct switch_log *l, const char *path, struct why *why);

/* Does an evidence file hold?  What is wrong is said; exit code. */
int evidence_check(const char *path);

#endif
