/*
 * hive_tell.c - what keys of a registry mean.  See hive.h.
 *
 * Spec:    Microsoft, Windows Installer, "Uninstall Registry Key"; Windows
 *          drivers, "HKLM\SYSTEM\CurrentControlSet\Services Registry Tree";
 *          System Store Locations (SystemCertificates).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/reader/hive.h"

#include "lib/base/ascii.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct cur nothing;

static struct cur
text_of(const char *text)
{
	return text != NULL ? cur_from(text, strlen(text)) : nothing;
}

/* --- texts ---------------------------------------------------------------- */

/* Do the last bytes of text equal end, whatever the case of letters? */
static bool
ends_with(struct cur text, const char *end)
{
	size_t n = strlen(end), i;

	if (text.size < n)
		return false;
	for (i = 0; i < n; i++)
		if (ascii_lower(text.base[text.size - n + i]) !=
		    ascii_lower((uint8_t)end[i]))
			return false;
	return true;
}

/* Without its last name. */
static struct cur
parent_of(struct cur path)
{
	size_t n = path.size;

	while (n > 0 && path.base[n - 1] != '\\')
		n--;
	return cur_from(path.base, n > 0 ? n - 1 : 0);
}

static struct cur
last_of(struct cur path)
{
	size_t n = parent_of(path).size + 1;

	return n < path.size ? cur_from(path.base + n, path.size - n) : path;
}

/* --- values --------------------------------------------------------------- */

/* The text of a value, to be freed; NULL: there is none. */
static char *
text_at(const struct hive *h, hive_node_h node, const char *key)
{
	hive_value_h value = hivex_node_get_value(h->handle, node, key);
	hive_type type;
	size_t size;

	if (value == 0 || hivex_value_type(h->handle, value, &type, &size) != 0)
		return NULL;
	if (type != hive_t_string && type != hive_t_expand_string)
		return NULL;
	return hivex_value_string(h->handle, value);
}

static uint32_t
number_at(const struct hive *h, hive_node_h node, const char *key)
{
	hive_value_h value = hivex_node_get_value(h->handle, node, key);
	hive_type type;
	size_t size;

	if (value == 0 ||
	    hivex_value_type(h->handle, value, &type, &size) != 0 ||
	    type != hive_t_dword || size != 4)
		return 0;
	return (uint32_t)hivex_value_dword(h->handle, value);
}

/* --- which registry ------------------------------------------------------- */

/* The key of the root with this name, or 0. */
static hive_node_h
first_key(const struct hive *h, const char *name)
{
	hive_node_h *key =
	    hivex_node_children(h->handle, hivex_root(h->handle));
	hive_node_h found = 0;
	size_t i;

	for (i = 0; key != NULL && key[i] != 0 && found == 0; i++) {
		char *one = hivex_node_name(h->handle, key[i]);

		if (one != NULL && strcasecmp(one, name) == 0)
			found = key[i];
		free(one);
	}
	free(key);
	return found;
}

enum reader_what
hive_guess(struct hive *h, const char *name)
{
	struct cur text = text_of(name);

	if (first_key(h, "Select") != 0 || first_key(h, "ControlSet001") != 0)
		return READER_HIVE_SYSTEM;
	if (first_key(h, "Software") != 0)
		return READER_HIVE_USER;
	if (first_key(h, "Microsoft") != 0)
		return READER_HIVE_SOFTWARE;
	if (ends_with(text, "software"))
		return READER_HIVE_SOFTWARE;
	if (ends_with(text, "system"))
		return READER_HIVE_SYSTEM;
	return ends_with(text, "ntuser.dat") ? READER_HIVE_USER : READER_ANY;
}

const char *
hive_root(enum reader_what what)
{
	if (what == READER_HIVE_USER)
		return "HKCU";
	return what == READER_HIVE_SYSTEM ? "HKLM\\SYSTEM" : "HKLM\\SOFTWARE";
}

void
hive_find_control_set(struct hive *h)
{
	hive_node_h select =
	    h->what == READER_HIVE_SYSTEM ? first_key(h, "Select") : 0;

	if (select != 0)
		h->control_set = number_at(h, select, "Current");
}

/* --- what keys mean ------------------------------------------------------- */

/* …\CurrentVersion\Uninstall\NAME */
static void
tell_program(struct hive *h, hive_node_h node)
{
	char *name = text_at(h, node, "DisplayName");
	char *version = text_at(h, node, "DisplayVersion");
	char *publisher = text_at(h, node, "Publisher");

	if (name != NULL)
		say_seen(h->say, READER_PROGRAM, READER_ROW, text_of(name),
		    text_of(version));
	if (publisher != NULL)
		say_seen(h->say, READER_SUPPLIER,
		    name != NULL ? READER_ELSE : READER_ROW, text_of(publisher),
		    text_of(name));
	free(name);
	free(version);
	free(publisher);
}

/* HKLM\SYSTEM\ControlSet001\Services\NAME; another set was in use before. */
static void
tell_service(struct hive *h, hive_node_h node, struct cur path)
{
	char *program = text_at(h, node, "ImagePath");
	char set[40];
	bool is_left;

	snprintf(set, sizeof(set), "\\ControlSet%03u\\Services",
	    h->control_set);
	is_left = h->control_set != 0 && !ends_with(parent_of(path), set);
	say_seen(h->say, READER_SERVICE,
	    READER_ROW | (is_left ? READER_LEFT : 0), last_of(path),
	    text_of(program));
	free(program);
}

/* …\SystemCertificates\ROOT\Certificates\HASH */
static void
tell_certificate(struct hive *h, hive_node_h node, struct cur path)
{
	hive_value_h value = hivex_node_get_value(h->handle, node, "Blob");
	struct cur store = last_of(parent_of(parent_of(path)));
	char name[256], *blob;
	hive_type type;
	size_t size = 0;

	if (value == 0)
		return;
	blob = hivex_value_value(h->handle, value, &type, &size);
	if (blob == NULL)
		h->broken++;
	else if (hive_certificate_name(cur_from(blob, size), name,
		     sizeof(name)))
		say_seen(h->say, READER_CERTIFICATE, READER_ROW, text_of(name),
		    store);
	free(blob);
}

static bool
is_services(const struct hive *h, struct cur folder)
{
	struct cur set = parent_of(folder);

	return h->what == READER_HIVE_SYSTEM &&
	    ends_with(folder, "\\Services") &&
	    ends_with(parent_of(set), "HKLM\\SYSTEM");
}

void
hive_tell(struct hive *h, hive_node_h node, struct cur path, size_t parent)
{
	struct cur folder = cur_from(path.base, parent);

	say_seen(h->say, READER_REGISTRY, READER_ROW, path, nothing);
	if (ends_with(folder, "\\CurrentVersion\\Uninstall"))
		tell_program(h, node);
	else if (is_services(h, folder))
		tell_service(h, node, path);
	else if (ends_with(folder, "\\Certificates") &&
	    ends_with(parent_of(parent_of(folder)), "\\SystemCertificates"))
		tell_certificate(h, node, path);
}
