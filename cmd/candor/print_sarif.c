/*
 * print_sarif.c - findings as SARIF 2.1.0, for tools that collect them.
 *
 * Spec:  OASIS Static Analysis Results Interchange Format 2.1.0.  [SARIF]
 *
 * Results are written as they come; the rules they name, and what was not
 * looked at, follow behind them: the order of members does not matter.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/escape.h"
#include "cmd/candor/print.h"

#include <stdlib.h>
#include <string.h>

/* Which signatures were named, in the order in which they first were. */
struct rule_seen {
	uint32_t database, signature;
};

struct rules_seen {
	struct rule_seen *rule;
	size_t count, room;
	struct buf notices; /* of what was not looked at, as JSON */
};

#define RULES_LISTED 4096u /* descriptions; results name theirs anyway */

static void
begin(struct output *o)
{
	o->rules = buf_alloc(1, sizeof(*o->rules));
	o->written = 0;
	fputs("{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\","
	      "\"version\":\"2.1.0\",\"runs\":[{\"results\":[\n",
	    o->to);
}

static void
remember_rule(struct output *o, const struct detection *d)
{
	struct rules_seen *seen = o->rules;
	size_t i;

	for (i = 0; i < seen->count; i++)
		if (seen->rule[i].database == d->database &&
		    seen->rule[i].signature == d->signature)
			return;
	if (seen->count >= RULES_LISTED)
		return;
	seen->rule = buf_grow(seen->rule, &seen->room, seen->count + 1,
	    sizeof(seen->rule[0]));
	seen->rule[seen->count++] =
	    (struct rule_seen){ d->database, d->signature };
}

/* [SARIF 3.28] a location: the file, and the way inside it. */
static void
print_location(FILE *to, const struct result *r, uint32_t object)
{
	const struct result_object *where[RESULT_DEPTH];
	size_t count = result_where(r, object, where), i;
	char room[64];

	fputs("\"locations\":[{\"physicalLocation\":{\"artifactLocation\":"
	      "{\"uri\":\"",
	    to);
	if (r->path.size > 0 && r->path.bytes[0] == '/')
		fputs("file://", to);
	escape_uri(to, r->path.bytes, r->path.size);
	fputs("\"}}", to);
	if (count > 0) {
		fputs(",\"logicalLocations\":[{\"kind\":\"member\","
		      "\"fullyQualifiedName\":\"",
		    to);
		for (i = 0; i < count; i++) {
			struct cur name = result_name(r, where[i], room);

			fputs(i > 0 ? " \u2192 " : "", to);
			escape_json(to, name.base, name.size);
		}
		fputs("\"}]", to);
	}
	fputs("}]", to);
}

static void
print_result(struct output *o, const struct result *r,
    const struct detection *d)
{
	struct db_signature s;

	if (!databases_signature(o->databases, d->database, d->signature, &s))
		return;
	remember_rule(o, d);
	fputs(o->written++ > 0 ? ",\n{\"ruleId\":" : "{\"ruleId\":", o->to);
	escape_json_string(o->to, s.name.base, s.name.size);
	fprintf(o->to, ",\"level\":\"%s\",\"message\":{\"text\":\"",
	    d->is_weak ? "warning" : "error");
	fprintf(o->to, "%s signature matched: ", print_kind(d->kind));
	escape_json(o->to, s.name.base, s.name.size);
	fputs("\"},", o->to);
	print_location(o->to, r, d->object);
	if (r->has_sha256) {
		fputs(",\"properties\":{\"sha256\":\"", o->to);
		escape_hex(o->to, r->sha256, sizeof(r->sha256));
		fputs("\"}", o->to);
	}
	fputc('}', o->to);
}

/* [SARIF 3.58] a notification: what kept us from looking. */
static void
keep_notice(struct output *o, const struct result *r,
    const struct result_gap *g)
{
	const char *reason = print_reason(r, g);
	char *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);

	if (to == NULL)
		return;
	fputs(o->rules->notices.size > 0 ? ",\n{" : "{", to);
	fputs("\"level\":\"warning\",\"message\":{\"text\":\"unscanned: ", to);
	escape_json(to, reason, strlen(reason));
	fputs("\"},", to);
	print_location(to, r, g->object);
	fputc('}', to);
	if (fclose(to) == 0)
		buf_add(&o->rules->notices, text, size);
	free(text);
}

static void
file(struct output *o, const struct result *r)
{
	size_t i;

	for (i = 0; i < r->detection_count; i++)
		print_result(o, r, &r->detection[i]);
	for (i = 0; i < r->gap_count; i++)
		keep_notice(o, r, &r->gap[i]);
}

/* [SARIF 3.49] the rules that were named. */
static void
print_rules(struct output *o)
{
	size_t i;

	for (i = 0; i < o->rules->count; i++) {
		const struct rule_seen *rule = &o->rules->rule[i];
		struct db_signature s;

		if (!databases_signature(o->databases, rule->database,
			rule->signature, &s))
			continue;
		fputs(i > 0 ? ",\n{\"id\":" : "{\"id\":", o->to);
		escape_json_string(o->to, s.name.base, s.name.size);
		fputs(",\"properties\":{\"feed\":", o->to);
		escape_json_string(o->to, s.feed.base, s.feed.size);
		fprintf(o->to, ",\"kind\":\"%s\",\"line\":%u,\"file\":",
		    print_kind((enum sig_kind)s.kind), s.line);
		escape_json_string(o->to, s.file.base, s.file.size);
		fputs("}}", o->to);
	}
}

static void
end(struct output *o, const struct totals *t)
{
	struct rules_seen *seen = o->rules;

	fprintf(o->to,
	    "],\n\"tool\":{\"driver\":{\"name\":\"Candor\",\"version\":\"%s\","
	    "\"rules\":[",
	    print_version());
	print_rules(o);
	fprintf(o->to,
	    "]}},\n\"invocations\":[{\"executionSuccessful\":%s,"
	    "\"toolExecutionNotifications\":[",
	    t->is_interrupted ? "false" : "true");
	if (seen->notices.size > 0)
		fwrite(seen->notices.bytes, 1, seen->notices.size, o->to);
	fputs("]}]}]}\n", o->to);
	free(seen->rule);
	buf_free(&seen->notices);
	free(seen);
	o->rules = NULL;
}

const struct printer print_sarif = { true, begin, file, end };
