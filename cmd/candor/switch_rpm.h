/*
 * switch_rpm.h - packages of rpm: kept, removed, and brought back.
 *
 * rpm has no dpkg-repack, and a package's own file is rarely at hand.  So of
 * each package is kept before it is removed:
 *
 *   keep/N.tree      its files, with the folders they are in, as they were
 *   keep/N.manifest  the same in words
 *   keep/N.rpm       a file of rpm that has the package's header and no
 *                    files: rpm -i --justdb puts its entry back
 *
 * What comes back is the files as they were and rpm's entry (header, its
 * signature, its digests: rpm -V says what it said before), with another
 * time of installation.  The package's scripts are not run for it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_SWITCH_RPM_H
#define CANDOR_CMD_SWITCH_RPM_H

#include "cmd/candor/switch_work.h"

#define SWITCH_RPM "/usr/bin/rpm"

/* --- removing, and back (switch_rpm.c) ------------------------------------ */

/* Agents, or the others, that stand in a database of rpm. */
bool switch_rpm_remove(struct switch_work *w, bool agents);
bool switch_rpm_back(struct switch_work *w, const struct switch_act *a);

/* --- asking (switch_rpm_ask.c) -------------------------------------------- */

/* Begins each line of an answer that rpm is asked for by lines. */
#define SWITCH_RPM_MARK "candor:"

/* What rpm makes of a format; how is -q for an installed package, -qp for a
   file.  False: it does not answer. */
bool switch_rpm_ask(const char *how, const char *format, const char *package,
    struct buf *out);

/* The path that a macro of rpm stands for; none: "". */
void switch_rpm_path(const char *macro, struct buf *out);

/* Cut the next marked line off what rpm said; the mark is gone. */
bool switch_rpm_line(struct cur *text, struct cur *line);

/* --- keeping (switch_rpm_keep.c) ------------------------------------------ */

/*
 * Keep an installed package, called NAME-VERSION-RELEASE.ARCH; what is kept
 * as {"number", "package", "manifest"} (yours), or NULL and why.  What was
 * kept in this round is not kept again.
 */
json_t *switch_rpm_keep(struct switch_work *w, const char *package);

/* --- whose files (switch_rpm_owners.c) ------------------------------------ */

/* Of what is to go: is nothing in it of a package of rpm that stays? */
bool switch_rpm_are_ours(struct switch_work *w, bool agents);

/* --- what is kept and what is there (switch_rpm_files.c) ------------------ */

/* Of a removed package that was kept: take away what rpm renamed to
   .rpmsave, and move away what it left. */
bool switch_rpm_sweep(struct switch_work *w, const json_t *kept);

/*
 * Put back what is not there any more.  What is there and not as it was stays
 * as it is, and counts as lost, unless rpm has the package (is_there): then it
 * may have been changed since, and nothing took it away.
 */
bool switch_rpm_restore(struct switch_work *w, const json_t *kept,
    bool is_there);

/* --- a file of rpm (switch_rpm_file.c) ------------------------------------ */

struct switch_rpm_tag {
	uint32_t tag;
	bool is_text;     /* without its NUL; else bytes */
	struct buf value; /* empty: left out */
};

/* Is it as long as it says?  As rpm has it: without magic. */
bool switch_rpm_header_is_whole(const struct buf *header);

/* The file of such a header, with signatures of it. */
void switch_rpm_file(const char *name, const struct buf *header,
    const struct switch_rpm_tag *tag, size_t tags, struct buf *out);

/* Base64 in lines, as rpm prints it; false: it is not, or nothing. */
bool switch_rpm_read_base64(const struct buf *text, struct buf *out);

#endif
