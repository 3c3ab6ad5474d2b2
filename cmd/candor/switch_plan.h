/*
 * switch_plan.h - the plan of a switch-over as a whole: what was found, what
 * becomes of each setting, and the configuration that comes out of it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_SWITCH_PLAN_H
#define CANDOR_CMD_SWITCH_PLAN_H

#include "cmd/candor/buf.h"
#include "cmd/candor/confout.h"
#include "lib/ban/plan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A plan_entry that stays. */
struct switch_entry {
	const char *file; /* borrowed */
	uint32_t line;
	char *task, *name, *value, *target; /* owned; target may be NULL */
	enum plan_how how;
	enum config_key key;
	const char *why;
	unsigned risk;
	bool needs_person;
};

/* A line that was not understood. */
struct switch_trouble {
	const char *file, *why;
	uint32_t line; /* 0: the file */
};

/* A product that is there: by one folder of it. */
struct switch_found {
	const char *name, *path;
};

#define SWITCH_FOUND_MAX 16u

/* A line of the configuration that no setting of theirs stands behind. */
struct switch_extra {
	enum config_key key;
	const char *value; /* borrowed */
	const char *why;
};

struct switch_plan {
	const char *root; /* of the machine; "" */
	struct switch_entry *entry;
	size_t entries, entry_room;
	struct switch_trouble *trouble;
	size_t troubles, trouble_room;
	struct switch_found found[SWITCH_FOUND_MAX];
	size_t found_count;
	size_t how[3];                    /* entries by plan_how */
	const struct switch_extra *extra; /* borrowed */
	size_t extras;
	bool is_given[KEY_COUNT]; /* the configuration here says it already */
};

/* Look for the products below plan->root: folders only. */
void switch_plan_find(struct switch_plan *p);

/*
 * Add what becomes of a file, FILE or TASK=FILE.  False if it could not be
 * read at all (and that is said); lines are among the troubles.
 */
bool switch_plan_add(struct switch_plan *p, const char *argument);

/*
 * The configuration, into out.  False, and said, if candord would not take
 * it.
 */
bool switch_plan_configuration(const struct switch_plan *p, struct buf *out);

void switch_plan_free(struct switch_plan *p);

/* For a person, and as JSON Lines. */
void switch_print_text(const struct switch_plan *p);
void switch_print_json(const struct switch_plan *p);

#endif
