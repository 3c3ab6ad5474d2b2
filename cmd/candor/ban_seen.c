/*
 * ban_seen.c - gather what was seen.  The contract is in ban_seen.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/ban_seen.h"

#include "cmd/candor/ban_near.h"
#include "cmd/candor/ban_print.h"
#include "cmd/candor/buf.h"
#include "cmd/candor/options.h"
#include "cmd/candor/print.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* A hostile tree may be full of signs; the first ones say it. */
#define EVIDENCE_MAX 40u
#define MENTIONS_MAX 200u
#define BLIND_MAX    200u

void
ban_seen_open(const struct footprint_set *set, struct ban_seen *out)
{
	size_t n = (size_t)set->product_count + 1;

	*out = (struct ban_seen){ .set = set };
	out->tally = buf_alloc(n, sizeof(*out->tally));
	out->evidence = buf_alloc(n, sizeof(json_t *));
	out->more = buf_alloc(n, sizeof(*out->more));
	memset(out->tally, 0, n * sizeof(*out->tally));
	memset(out->evidence, 0, n * sizeof(json_t *));
	memset(out->more, 0, n * sizeof(*out->more));
	out->near = ban_near_open();
	out->mentions = json_array();
	out->not_seen = json_array();
	out->looked_at = json_object();
}

void
ban_seen_close(struct ban_seen *s)
{
	uint32_t i;

	for (i = 0; i < s->set->product_count; i++)
		json_decref(s->evidence[i]);
	free(s->tally);
	free(s->evidence);
	free(s->more);
	ban_near_close(s->near);
	json_decref(s->mentions);
	json_decref(s->not_seen);
	json_decref(s->looked_at);
}

/* --- signs ---------------------------------------------------------------- */

/* What is looked up, while the signs it is are told one by one. */
struct looking {
	struct ban_seen *seen;
	const struct ban_seen_as *as;
	struct cur value;
	bool is_placed; /* only what stands in its place counts */
	bool is_found;
};

static const char *
text_of(const json_t *record, const char *key)
{
	return json_string_value(json_object_get(record, key));
}

static enum footprint_state
state_of(const struct footprint_sign *sign, const struct ban_seen_as *as)
{
	bool is_left = as->is_left;

	if (as->is_mention)
		return FOOTPRINT_MENTION;
	/* What enables a unit is left behind; what it is, is seen itself. */
	if (as->is_link && sign->type == FOOTPRINT_UNIT)
		is_left = true;
	if (is_left && sign->state < FOOTPRINT_RESIDUE)
		return FOOTPRINT_RESIDUE;
	if (as->is_running && sign->state == FOOTPRINT_INSTALLED)
		return FOOTPRINT_RUNNING;
	return sign->state;
}

/* The sources a sign cites, each with its title. */
static json_t *
sources_of(const struct ban_seen *s, const struct footprint_sign *sign)
{
	const json_t *all =
	    json_object_get(s->set->product_file[sign->product]->root,
		"sources");
	const json_t *cited = json_object_get(sign->record, "source"), *one;
	json_t *list = json_array();
	size_t i;

	json_array_foreach(cited, i, one) json_array_append(list,
	    json_object_get(all, json_string_value(one)));
	return list;
}

static json_t *
evidence_of(const struct looking *l, const struct footprint_sign *sign,
    enum footprint_state state, enum footprint_strength strength)
{
	const char *confidence = text_of(sign->record, "confidence");
	json_t *e = json_pack("{s:s, s:o, s:s, s:s, s:s, s:s, s:b, s:o}",
	    "type", footprint_type_word[sign->type], "seen",
	    ban_print_bytes(l->value), "sign", sign->value, "state",
	    footprint_state_word[state], "strength",
	    footprint_strength_word[strength], "confidence", confidence,
	    "confirmed", strcmp(confidence, "low") != 0, "sources",
	    sources_of(l->seen, sign));

	if (l->as->in != NULL)
		json_object_set_new(e, "in", ban_print_string(l->as->in));
	if (l->as->detail != NULL)
		json_object_set_new(e, "detail",
		    ban_print_string(l->as->detail));
	if (text_of(sign->record, "purpose") != NULL)
		json_object_set(e, "purpose",
		    json_object_get(sign->record, "purpose"));
	return e;
}

/* An engine in a folder of its own vendor is that product's. */
static bool
is_own_engine(const struct looking *l, const struct footprint_sign *sign)
{
	return sign->state == FOOTPRINT_EMBEDDED &&
	    footprint_is_own_place(l->seen->set, sign->product, l->value);
}

/*
 * Pieces of an engine count together if they lie near each other; those whose
 * place is known to be the engine's count wherever they are.
 */
static void
count(const struct looking *l, const struct footprint_sign *sign,
    uint32_t product, enum footprint_state state,
    enum footprint_strength strength)
{
	struct footprint_tally *t = &l->seen->tally[product];
	struct cur place = l->as->place == NULL
	    ? l->value
	    : cur_from(l->as->place, strlen(l->as->place));
	const struct footprint_sign *other;

	if (state != FOOTPRINT_EMBEDDED || strength != FOOTPRINT_STRONG ||
	    sign->value[0] == '/') {
		footprint_count(t, sign, state, strength);
		return;
	}
	other = ban_near_find(l->seen->near, product, sign, place);
	footprint_count(t, sign, state, FOOTPRINT_SUPPORTING);
	if (other != NULL) {
		footprint_count(t, other, state, strength);
		footprint_count(t, sign, state, strength);
	}
}

/* Count it for a product, and keep it as evidence. */
static void
keep(const struct looking *l, const struct footprint_sign *sign,
    uint32_t product, enum footprint_state state,
    enum footprint_strength strength)
{
	struct ban_seen *s = l->seen;

	count(l, sign, product, state, strength);
	if (s->evidence[product] == NULL)
		s->evidence[product] = json_array();
	if (json_array_size(s->evidence[product]) >= EVIDENCE_MAX) {
		s->more[product]++;
		return;
	}
	json_array_append_new(s->evidence[product],
	    evidence_of(l, sign, state, strength));
}

static void
add_sign(void *self, const struct footprint_sign *sign)
{
	struct looking *l = self;
	struct ban_seen *s = l->seen;
	enum footprint_state state = state_of(sign, l->as);

	if (is_own_engine(l, sign) ||
	    (l->is_placed && sign->value[0] != '/' &&
		sign->type != FOOTPRINT_UNIT))
		return;
	keep(l, sign, sign->product, state, sign->strength);
	if (l->as->is_left && sign->type == FOOTPRINT_PACKAGE)
		s->tally[sign->product].is_removed = true;
	l->is_found = l->is_found || state != FOOTPRINT_MENTION;
}

static const struct ban_seen_as nothing_more;

bool
ban_seen_value(struct ban_seen *s, enum footprint_type type, struct cur value,
    const struct ban_seen_as *as)
{
	struct looking l = { s, as != NULL ? as : &nothing_more, value, false,
		false };

	footprint_match(s->set, type, value, add_sign, &l);
	return l.is_found;
}

bool
ban_seen_path(struct ban_seen *s, struct cur path, const struct ban_seen_as *as)
{
	struct looking l = { s, as != NULL ? as : &nothing_more, path, false,
		false };

	footprint_match_path(s->set, path, add_sign, &l);
	return l.is_found;
}

void
ban_seen_hit(struct ban_seen *s, const struct footprint_hit *h,
    const struct ban_seen_as *as)
{
	const struct looking l = { s, as, cur_from(h->seen, strlen(h->seen)),
		false, false };

	keep(&l, h->sign, h->product, h->state, h->strength);
}

bool
ban_seen_placed(struct ban_seen *s, struct cur path,
    const struct ban_seen_as *as)
{
	struct looking l = { s, as, path, true, false };

	footprint_match_path(s->set, path, add_sign, &l);
	return l.is_found;
}

void
ban_seen_count(struct ban_seen *s, const char *kind, uint64_t count)
{
	const json_t *before = json_object_get(s->looked_at, kind);

	json_object_set_new(s->looked_at, kind,
	    json_integer(json_integer_value(before) + (json_int_t)count));
}

void
ban_seen_blind(struct ban_seen *s, const char *what, const char *why)
{
	if (json_array_size(s->not_seen) < BLIND_MAX)
		json_array_append_new(s->not_seen,
		    json_pack("{s:o, s:o}", "what", ban_print_string(what),
			"why", ban_print_string(why)));
}

/* What only names it is no evidence of a finding. */
static json_t *
without_mentions(const json_t *evidence)
{
	json_t *list = json_array(), *one;
	size_t i;

	json_array_foreach(evidence, i,
	    one) if (strcmp(text_of(one, "state"),
			 footprint_state_word[FOOTPRINT_MENTION]) != 0)
	    json_array_append(list, one);
	return list;
}

/* --- the report ----------------------------------------------------------- */

static json_t *
finding_of(const struct ban_seen *s, uint32_t product,
    enum footprint_state state, enum footprint_ground ground)
{
	const json_t *record = s->set->product[product];
	json_t *f = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:I}",
	    "vendor", text_of(s->set->product_file[product]->root, "vendor"),
	    "product", text_of(record, "id"), "name", text_of(record, "name"),
	    "class", text_of(record, "class"), "state",
	    footprint_state_word[state], "ground",
	    footprint_ground_word[ground], "evidence",
	    without_mentions(s->evidence[product]), "more",
	    (json_int_t)s->more[product]);

	if (text_of(record, "note") != NULL)
		json_object_set(f, "note", json_object_get(record, "note"));
	if (text_of(record, "role") != NULL)
		json_object_set(f, "role", json_object_get(record, "role"));
	return f;
}

/* Those of a state, in the order of the data. */
static void
add_findings(const struct ban_seen *s, int wanted, json_t *findings)
{
	enum footprint_state state;
	enum footprint_ground ground;
	uint32_t i;

	for (i = 0; i < s->set->product_count; i++)
		if (s->evidence[i] != NULL &&
		    footprint_decide(&s->tally[i], &state, &ground) &&
		    (int)state == wanted)
			json_array_append_new(findings,
			    finding_of(s, i, state, ground));
}

/* What was seen of products that are no finding. */
static void
add_mentions(const struct ban_seen *s, json_t *mentions)
{
	enum footprint_state state;
	enum footprint_ground ground;
	json_t *one;
	uint32_t i;
	size_t k;

	for (i = 0; i < s->set->product_count; i++) {
		if (s->evidence[i] == NULL ||
		    footprint_decide(&s->tally[i], &state, &ground))
			continue;
		json_array_foreach(s->evidence[i], k,
		    one) if (json_array_size(mentions) < MENTIONS_MAX)
		    json_array_append(mentions, one);
	}
}

static void
set_machine(json_t *report)
{
	char name[256] = "", when[40] = "";
	time_t now = time(NULL);
	struct tm tm;

	if (gethostname(name, sizeof(name) - 1) == 0)
		json_object_set_new(report, "machine", ban_print_string(name));
	if (gmtime_r(&now, &tm) != NULL)
		strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm);
	json_object_set_new(report, "at", json_string(when));
}

json_t *
ban_seen_report(const struct ban_seen *s, const char *kind, const char *where)
{
	json_t *report, *findings = json_array();
	int state;

	for (state = 0; state < FOOTPRINT_MENTION; state++)
		add_findings(s, state, findings);
	add_mentions(s, s->mentions);
	report = json_pack("{s:s, s:s, s:s, s:o, s:s, s:o, s:O, s:O, s:O}",
	    "type", "ban_scan", "schema", BAN_REPORT_SCHEMA, "kind", kind,
	    "where", ban_print_string(where), "candor", print_version(),
	    "findings", findings, "mentions", s->mentions, "not_seen",
	    s->not_seen, "looked_at", s->looked_at);
	set_machine(report);
	return report;
}

int
ban_report_exit(const json_t *report)
{
	if (json_array_size(json_object_get(report, "findings")) > 0)
		return EXIT_FOUND;
	return json_array_size(json_object_get(report, "not_seen")) > 0
	    ? EXIT_TROUBLE
	    : EXIT_CLEAN;
}
