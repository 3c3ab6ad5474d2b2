/*
 * switch_print.c - the plan of a switch-over, for people and programs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/ban_print.h"
#include "cmd/candor/escape.h"
#include "cmd/candor/switch_plan.h"

#include <inttypes.h>
#include <string.h>

#define NEXT                                                                 \
	"Nothing on this machine was changed: candor switch apply does it, " \
	"and candor switch undo goes back."

/* --- text ----------------------------------------------------------------- */

static void
put(const char *text)
{
	escape_text(stdout, text, strlen(text));
}

static void
print_found(const struct switch_plan *p)
{
	size_t i;

	puts("Found");
	for (i = 0; i < p->found_count; i++)
		printf("  %s: %s\n", p->found[i].name, p->found[i].path);
	if (p->found_count == 0)
		puts("  no folder of the product");
	fputs("  ", stdout);
	ban_print_wrapped(stdout, 2,
	    "These are its folders under /opt/kaspersky only; candor ban "
	    "scan looks for the rest.");
}

static void
print_risks(const struct switch_entry *e)
{
	unsigned i;

	for (i = 0; i < PLAN_RISKS; i++)
		if ((e->risk & 1u << i) != 0)
			printf("      LOOK AT IT: %s\n",
			    plan_risk_text(1u << i));
}

static void
print_entry(const struct switch_entry *e)
{
	printf("  ");
	put(e->file);
	printf(":%" PRIu32 ": ", e->line);
	put(e->name);
	printf(" = ");
	put(e->value);
	if (e->target != NULL) {
		const struct config_row *r = config_row(e->key);

		printf("\n    %s: [%s] %s = ", plan_how_text(e->how),
		    r->section, r->key);
		put(e->target);
	} else if (e->needs_person)
		printf("\n    left out, somebody has to decide");
	else
		printf("\n    left out");
	putchar('\n');
	if (e->why != NULL)
		printf("      %s\n", e->why);
	print_risks(e);
}

static void
print_entries(const struct switch_plan *p)
{
	size_t i;

	printf("\nSettings: %zu exact, %zu narrower, %zu left out\n",
	    p->how[PLAN_EXACT], p->how[PLAN_NARROWER], p->how[PLAN_LEFT_OUT]);
	for (i = 0; i < p->entries; i++)
		print_entry(&p->entry[i]);
	if (p->troubles > 0)
		printf("\nNot understood: %zu\n", p->troubles);
	for (i = 0; i < p->troubles; i++) {
		printf("  ");
		put(p->trouble[i].file);
		if (p->trouble[i].line > 0)
			printf(":%" PRIu32, p->trouble[i].line);
		printf(": %s\n", p->trouble[i].why);
	}
}

void
switch_print_text(const struct switch_plan *p)
{
	size_t count, i;
	const struct plan_step *step = plan_steps(&count);
	const struct plan_loss *loss;

	print_found(p);
	puts("\nSteps, in this order; each only when the one before was seen");
	for (i = 0; i < count; i++) {
		printf("  %zu. %s\n", i + 1, step[i].name);
		ban_print_labelled(stdout, 5, "do:", step[i].what);
		ban_print_labelled(stdout, 5, "seen:", step[i].seen);
		ban_print_labelled(stdout, 5, "back:", step[i].back);
	}
	print_entries(p);
	puts("\nLost: what the product may do and Candor does not");
	loss = plan_losses(&count);
	for (i = 0; i < count; i++)
		printf("  %s%s%s\n", loss[i].task,
		    loss[i].task[0] != '\0' ? ": " : "", loss[i].what);
	putchar('\n');
	ban_print_wrapped(stdout, 0, NEXT);
}

/* --- JSON Lines ----------------------------------------------------------- */

static void
member(const char *name, const char *value)
{
	printf(",\"%s\":", name);
	if (value == NULL)
		fputs("null", stdout);
	else
		escape_json_string(stdout, value, strlen(value));
}

static void
json_entry(const struct switch_entry *e)
{
	bool is_first = true;
	unsigned i;

	fputs("{\"type\":\"switch_setting\"", stdout);
	member("file", e->file);
	printf(",\"line\":%" PRIu32, e->line);
	member("task", e->task);
	member("name", e->name);
	member("value", e->value);
	member("how", plan_how_text(e->how));
	if (e->target != NULL) {
		member("section", config_row(e->key)->section);
		member("key", config_row(e->key)->key);
		member("target", e->target);
	}
	member("why", e->why);
	fputs(",\"look_at\":[", stdout);
	for (i = 0; i < PLAN_RISKS; i++)
		if ((e->risk & 1u << i) != 0) {
			printf("%s\"%s\"", is_first ? "" : ",",
			    plan_risk_text(1u << i));
			is_first = false;
		}
	printf("],\"needs_person\":%s}\n", e->needs_person ? "true" : "false");
}

static void
json_steps(void)
{
	size_t count, i;
	const struct plan_step *step = plan_steps(&count);

	for (i = 0; i < count; i++) {
		printf("{\"type\":\"switch_step\",\"number\":%zu", i + 1);
		member("name", step[i].name);
		member("do", step[i].what);
		member("seen", step[i].seen);
		member("back", step[i].back);
		puts("}");
	}
}

void
switch_print_json(const struct switch_plan *p)
{
	const struct plan_loss *loss;
	size_t count, i;

	for (i = 0; i < p->found_count; i++) {
		fputs("{\"type\":\"switch_found\"", stdout);
		member("name", p->found[i].name);
		member("path", p->found[i].path);
		puts("}");
	}
	json_steps();
	for (i = 0; i < p->entries; i++)
		json_entry(&p->entry[i]);
	for (i = 0; i < p->troubles; i++) {
		fputs("{\"type\":\"switch_trouble\"", stdout);
		member("file", p->trouble[i].file);
		printf(",\"line\":%" PRIu32, p->trouble[i].line);
		member("why", p->trouble[i].why);
		puts("}");
	}
	loss = plan_losses(&count);
	for (i = 0; i < count; i++) {
		fputs("{\"type\":\"switch_loss\"", stdout);
		member("task", loss[i].task);
		member("what", loss[i].what);
		puts("}");
	}
	printf("{\"type\":\"switch_summary\",\"exact\":%zu,\"narrower\":%zu,"
	       "\"left_out\":%zu,\"not_understood\":%zu}\n",
	    p->how[PLAN_EXACT], p->how[PLAN_NARROWER], p->how[PLAN_LEFT_OUT],
	    p->troubles);
}
