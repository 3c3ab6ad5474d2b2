/*
 * client.h - have signatures compiled by candor-compile, the caged compiler.
 *
 * The caller opens everything; the compiler only gets descriptors.  What
 * comes back is numbers and bounded texts, checked here, but chosen by a
 * process that read hostile bytes: escape the texts before showing them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_COMPILER_CLIENT_H
#define CANDOR_PROC_COMPILER_CLIENT_H

#include "lib/base/why.h"
#include "proc/compiler/protocol.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The functionality level of ClamAV 1.4, whose behaviour we follow. */
#define COMPILER_FLEVEL 216u

struct compiler_input {
	int fd;           /* open for reading; borrowed */
	const char *name; /* shown, and its ending decides what is in it */
	uint64_t size;    /* from fstat */
};

struct compiler_job {
	const struct compiler_input *input; /* in the order that matters */
	size_t input_count;
	uint32_t flevel;  /* 0: COMPILER_FLEVEL */
	const char *keys; /* of containers (keys.h), or NULL: ClamAV's own */
	int database_fd;  /* open for writing, empty; borrowed */
	int texts_fd;     /* the same for the side file, or -1 */
	bool is_kept;     /* both go to the disk before they are used */
};

/* How many signatures of a kind had a fate. */
struct compiler_count {
	char what[PROTOCOL_WORD];   /* "ndb" */
	char reason[PROTOCOL_WORD]; /* "" for loaded, else "pcre", … */
	uint64_t count;
	bool is_error;
};

struct compiler_complaint {
	char file[PROTOCOL_FILE]; /* "main.cvd:main.ndb" */
	char kind[PROTOCOL_WORD];
	char reason[PROTOCOL_REASON];
	uint32_t line, column; /* from 1; 0: all of it */
	bool is_error;         /* else: right, but not loaded */
	bool is_warning;       /* neither: loaded, and there is a catch */
};

struct compiler_report {
	struct compiler_count *count;
	size_t count_count;
	struct compiler_complaint *complaint; /* 100 of a kind a file */
	size_t complaint_count;
	uint64_t rules, hashes; /* loaded */
	uint64_t triggers, untriggered;
	uint64_t bytes, texts_bytes; /* written */
	uint64_t built;              /* newest CVD's time, or 0 */
	uint32_t layers;             /* SANDBOX_* in force in the compiler */
	bool has_errors;             /* any count or complaint is one */
	bool has_warnings;
};

/*
 * Compile.  Bad lines are in the report, which is the caller's to free; false
 * and why only when there is no database: nothing could be started, memory or
 * an output ended, or the compiler died.
 */
bool compiler_run(const struct compiler_job *job,
    struct compiler_report *report, struct why *why);

void compiler_report_free(struct compiler_report *report);

#endif
