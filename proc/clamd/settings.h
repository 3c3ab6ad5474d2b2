/*
 * settings.h - what the configuration says to the clamd front, made ready.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_CLAMD_SETTINGS_H
#define CANDOR_PROC_CLAMD_SETTINGS_H

#include "lib/base/verdict.h"
#include "lib/policy/config.h"

#include <stdbool.h>

/* What is answered where a file was not wholly looked at. */
enum settings_gap {
	GAP_ERROR, /* NAME: reason ERROR */
	GAP_OK,
	GAP_FOUND /* NAME: Heuristics.… FOUND, as clamd's Alert options */
};

struct settings {
	bool is_set; /* by a configuration */
	enum settings_gap gap[UNSCANNED_COUNT];
	char admin_group[64];  /* "": root alone */
	uint64_t stream_max;   /* bytes of one stream */
	uint64_t stream_total; /* of all */
	uint64_t read_ms, command_ms;
	uint32_t deadline_ms; /* of one file */
	size_t clients_max;
	unsigned depth_max; /* of folders */
	bool is_all_matches;
	bool has_suspicious; /* FOUND is also what is only suspicious */
	bool has_tcp_paths;
	char version[96]; /* "" : clamd's form */
};

/* From a configuration that was read. */
void settings_read(struct settings *s, const struct config *c);

/* What VERSION answers when the newest database was built then (0: unknown,
   seconds since 1970). */
void settings_version(const struct settings *s, uint64_t built, char *out,
    size_t room);

#endif
