/*
 * plan_report.h - what the compiler chose to search by, and what costs most.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_PLAN_REPORT_H
#define CANDOR_CMD_PLAN_REPORT_H

#include "lib/base/why.h"
#include "lib/db/db.h"

#include <stdbool.h>

/* Print a database's plan, as a table or as one JSON object. */
bool plan_report_print(const struct db *db, bool json, struct why *why);

#endif
