/*
 * config_value.h - read the value of one key.  Private to lib/policy.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_POLICY_CONFIG_VALUE_H
#define CANDOR_POLICY_CONFIG_VALUE_H

#include "lib/policy/config.h"

/*
 * Read text, without blanks around it and without control characters, as a
 * value of row into v (values of lists are added).  False: *why says what is
 * wrong, to be put behind the key.
 */
bool config_value_read(struct config_value *v, const struct config_row *row,
    struct arena *a, const char *text, const char **why);

/* May a key of that type be given several times? */
bool config_type_has_many(enum config_type type);

/* Could that be its value, or one of its values? */
bool config_value_fits(const struct config_row *row, const char *text,
    const char **why);

#endif
