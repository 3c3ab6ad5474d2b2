/*
 * ban_look_lists.c - packages, users and groups of a tree.  The contract is
 * in ban_look.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/ban_look.h"
#include "cmd/candor/infile.h"
#include "lib/ban/footprint_packages.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LIST_MAX ((size_t)256 << 20) /* bytes of a list */

/* --- files ---------------------------------------------------------------- */

static bool
read_all(int fd, struct buf *out)
{
	if (!infile_rest(fd, LIST_MAX, out))
		return false;
	errno = EFBIG;
	return out->size <= LIST_MAX;
}

/* /lib is a link where all is in /usr, which is looked at too. */
static bool
is_elsewhere(const char *path, const struct why *why)
{
	return why->err == ENOENT ||
	    (why->err == ELOOP && strncmp(path, "lib/", 4) == 0);
}

/* A small file.  False: it is not there, or it was said why it is not seen. */
static bool
read_file(const struct ban_place *place, const char *path, struct buf *name,
    struct buf *out, struct ban_seen *seen)
{
	struct why why = { 0 };
	int fd;
	bool is_read;

	buf_cut(out, 0);
	buf_cut(name, 0);
	ban_place_name(place, path, name);
	if (!ban_place_open(place, path, &fd, &why)) {
		if (!is_elsewhere(path, &why))
			ban_seen_blind(seen, name->bytes, why.text);
		return false;
	}
	is_read = read_all(fd, out);
	if (!is_read)
		ban_seen_blind(seen, name->bytes, strerror(errno));
	close(fd);
	return is_read;
}

/* --- packages ------------------------------------------------------------- */

static char *
text_of(struct cur c)
{
	char *text = buf_alloc(1, c.size + 1);

	memcpy(text, c.base, c.size);
	text[c.size] = '\0';
	return text;
}

static void
look_at_package(struct ban_seen *seen, const struct packages_one *p,
    const char *in)
{
	char *version = text_of(p->version), *name = text_of(p->name);
	struct ban_seen_as as = {
		.in = in, .detail = version, .is_left = p->is_left
	};

	/* Its supplier says only what no name did. */
	if (!ban_seen_value(seen, FOOTPRINT_PACKAGE, p->name, &as) &&
	    p->supplier.size > 0) {
		as.detail = name;
		(void)ban_seen_value(seen, FOOTPRINT_SUPPLIER, p->supplier,
		    &as);
	}
	free(version);
	free(name);
}

void
ban_look_packages(struct cur list, enum packages_form form, const char *in,
    struct ban_seen *seen)
{
	struct packages_one p;
	uint64_t count = 0;

	while (packages_next(&list, form, &p)) {
		if (!p.is_installed && !p.is_left)
			continue;
		count++;
		look_at_package(seen, &p, in);
	}
	ban_seen_count(seen, "packages", count);
}

static const struct {
	const char *path;
	enum packages_form form;
} known_list[] = {
	{ "var/lib/dpkg/status", PACKAGES_DPKG },
	{ "lib/apk/db/installed", PACKAGES_APK },
	{ "usr/lib/apk/db/installed", PACKAGES_APK },
};

/* rpm's own are databases. */
static const char *const rpm_database[] = {
	"var/lib/rpm/rpmdb.sqlite",
	"var/lib/rpm/Packages.db",
	"var/lib/rpm/Packages",
	"usr/lib/sysimage/rpm/rpmdb.sqlite",
	"usr/lib/sysimage/rpm/Packages.db",
};

/* What is trusted, as update-ca-certificates and update-ca-trust put it
   together: those of the distribution and those that were added here. */
static const char *const trusted[] = {
	"etc/ssl/certs/ca-certificates.crt",
	"etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
	"var/lib/ca-certificates/ca-bundle.pem",
};

/* What SQLite has not written back yet. */
static void
look_for_journal(const struct ban_place *place, const char *path,
    const char *in, struct ban_seen *seen)
{
	struct buf name = { 0 };
	struct why why = { 0 };
	struct stat st;
	int fd;

	buf_text(&name, path);
	buf_text(&name, "-wal");
	if (ban_place_open(place, name.bytes, &fd, &why)) {
		if (fstat(fd, &st) == 0 && st.st_size > 0)
			ban_seen_blind(seen, in,
			    "its last changes are in its -wal, which is not "
			    "read");
		close(fd);
	}
	buf_free(&name);
}

/* Have a reader look into a file, if it is there. */
static bool
look_into(const struct ban_place *place, const char *path, struct buf *name,
    struct ban_seen *seen)
{
	struct why why = { 0 };
	int fd;

	buf_cut(name, 0);
	ban_place_name(place, path, name);
	if (ban_place_open(place, path, &fd, &why)) {
		ban_look_content(fd, READER_ANY, name->bytes, place, seen);
		close(fd);
		return true;
	}
	if (why.err != ENOENT)
		ban_seen_blind(seen, name->bytes, why.text);
	return false;
}

static void
look_inside(const struct ban_place *place, struct buf *name,
    struct ban_seen *seen)
{
	size_t i;

	for (i = 0; i < sizeof(rpm_database) / sizeof(rpm_database[0]); i++)
		if (look_into(place, rpm_database[i], name, seen))
			look_for_journal(place, rpm_database[i], name->bytes,
			    seen);
	for (i = 0; i < sizeof(trusted) / sizeof(trusted[0]); i++)
		(void)look_into(place, trusted[i], name, seen);
}

/* --- users and groups ----------------------------------------------------- */

static void
look_at_names(struct ban_seen *seen, struct cur list, enum footprint_type type,
    const char *in)
{
	struct ban_seen_as as = { .in = in };
	struct cur line, name;
	uint64_t count = 0;

	while (cur_line(&list, &line))
		if (cur_until(&line, ':', &name) && name.size > 0) {
			count++;
			(void)ban_seen_value(seen, type, name, &as);
		}
	ban_seen_count(seen, type == FOOTPRINT_USER ? "users" : "groups",
	    count);
}

static const struct {
	const char *path;
	enum footprint_type type;
} names_list[] = {
	{ "etc/passwd", FOOTPRINT_USER },
	{ "etc/group", FOOTPRINT_GROUP },
};

void
ban_look_lists(const struct ban_place *place, struct ban_seen *seen)
{
	struct buf b = { 0 }, in = { 0 };
	size_t i;

	for (i = 0; i < sizeof(known_list) / sizeof(known_list[0]); i++)
		if (read_file(place, known_list[i].path, &in, &b, seen))
			ban_look_packages(cur_from(b.bytes, b.size),
			    known_list[i].form, in.bytes, seen);
	look_inside(place, &in, seen);
	for (i = 0; i < sizeof(names_list) / sizeof(names_list[0]); i++)
		if (read_file(place, names_list[i].path, &in, &b, seen))
			look_at_names(seen, cur_from(b.bytes, b.size),
			    names_list[i].type, in.bytes);
	buf_free(&b);
	buf_free(&in);
}
