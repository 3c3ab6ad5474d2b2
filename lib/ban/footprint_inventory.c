/*
 * footprint_inventory.c - lists of what is installed.  The contract is in
 * footprint_inventory.h.
 *
 * Every form becomes rows of cells whose column is known.  What a row's name
 * is (a package, a service, a process) its other columns tell.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/ban/footprint_inventory.h"

#include "lib/ban/footprint_packages.h"
#include "lib/base/ascii.h"

#include <string.h>

#define CELLS     64u
#define PATH_ROOM 1024u
#define DEPTH_MAX 16u /* components in components */

enum column {
	COLUMN_NONE,
	COLUMN_NAME,
	COLUMN_VERSION,
	COLUMN_SUPPLIER,
	COLUMN_PATH,
	COLUMN_REGISTRY,
	COLUMN_SUBJECT,
	COLUMN_APP,
	COLUMN_USER,
	COLUMN_GROUP,
	COLUMN_SERVICE,
	COLUMN_PROCESS,
	COLUMN_PURL,
	COLUMN_CPE,
	COLUMN_OF_PROCESS, /* tells what the name is of */
	COLUMN_OF_SERVICE
};

/* As they are written, without blanks, _ and -, in small letters. */
static const struct {
	const char *name;
	enum column column;
} known[] = {
	{ "name", COLUMN_NAME },
	{ "displayname", COLUMN_NAME },
	{ "software", COLUMN_NAME },
	{ "softwarename", COLUMN_NAME },
	{ "application", COLUMN_NAME },
	{ "applicationname", COLUMN_NAME },
	{ "product", COLUMN_NAME },
	{ "productname", COLUMN_NAME },
	{ "package", COLUMN_NAME },
	{ "packagename", COLUMN_NAME },
	{ "version", COLUMN_VERSION },
	{ "displayversion", COLUMN_VERSION },
	{ "versioninfo", COLUMN_VERSION },
	{ "publisher", COLUMN_SUPPLIER },
	{ "vendor", COLUMN_SUPPLIER },
	{ "maintainer", COLUMN_SUPPLIER },
	{ "supplier", COLUMN_SUPPLIER },
	{ "originator", COLUMN_SUPPLIER },
	{ "manufacturer", COLUMN_SUPPLIER },
	{ "author", COLUMN_SUPPLIER },
	{ "company", COLUMN_SUPPLIER },
	{ "path", COLUMN_PATH },
	{ "installlocation", COLUMN_PATH },
	{ "installpath", COLUMN_PATH },
	{ "filepath", COLUMN_PATH },
	{ "key", COLUMN_REGISTRY },
	{ "registrykey", COLUMN_REGISTRY },
	{ "commonname", COLUMN_SUBJECT },
	{ "subject", COLUMN_SUBJECT },
	{ "subjectname", COLUMN_SUBJECT },
	{ "signer", COLUMN_SUBJECT },
	{ "bundleidentifier", COLUMN_APP },
	{ "bundleid", COLUMN_APP },
	{ "identifier", COLUMN_APP },
	{ "username", COLUMN_USER },
	{ "groupname", COLUMN_GROUP },
	{ "service", COLUMN_SERVICE },
	{ "servicename", COLUMN_SERVICE },
	{ "process", COLUMN_PROCESS },
	{ "processname", COLUMN_PROCESS },
	{ "purl", COLUMN_PURL },
	{ "cpe", COLUMN_CPE },
	{ "cpe23", COLUMN_CPE },
	{ "pid", COLUMN_OF_PROCESS },
	{ "cmdline", COLUMN_OF_PROCESS },
	{ "starttype", COLUMN_OF_SERVICE },
	{ "startmode", COLUMN_OF_SERVICE },
	{ "servicetype", COLUMN_OF_SERVICE },
};

struct row {
	struct {
		enum column column;
		struct cur value;
	} cell[CELLS];
	size_t count;
	bool is_component; /* of an SBOM: a name alone says nothing */
};

struct reader {
	inventory_see_fn see;
	void *self;
	uint64_t rows;
};

/* --- columns -------------------------------------------------------------- */

static bool
is_skipped(uint8_t c)
{
	return c == ' ' || c == '_' || c == '-' || c == '.';
}

static bool
is_column(const char *name, struct cur written)
{
	size_t i;

	for (i = 0; i < written.size; i++) {
		if (is_skipped(written.base[i]))
			continue;
		if (*name == '\0' ||
		    ascii_lower(written.base[i]) != (uint8_t)*name)
			return false;
		name++;
	}
	return *name == '\0';
}

static enum column
find_column(struct cur written)
{
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (is_column(known[i].name, written))
			return known[i].column;
	return COLUMN_NONE;
}

static void
add_cell(struct row *r, enum column column, struct cur value)
{
	if (column == COLUMN_NONE || value.size == 0 || r->count >= CELLS)
		return;
	r->cell[r->count].column = column;
	r->cell[r->count++].value = value;
}

static bool
has_column(const struct row *r, enum column column)
{
	size_t i;

	for (i = 0; i < r->count; i++)
		if (r->cell[i].column == column)
			return true;
	return false;
}

static struct cur
first_of(const struct row *r, enum column column)
{
	size_t i;

	for (i = 0; i < r->count; i++)
		if (r->cell[i].column == column)
			return r->cell[i].value;
	return cur_from("", 0);
}

/* --- rows ----------------------------------------------------------------- */

static bool
see(struct reader *rd, const struct row *r, enum footprint_type type,
    struct cur value)
{
	const struct inventory_thing thing = { type, value,
		first_of(r, COLUMN_VERSION), false };

	return value.size > 0 && rd->see(rd->self, &thing);
}

/* Has text this at its beginning, whatever the case?  Steps over it. */
static bool
step_over(struct cur *text, const char *what)
{
	size_t n = strlen(what), i;
	struct cur head, c = *text;

	if (!cur_take(&c, n, &head))
		return false;
	for (i = 0; i < n; i++)
		if (ascii_lower(head.base[i]) != (uint8_t)what[i])
			return false;
	*text = cur_from(c.base + c.pos, cur_left(&c));
	return true;
}

/* "C:\Program Files\x" is /Program Files/x; "HKEY_LOCAL_MACHINE\x" HKLM\x. */
static bool
see_path(struct reader *rd, const struct row *r, struct cur path)
{
	char room[PATH_ROOM];
	size_t i, n = 0;

	if (step_over(&path, "hkey_local_machine\\")) {
		memcpy(room, "HKLM\\", 5);
		n = 5;
	} else if (path.size > 2 && path.base[1] == ':')
		path = cur_from(path.base + 2, path.size - 2);
	if (path.size == 0 || path.size + n > sizeof(room))
		return false;
	memcpy(room + n, path.base, path.size);
	n += path.size;
	if (memcmp(room, "HK", n < 2 ? n : 2) == 0)
		return see(rd, r, FOOTPRINT_REGISTRY, cur_from(room, n));
	for (i = 0; i < n; i++)
		if (room[i] == '\\')
			room[i] = '/';
	if (n > 1 && room[n - 1] == '/')
		n--;
	return see(rd, r, FOOTPRINT_PATH, cur_from(room, n));
}

/* "CN=x, O=y" or x itself. */
static bool
see_subject(struct reader *rd, const struct row *r, struct cur subject)
{
	struct cur part;
	bool is_found;

	while (step_over(&subject, " "))
		;
	if (step_over(&subject, "cn=") && cur_until(&subject, ',', &part))
		subject = part;
	is_found = see(rd, r, FOOTPRINT_CERTIFICATE, subject);
	return see(rd, r, FOOTPRINT_SIGNER, subject) || is_found;
}

/* A package of a distribution, by its purl; other worlds reuse its names. */
static bool
is_of_distribution(const struct row *r)
{
	struct cur purl = first_of(r, COLUMN_PURL);

	return !r->is_component || step_over(&purl, "pkg:deb/") ||
	    step_over(&purl, "pkg:rpm/") || step_over(&purl, "pkg:apk/");
}

static bool
see_name(struct reader *rd, const struct row *r, struct cur name)
{
	bool is_found;

	if (has_column(r, COLUMN_OF_PROCESS))
		return see(rd, r, FOOTPRINT_PROCESS, name);
	if (has_column(r, COLUMN_OF_SERVICE))
		return see(rd, r, FOOTPRINT_SERVICE, name);
	is_found = is_of_distribution(r) && see(rd, r, FOOTPRINT_PACKAGE, name);
	return see(rd, r, FOOTPRINT_PROGRAM, name) || is_found;
}

/* Columns whose values are looked up as they are. */
static const struct {
	enum column column;
	enum footprint_type type;
} plain[] = {
	{ COLUMN_APP, FOOTPRINT_APP },
	{ COLUMN_USER, FOOTPRINT_USER },
	{ COLUMN_GROUP, FOOTPRINT_GROUP },
	{ COLUMN_SERVICE, FOOTPRINT_SERVICE },
	{ COLUMN_PROCESS, FOOTPRINT_PROCESS },
	{ COLUMN_PURL, FOOTPRINT_PURL },
};

static bool
see_cell(struct reader *rd, const struct row *r, size_t i)
{
	enum column column = r->cell[i].column;
	struct cur value = r->cell[i].value;
	size_t k;

	if (column == COLUMN_NAME)
		return see_name(rd, r, value);
	if (column == COLUMN_PATH || column == COLUMN_REGISTRY)
		return see_path(rd, r, value);
	if (column == COLUMN_SUBJECT)
		return see_subject(rd, r, value);
	for (k = 0; k < sizeof(plain) / sizeof(plain[0]); k++)
		if (plain[k].column == column)
			return see(rd, r, plain[k].type, value);
	return false;
}

/* Who made it says only what nothing else of the row did. */
static void
see_maker(struct reader *rd, const struct row *r)
{
	struct row named = *r;
	size_t i;

	/* Tell which it is. */
	for (i = 0; i < named.count; i++)
		if (named.cell[i].column == COLUMN_VERSION)
			named.cell[i].value = first_of(r, COLUMN_NAME);
	for (i = 0; i < r->count; i++) {
		struct cur value = r->cell[i].value;

		if (r->cell[i].column == COLUMN_CPE &&
		    see(rd, &named, FOOTPRINT_CPE, value))
			return;
		(void)step_over(&value, "organization: ");
		if ((r->cell[i].column == COLUMN_SUPPLIER ||
			r->cell[i].column == COLUMN_NAME) &&
		    see(rd, &named, FOOTPRINT_SUPPLIER, value))
			return;
	}
}

static void
end_row(struct reader *rd, const struct row *r)
{
	bool is_found = false;
	size_t i;

	rd->rows++;
	for (i = 0; i < r->count; i++)
		is_found = see_cell(rd, r, i) || is_found;
	if (!is_found)
		see_maker(rd, r);
}

/* --- JSON ----------------------------------------------------------------- */

static struct cur
text_of(const json_t *value)
{
	const char *text = json_string_value(value);

	return text != NULL ? cur_from(text, json_string_length(value))
			    : cur_from("", 0);
}

static struct cur
text_at(const json_t *record, const char *key)
{
	return text_of(json_object_get(record, key));
}

static void
read_component(struct reader *rd, const json_t *c)
{
	struct row r = { .is_component = true };

	add_cell(&r, COLUMN_VERSION, text_at(c, "version"));
	add_cell(&r, COLUMN_NAME, text_at(c, "name"));
	add_cell(&r, COLUMN_SUPPLIER,
	    text_at(json_object_get(c, "supplier"), "name"));
	add_cell(&r, COLUMN_SUPPLIER,
	    text_at(json_object_get(c, "manufacturer"), "name"));
	add_cell(&r, COLUMN_SUPPLIER, text_at(c, "publisher"));
	add_cell(&r, COLUMN_SUPPLIER, text_at(c, "author"));
	add_cell(&r, COLUMN_PURL, text_at(c, "purl"));
	add_cell(&r, COLUMN_CPE, text_at(c, "cpe"));
	end_row(rd, &r);
}

/* Components hold components: down one, then on, then up. */
static void
read_components(struct reader *rd, const json_t *list)
{
	struct {
		const json_t *list;
		size_t at;
	} level[DEPTH_MAX];
	size_t depth = 0;

	level[0].list = list;
	level[0].at = 0;
	for (;;) {
		const json_t *one =
		    json_array_get(level[depth].list, level[depth].at++);
		const json_t *below = json_object_get(one, "components");

		if (one == NULL) {
			if (depth-- == 0)
				return;
			continue;
		}
		read_component(rd, one);
		if (json_array_size(below) > 0 && depth + 1 < DEPTH_MAX) {
			level[++depth].list = below;
			level[depth].at = 0;
		}
	}
}

static void
read_spdx_package(struct reader *rd, const json_t *p)
{
	const json_t *refs = json_object_get(p, "externalRefs"), *one;
	struct row r = { .is_component = true };
	size_t i;

	add_cell(&r, COLUMN_VERSION, text_at(p, "versionInfo"));
	add_cell(&r, COLUMN_NAME, text_at(p, "name"));
	add_cell(&r, COLUMN_SUPPLIER, text_at(p, "supplier"));
	add_cell(&r, COLUMN_SUPPLIER, text_at(p, "originator"));
	json_array_foreach(refs, i, one)
	{
		struct cur type = text_at(one, "referenceType");
		struct cur locator = text_at(one, "referenceLocator");

		if (step_over(&type, "purl"))
			add_cell(&r, COLUMN_PURL, locator);
		else if (step_over(&type, "cpe"))
			add_cell(&r, COLUMN_CPE, locator);
	}
	end_row(rd, &r);
}

static void
read_object(struct reader *rd, json_t *o)
{
	struct row r = { .count = 0 };
	const char *key;
	json_t *value;

	json_object_foreach(o, key, value)
	{
		enum column column = find_column(cur_from(key, strlen(key)));

		/* A number tells that it is a process, too. */
		if (column == COLUMN_OF_PROCESS && json_is_integer(value))
			add_cell(&r, column, cur_from("1", 1));
		else
			add_cell(&r, column, text_of(value));
	}
	end_row(rd, &r);
}

/* Rows of osquery: a list of objects, or inside of what logged them. */
static void
read_rows(struct reader *rd, json_t *value)
{
	static const char *const inside[] = { "columns", "snapshot", "rows",
		"data", "diffResults" };
	json_t *one, *columns;
	size_t i;

	for (i = 0; i < sizeof(inside) / sizeof(inside[0]); i++) {
		one = json_object_get(value, inside[i]);
		if (json_is_array(one) || json_is_object(one)) {
			value = one;
			break;
		}
	}
	if (json_is_object(value))
		read_object(rd, value);
	json_array_foreach(value, i, one)
	{
		columns = json_object_get(one, "columns");
		if (json_is_object(one))
			read_object(rd,
			    json_is_object(columns) ? columns : one);
	}
}

static void
read_document(struct reader *rd, json_t *root)
{
	const json_t *packages = json_object_get(root, "packages"), *one;
	const json_t *main_one;
	size_t i;

	if (json_object_get(root, "bomFormat") != NULL) {
		main_one = json_object_get(json_object_get(root, "metadata"),
		    "component");
		if (json_is_object(main_one))
			read_component(rd, main_one);
		read_components(rd, json_object_get(root, "components"));
	} else if (json_object_get(root, "spdxVersion") != NULL) {
		json_array_foreach(packages, i, one) read_spdx_package(rd, one);
	} else
		read_rows(rd, root);
}

/* A value costs jansson some hundred bytes: how many can these hold? */
static bool
is_too_much(struct cur text)
{
	size_t i, n = 0;

	for (i = 0; i < text.size; i++)
		n += text.base[i] == '{' || text.base[i] == '[' ||
			text.base[i] == ','
		    ? 1
		    : 0;
	return n > INVENTORY_THINGS_MAX;
}

static json_t *
load(struct cur text)
{
	json_error_t error;

	return json_loadb((const char *)text.base + text.pos, cur_left(&text),
	    JSON_REJECT_DUPLICATES, &error);
}

/* A result log: an object a line.  Lines that are none are counted. */
static bool
read_lines(struct reader *rd, struct cur text)
{
	uint64_t good = 0, bad = 0;
	struct cur line;

	while (cur_line(&text, &line)) {
		json_t *root = line.size > 0 ? load(line) : NULL;

		if (root != NULL) {
			read_rows(rd, root);
			good++;
		} else if (line.size > 0)
			bad++;
		json_decref(root);
	}
	return good > 0 && bad == 0;
}

static bool
read_json(struct reader *rd, struct cur text, struct why *why)
{
	json_t *root;

	if (is_too_much(text))
		return why_not(why, WHY_LIMIT,
		    "more than 2,000,000 things in it");
	root = load(text);
	if (root != NULL) {
		read_document(rd, root);
		json_decref(root);
		return true;
	}
	return read_lines(rd, text) ||
	    why_not(why, WHY_BROKEN,
		"neither JSON nor lines of it, in part or whole");
}

/* --- tables --------------------------------------------------------------- */

/*
 * Cut the next field; a quoted one may hold separators and line ends.  A
 * doubled quote in it is left as it is: no name we look for has one.
 */
static struct cur
next_field(struct cur *c, char separator, bool *is_last)
{
	size_t from = c->pos, to;
	bool is_quoted = cur_match(c, "\"", 1);
	struct cur out = cur_from("", 0);
	uint8_t byte = 0;

	if (is_quoted) {
		from = c->pos;
		while (cur_left(c) > 0 && (byte = cur_u8(c)) != '"')
			;
	}
	to = c->pos - (byte == '"' ? 1 : 0);
	*is_last = true;
	while (cur_left(c) > 0 && (byte = cur_u8(c)) != '\n') {
		if (byte == (uint8_t)separator) {
			*is_last = false;
			break;
		}
		if (!is_quoted && byte != '\r')
			to = c->pos;
	}
	if (!cur_at(c, from, to - from, &out))
		out = cur_from("", 0);
	return out;
}

/* Which separator has the first line, if its words are names of columns? */
static bool
find_separator(struct cur text, char *out)
{
	static const char separators[] = ",;\t";
	struct cur line;
	size_t i;

	if (!cur_line(&text, &line))
		return false;
	for (i = 0; separators[i] != '\0'; i++) {
		struct cur head = line;
		bool is_last = false;
		size_t fields = 0, columns = 0;

		while (!is_last && fields++ < 1000)
			columns += find_column(next_field(&head, separators[i],
				       &is_last)) != COLUMN_NONE
			    ? 1
			    : 0;
		if (fields >= 2 && columns >= 1) {
			*out = separators[i];
			return true;
		}
	}
	return false;
}

static void
read_table(struct reader *rd, struct cur text, char separator)
{
	enum column column[CELLS] = { COLUMN_NONE };
	bool is_last = false;
	size_t n;

	for (n = 0; !is_last; n++) {
		struct cur name = next_field(&text, separator, &is_last);

		if (n < CELLS)
			column[n] = find_column(name);
	}
	while (cur_left(&text) > 0) {
		struct row r = { .count = 0 };

		is_last = false;
		for (n = 0; !is_last; n++) {
			struct cur value =
			    next_field(&text, separator, &is_last);

			if (n < CELLS)
				add_cell(&r, column[n], value);
		}
		if (r.count > 0)
			end_row(rd, &r);
	}
}

/* --- packages ------------------------------------------------------------- */

static void
read_packages(struct reader *rd, struct cur text)
{
	enum packages_form form =
	    packages_is_dpkg_l(text) ? PACKAGES_DPKG_L : PACKAGES_RPM_QA;
	struct packages_one p;

	while (packages_next(&text, form, &p)) {
		const struct inventory_thing thing = { FOOTPRINT_PACKAGE,
			p.name, p.version, p.is_left };

		rd->rows++;
		if (p.is_installed || p.is_left)
			(void)rd->see(rd->self, &thing);
	}
}

/* What rpm -qa prints has one word a line, with two dashes at least. */
static bool
is_packages(struct cur text)
{
	struct cur line, word;
	size_t lines = 0, i, dashes = 0;

	if (packages_is_dpkg_l(text))
		return true;
	while (lines < 20 && cur_line(&text, &line)) {
		if (line.size == 0)
			continue;
		lines++;
		if (!cur_until(&line, ' ', &word) || cur_left(&line) > 0)
			return false;
		for (i = 0; i < word.size; i++)
			dashes += word.base[i] == '-' ? 1 : 0;
		if (memchr(word.base, 0, word.size) != NULL)
			return false;
	}
	return lines > 0 && dashes >= 2 * lines;
}

bool
inventory_read(struct cur text, inventory_see_fn see_one, void *self,
    uint64_t *count, struct why *why)
{
	struct reader rd = { see_one, self, 0 };
	char separator;
	bool is_read = true;

	if (text.size > INVENTORY_SIZE_MAX)
		return why_not(why, WHY_LIMIT, "larger than 64 MiB");
	(void)step_over(&text, "\xef\xbb\xbf");
	while (cur_match(&text, "\n", 1) || cur_match(&text, "\r", 1) ||
	    cur_match(&text, " ", 1))
		;
	text = cur_from(text.base + text.pos, cur_left(&text));
	if (text.size > 0 && (text.base[0] == '{' || text.base[0] == '['))
		is_read = read_json(&rd, text, why);
	else if (find_separator(text, &separator))
		read_table(&rd, text, separator);
	else if (is_packages(text))
		read_packages(&rd, text);
	else
		is_read =
		    why_not(why, WHY_BROKEN, "no form of a list that is known");
	*count = rd.rows;
	return is_read;
}
