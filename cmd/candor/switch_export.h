/*
 * switch_export.h - take the other product's settings, and the firewall's
 * rules, while it is there.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_SWITCH_EXPORT_H
#define CANDOR_CMD_SWITCH_EXPORT_H

#include "cmd/candor/switch_work.h"

/* Into STATE/export, and Candor's configuration of them into STATE/conf. */
bool export_settings(struct switch_work *w);

/* The firewall's rules, as commands that are written down with what they
   said. */
void export_firewall(struct switch_work *w);

#endif
