/*
 * ban_report_formats.c - a report for other programs.  The contract is in
 * ban_report.h.
 *
 * Spec:    SARIF 2.1.0 (OASIS), 3.14, 3.27; CycloneDX 1.5 (ECMA-424):
 *          components and vulnerabilities with their analysis (VEX).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/ban_print.h"
#include "cmd/candor/ban_report.h"
#include "cmd/candor/buf.h"
#include "cmd/candor/escape.h"
#include "cmd/candor/print.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *
text_of(const json_t *record, const char *key)
{
	return json_string(ban_report_text(record, key));
}

static bool
is_state(const json_t *finding, const char *word)
{
	return strcmp(ban_report_text(finding, "state"), word) == 0;
}

/* --- SARIF ---------------------------------------------------------------- */

/* "KESL: installed (proven) on mail" */
static json_t *
message_of(const json_t *f)
{
	struct buf b = { 0 };
	json_t *o;

	buf_text(&b, ban_report_text(f, "name"));
	buf_text(&b, ": ");
	buf_text(&b, ban_report_state(f));
	buf_text(&b, " (");
	buf_text(&b, ban_report_ground(f));
	buf_text(&b, ")");
	if (ban_report_text(f, "machine")[0] != '\0') {
		buf_text(&b, " on ");
		buf_text(&b, ban_report_text(f, "machine"));
	}
	o = json_pack("{s:s}", "text", b.bytes);
	buf_free(&b);
	return o;
}

static void
add_file(json_t *location, const char *path)
{
	char *uri = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&uri, &size);

	if (to == NULL)
		return;
	escape_uri(to, path, strlen(path));
	fclose(to);
	json_object_set_new(location, "physicalLocation",
	    json_pack("{s:{s:o}}", "artifactLocation", "uri",
		json_string(uri)));
	free(uri);
}

/* A path becomes a URI, anything else the name of a thing, in a file. */
static json_t *
location_of(const json_t *e)
{
	const char *seen = ban_report_text(e, "seen");
	const char *in = ban_report_text(e, "in");
	json_t *o = json_object();

	if (seen[0] == '/')
		add_file(o, seen);
	else if (in[0] != '\0')
		add_file(o, in);
	if (seen[0] != '/')
		json_object_set_new(o, "logicalLocations",
		    json_pack("[{s:s, s:o}]", "name", seen, "kind",
			text_of(e, "type")));
	return o;
}

static const char *
level_of(const json_t *f)
{
	if (is_state(f, "running") || is_state(f, "installed") ||
	    is_state(f, "engine_embedded"))
		return "error";
	return is_state(f, "residue") ? "note" : "warning";
}

static json_t *
rules_of(const json_t *findings)
{
	json_t *rules = json_array(), *seen = json_object();
	const json_t *f;
	size_t i;

	json_array_foreach(findings, i, f)
	{
		const char *id = ban_report_text(f, "product");

		if (json_object_get(seen, id) != NULL)
			continue;
		json_object_set_new(seen, id, json_true());
		json_array_append_new(rules,
		    json_pack("{s:s, s:{s:o}}", "id", id, "shortDescription",
			"text", text_of(f, "name")));
	}
	json_decref(seen);
	return rules;
}

json_t *
ban_report_sarif(const json_t *report)
{
	const json_t *findings = json_object_get(report, "findings"), *f, *e;
	json_t *results = json_array();
	size_t i, k;

	json_array_foreach(findings, i, f)
	{
		const json_t *evidence = json_object_get(f, "evidence");
		json_t *locations = json_array();

		json_array_foreach(evidence, k, e)
		    json_array_append_new(locations, location_of(e));
		json_array_append_new(results,
		    json_pack("{s:o, s:s, s:o, s:o}", "ruleId",
			text_of(f, "product"), "level", level_of(f), "message",
			message_of(f), "locations", locations));
	}
	return json_pack("{s:s, s:s, s:[{s:{s:{s:s, s:s, s:o}}, s:o}]}",
	    "$schema", "https://json.schemastore.org/sarif-2.1.0.json",
	    "version", "2.1.0", "runs", "tool", "driver", "name", "candor",
	    "version", print_version(), "rules", rules_of(findings), "results",
	    results);
}

/* --- CycloneDX ------------------------------------------------------------ */

/* What its analysis says: it is there, or there is something to look into. */
static const char *
analysis_of(const json_t *f)
{
	if (is_state(f, "running") || is_state(f, "installed") ||
	    is_state(f, "engine_embedded"))
		return "exploitable";
	return is_state(f, "residue") ? "resolved" : "in_triage";
}

static json_t *
component_of(const json_t *f, const char *ref)
{
	return json_pack("{s:s, s:s, s:o, s:{s:o}, s:[{s:s, s:o}]}", "type",
	    "application", "bom-ref", ref, "name", text_of(f, "name"),
	    "supplier", "name", text_of(f, "vendor"), "properties", "name",
	    "candor:class", "value", text_of(f, "class"));
}

static json_t *
statement_of(const json_t *f, const char *ref, const char *id)
{
	json_t *message = message_of(f);
	json_t *o = json_pack("{s:s, s:{s:s}, s:o, s:{s:s, s:o}, s:[{s:s}]}",
	    "id", id, "source", "name", "candor ban scan", "description",
	    text_of(f, "note"), "analysis", "state", analysis_of(f), "detail",
	    json_incref(json_object_get(message, "text")), "affects", "ref",
	    ref);

	json_decref(message);
	return o;
}

json_t *
ban_report_vex(const json_t *report)
{
	const json_t *findings = json_object_get(report, "findings"), *f;
	json_t *components = json_array(), *statements = json_array();
	char ref[40], id[200];
	size_t i;

	json_array_foreach(findings, i, f)
	{
		snprintf(ref, sizeof(ref), "finding-%zu", i + 1);
		snprintf(id, sizeof(id), "candor-ban-%.80s-%.80s",
		    ban_report_text(f, "vendor"),
		    ban_report_text(f, "product"));
		json_array_append_new(components, component_of(f, ref));
		json_array_append_new(statements, statement_of(f, ref, id));
	}
	return json_pack(
	    "{s:s, s:s, s:i, s:{s:o, s:{s:[{s:s, s:s, s:s}]}}, s:o, s:o}",
	    "bomFormat", "CycloneDX", "specVersion", "1.5", "version", 1,
	    "metadata", "timestamp", text_of(report, "at"), "tools",
	    "components", "type", "application", "name", "candor", "version",
	    print_version(), "components", components, "vulnerabilities",
	    statements);
}
