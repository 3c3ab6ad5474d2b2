/*
 * plan_report.c - what the compiler chose to search by, and what costs most.
 * The contract is in plan_report.h.
 *
 * What is expected comes from the background table of how often ordinary
 * files have a literal's bytes (docs/database.md), which the compiler noted
 * with each literal.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/plan_report.h"

#include "cmd/candor/buf.h"
#include "cmd/candor/escape.h"
#include "cmd/candor/human.h"
#include "lib/match/literal_info.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define WORST     20u                    /* triggers named */
#define ALWAYS    1000u                  /* rules named */
#define PER_MB(n) ((double)(n) / 1024.0) /* from "in 2^30 bytes" */

static const char *const target_name[DB_TARGETS] = { "any", "PE", "OLE2",
	"HTML", "mail", "graphics", "ELF", "text", "8", "Mach-O", "PDF",
	"Flash", "Java", "13", "14", "15" };

static const char *const why_always[DB_ALWAYS_KINDS] = {
	[DB_ALWAYS_CONDITION] = "can hold without its strings",
	[DB_ALWAYS_BYTES] = "a string it needs has no fixed bytes",
	[DB_ALWAYS_COMMON] = "its bytes are in too many files",
	[DB_ALWAYS_TINY] = "2 or 3 bytes, and few rules have so few",
};

/* What is summed up of the literals of one set. */
struct sum {
	uint32_t literals, longs, shorts, tiny;
	uint64_t hits, rules; /* expected in 2^30 bytes of ordinary files */
};

/* A literal that is expected to cost much. */
struct worst {
	uint64_t rules; /* looked at, in 2^30 bytes */
	uint32_t literal;
};

struct plan_report {
	const struct db *db;
	struct sum sum[DB_TARGETS]; /* of each set */
	struct sum all;
	struct worst worst[WORST]; /* the worst first */
	uint32_t worst_count;
};

/* --- gathering ----------------------------------------------------------- */

/* The targets of the rules a literal touches, a bit each; 0: broken. */
static uint32_t
targets_of(const struct db *db, const struct db_literal *l)
{
	uint32_t targets = 0, i;
	struct db_trigger t;
	struct db_rule rule;

	for (i = l->first; i < l->end; i++) {
		if (!db_trigger_get(db, i, &t) ||
		    !db_rule_get(db, t.rule, &rule))
			return 0;
		targets |= 1u << rule.target;
	}
	return targets;
}

static void
add(struct sum *s, const struct db_literal *l)
{
	s->literals++;
	s->longs += l->size >= 19;
	s->shorts += l->size >= 4 && l->size < 19;
	s->tiny += l->size < 4;
	s->hits += l->often;
	s->rules += (uint64_t)l->often * (l->end - l->first);
}

/* Keep it if it is among the worst. */
static void
note(struct plan_report *r, uint32_t literal, const struct db_literal *l)
{
	const struct worst w = { (uint64_t)l->often * (l->end - l->first),
		literal };
	uint32_t at = r->worst_count;

	if (at == WORST && r->worst[WORST - 1].rules >= w.rules)
		return;
	if (at == WORST)
		at--;
	else
		r->worst_count++;
	for (; at > 0 && r->worst[at - 1].rules < w.rules; at--)
		r->worst[at] = r->worst[at - 1];
	r->worst[at] = w;
}

static bool
gather(struct plan_report *r, struct why *why)
{
	uint32_t count = r->db->count[DB_TRIGGER_FIRST] - 1, i, k, targets;
	uint32_t sets = r->db->count[DB_LITERAL_SET];
	struct db_literal_set set;
	struct db_literal l;

	if (sets > DB_TARGETS)
		return why_not(why, WHY_BROKEN, "database: too many sets");
	for (i = 0; i < count; i++) {
		if (!db_literal_get(r->db, i, &l) ||
		    (targets = targets_of(r->db, &l)) == 0)
			return why_not(why, WHY_BROKEN,
			    "database: literal %" PRIu32 " is broken", i);
		add(&r->all, &l);
		note(r, i, &l);
		for (k = 0; k < sets; k++)
			if (db_literal_set_get(r->db, k, &set) &&
			    (targets & (set.targets | 1)) != 0)
				add(&r->sum[k], &l);
	}
	return true;
}

/* The name of a rule's signature, escaped; "?" if it is broken. */
static void
print_rule(const struct db *db, uint32_t rule)
{
	struct db_signature s;
	struct db_rule r;

	if (db_rule_get(db, rule, &r) && db_signature_get(db, r.signature, &s))
		escape_text(stdout, s.name.base, s.name.size);
	else
		putchar('?');
}

/* --- as a table ---------------------------------------------------------- */

static void
print_sum(const char *label, const struct sum *s)
{
	char room[4][HUMAN_SIZE];

	printf("  %-22s %9s %9s %9s %7s %9.1f %9.1f\n", label,
	    human_count(s->literals, room[0]), human_count(s->longs, room[1]),
	    human_count(s->shorts, room[2]), human_count(s->tiny, room[3]),
	    PER_MB(s->hits), PER_MB(s->rules));
}

/* "PE", "any other", by the targets of a set. */
static const char *
set_name(uint32_t targets)
{
	uint32_t i;

	for (i = 1; i < DB_TARGETS; i++)
		if (targets == 1u << i)
			return target_name[i];
	return "others";
}

static void
print_planes(const struct literal_info *info)
{
	uint32_t i;

	for (i = 0; i < info->planes; i++) {
		const struct literal_plane_info *p = &info->plane[i];
		char room[HUMAN_SIZE];

		printf("      %10s windows of %2" PRIu32 " bytes, at ",
		    human_count(p->windows, room), p->window);
		if (p->is_sampled)
			printf("the positions a sampler picks (a fifth)\n");
		else if (p->step == 1)
			printf("every position\n");
		else
			printf("every %" PRIu32 "th position\n", p->step);
	}
}

static bool
print_sets(const struct plan_report *r, struct why *why)
{
	struct db_literal_set set;
	struct literal_info info;
	uint32_t i;

	printf("%-24s %9s %9s %9s %7s %9s %9s\n", "search of", "literals",
	    "19 bytes+", "4 to 18", "2, 3", "hits/MB", "rules/MB");
	for (i = 0; i < r->db->count[DB_LITERAL_SET]; i++) {
		if (!db_literal_set_get(r->db, i, &set) ||
		    !literal_info_get(set.section, &info))
			return why_not(why, WHY_BROKEN,
			    "database: LITERAL_SET %" PRIu32 " is broken", i);
		print_sum(set_name(set.targets), &r->sum[i]);
		print_planes(&info);
	}
	print_sum("all, each once", &r->all);
	return true;
}

static void
print_always(const struct plan_report *r)
{
	uint32_t count = r->db->count[DB_ALWAYS], i;
	struct db_always_rule always;
	struct db_rule rule;

	printf("\nrules without a trigger: %" PRIu32
	       ", looked at in every object of their target\n",
	    count);
	for (i = 0; i < count && i < ALWAYS; i++) {
		if (!db_always_get(r->db, i, &always) ||
		    !db_rule_get(r->db, always.rule, &rule))
			continue;
		printf("  %-8s %-38s ", target_name[rule.target],
		    why_always[always.why]);
		print_rule(r->db, always.rule);
		putchar('\n');
	}
	if (count > ALWAYS)
		printf("  and %" PRIu32 " more\n", count - ALWAYS);
}

static void
print_worst(const struct plan_report *r)
{
	struct db_literal l;
	struct db_trigger t;
	uint32_t i;

	printf("\n%-9s %9s %7s %6s  %s\n", "the worst", "hits/MB", "rules",
	    "bytes", "signature");
	for (i = 0; i < r->worst_count; i++) {
		if (!db_literal_get(r->db, r->worst[i].literal, &l) ||
		    !db_trigger_get(r->db, l.first, &t))
			continue;
		printf("%-9s %9.2f %7" PRIu32 " %6" PRIu32 "  ", "",
		    PER_MB(l.often), l.end - l.first, l.size);
		print_rule(r->db, t.rule);
		if (l.end - l.first > 1)
			printf(" and %" PRIu32 " more", l.end - l.first - 1);
		putchar('\n');
	}
}

/* --- as JSON ------------------------------------------------------------- */

static void
print_sum_json(const struct sum *s)
{
	printf("\"literals\":%" PRIu32 ",\"long\":%" PRIu32
	       ",\"short\":%" PRIu32 ",\"tiny\":%" PRIu32
	       ",\"hits_per_mb\":%.3f,\"rules_per_mb\":%.3f",
	    s->literals, s->longs, s->shorts, s->tiny, PER_MB(s->hits),
	    PER_MB(s->rules));
}

static void
print_set_json(const struct plan_report *r, uint32_t i)
{
	struct literal_info info = { 0 };
	struct db_literal_set set = { 0 };
	uint32_t k;

	if (!db_literal_set_get(r->db, i, &set) ||
	    !literal_info_get(set.section, &info))
		info.planes = 0;
	printf("{\"objects\":\"%s\",", set_name(set.targets));
	print_sum_json(&r->sum[i]);
	printf(",\"bytes\":%zu,\"planes\":[", set.section.size);
	for (k = 0; k < info.planes; k++)
		printf("%s{\"sampled\":%s,\"step\":%" PRIu32
		       ",\"window\":%" PRIu32 ",\"windows\":%" PRIu32 "}",
		    k > 0 ? "," : "",
		    info.plane[k].is_sampled ? "true" : "false",
		    info.plane[k].step, info.plane[k].window,
		    info.plane[k].windows);
	printf("]}");
}

static void
print_name_json(const struct db *db, uint32_t rule)
{
	struct db_signature s;
	struct db_rule r;

	if (db_rule_get(db, rule, &r) && db_signature_get(db, r.signature, &s))
		escape_json_string(stdout, s.name.base, s.name.size);
	else
		printf("null");
}

static void
print_json(const struct plan_report *r)
{
	struct db_always_rule always;
	struct db_literal l;
	struct db_trigger t;
	uint32_t i;

	printf("{\"sets\":[");
	for (i = 0; i < r->db->count[DB_LITERAL_SET]; i++) {
		printf(i > 0 ? "," : "");
		print_set_json(r, i);
	}
	printf("],\"all\":{");
	print_sum_json(&r->all);
	printf("},\"always\":[");
	for (i = 0; i < r->db->count[DB_ALWAYS]; i++) {
		if (!db_always_get(r->db, i, &always))
			continue;
		printf("%s{\"signature\":", i > 0 ? "," : "");
		print_name_json(r->db, always.rule);
		printf(",\"why\":\"%s\"}", why_always[always.why]);
	}
	printf("],\"worst\":[");
	for (i = 0; i < r->worst_count; i++) {
		if (!db_literal_get(r->db, r->worst[i].literal, &l) ||
		    !db_trigger_get(r->db, l.first, &t))
			continue;
		printf("%s{\"signature\":", i > 0 ? "," : "");
		print_name_json(r->db, t.rule);
		printf(",\"rules\":%" PRIu32 ",\"bytes\":%" PRIu32
		       ",\"hits_per_mb\":%.3f}",
		    l.end - l.first, l.size, PER_MB(l.often));
	}
	printf("]}\n");
}

bool
plan_report_print(const struct db *db, bool json, struct why *why)
{
	struct plan_report *r = buf_alloc(1, sizeof(*r));
	bool is_fine;

	r->db = db;
	is_fine = gather(r, why);
	if (is_fine && json) {
		print_json(r);
	} else if (is_fine && print_sets(r, why)) {
		print_always(r);
		print_worst(r);
	} else {
		is_fine = false;
	}
	free(r);
	return is_fine;
}
