/*
 * view.h - what openers whose children are views of their parent share.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_FORMATS_VIEW_H
#define CANDOR_FORMATS_VIEW_H

#include "lib/formats/format.h"

/* Describe a view that is read with read(). */
void view_describe(struct child *out, enum child_role role, const char *name);

/* How a view ends that ended because its source did. */
enum format_end view_end(const struct source *source);

#endif
