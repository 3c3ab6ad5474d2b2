/*
 * plan.c - what exported settings mean for Candor.  See plan.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/ban/plan.h"

#include "lib/ban/plan_path.h"

#include <stdio.h>
#include <string.h>

/* One setting or section, and whom to tell of it. */
struct planner {
	const struct settings *s;
	plan_tell_fn tell;
	void *ctx;
	const struct setting *at;
	const struct settings_part *part;
};

static void
tell(const struct planner *p, enum plan_how how, enum config_key key,
    const char *target, const char *why, unsigned risk)
{
	const struct plan_entry e = { .from = p->at,
		.task = p->part->name,
		.how = how,
		.key = key,
		.target = target,
		.why = why,
		.risk = risk };

	p->tell(p->ctx, &e);
}

static void
leave(const struct planner *p, const char *why, bool needs_person)
{
	const struct plan_entry e = { .from = p->at,
		.task = p->part->name,
		.how = PLAN_LEFT_OUT,
		.why = why,
		.needs_person = needs_person };

	p->tell(p->ctx, &e);
}

static bool
is_yes(const char *value)
{
	return settings_same(value, "Yes");
}

/*
 * Why what is left out by this task would not be the same here: [exclude] is
 * the guard's.  NULL: it is.
 */
static const char *
why_not_guard(const struct planner *p)
{
	switch (p->part->task) {
	case SETTINGS_ON_ACCESS:
		return NULL;
	case SETTINGS_ON_DEMAND:
		return "of a scan on demand: [exclude] would leave it out when "
		       "files are opened, too; candor scan --exclude";
	case SETTINGS_UNKNOWN:
		return "the file does not say of which task it is: say it with "
		       "--settings TASK=FILE";
	case SETTINGS_UPDATE:
	case SETTINGS_BEHAVIOUR:
	case SETTINGS_SCHEDULE:
	case SETTINGS_PRODUCT:
	case SETTINGS_OTHER:
		break;
	}
	return "not an exclusion of File_Threat_Protection: [exclude] "
	       "would leave out more than this does";
}

/* --- sections ------------------------------------------------------------- */

/*
 * The value of a name in the section at hand.  NULL, with *why, if it is not
 * there or there are two.
 */
static const char *
area_value(const struct planner *p, const char *name, const char **why)
{
	bool is_twice = false;
	const struct setting *found =
	    settings_find(p->s, p->at->part, p->at->group, name, &is_twice);

	if (found == NULL)
		*why = "the section is not whole: a name of it is missing";
	else if (is_twice)
		*why = "the section says one thing twice, and not alike";
	return found != NULL && !is_twice ? found->value : NULL;
}

/* Is every name of the section one of these?  Another could change what the
   others mean. */
static bool
has_only(const struct planner *p, const char *const *name)
{
	size_t i, k;

	for (i = 0; i < p->s->count; i++) {
		const struct setting *one = &p->s->one[i];

		if (one->part != p->at->part || one->group != p->at->group)
			continue;
		for (k = 0; name[k] != NULL; k++)
			if (settings_same(one->name, name[k]))
				break;
		if (name[k] == NULL)
			return false;
	}
	return true;
}

/* Carry path and mask over; several masks are several entries. */
static void
take_area(struct planner *p, const char *path, const char *mask)
{
	struct plan_path target[PLAN_PATHS_MAX];
	const char *why;
	size_t count = plan_path_of(path, mask, target, &why), i;

	if (count == 0)
		leave(p, why, true);
	for (i = 0; i < count; i++)
		tell(p, target[i].is_narrower ? PLAN_NARROWER : PLAN_EXACT,
		    target[i].is_file ? KEY_EXCLUDE_FILE : KEY_EXCLUDE_PATH,
		    target[i].glob, target[i].why, target[i].risk);
}

/* Do to each mask of the section. */
static void
take_masks(struct planner *p, const char *path)
{
	const struct setting *first = p->at;
	size_t i, count = 0;

	for (i = 0; i < p->s->count; i++) {
		const struct setting *one = &p->s->one[i];

		if (one->part != first->part || one->group != first->group ||
		    !settings_same(one->name, "AreaMask"))
			continue;
		p->at = strcmp(one->value, "*") == 0 ? first : one;
		take_area(p, path, one->value);
		count++;
	}
	p->at = first;
	if (count == 0)
		leave(p, "the section is not whole: there is no AreaMask",
		    true);
}

/* Was the section left out: it is turned off, or (why) not whole, or has more
   than these names? */
static bool
is_left(struct planner *p, const char *use, const char *why,
    const char *const *names)
{
	if (use != NULL && settings_same(use, "No"))
		leave(p, "it is turned off there", false);
	else if (why != NULL)
		leave(p, why, true);
	else if (!has_only(p, names) || !is_yes(use))
		leave(p, "the section has a name or value that is not known",
		    true);
	else
		return false;
	return true;
}

static void
section_excluded(struct planner *p)
{
	static const char *const names[] = { "AreaDesc", "UseScanArea", "Path",
		"AreaMask", NULL };
	const char *why = why_not_guard(p);
	const char *use = area_value(p, "UseScanArea", &why);
	const char *path = area_value(p, "Path", &why);

	if (!is_left(p, use, why, names))
		take_masks(p, path);
}

/* Does the section have the mask *? */
static bool
has_whole_mask(const struct planner *p)
{
	size_t i;

	for (i = 0; i < p->s->count; i++) {
		const struct setting *one = &p->s->one[i];

		if (one->part == p->at->part && one->group == p->at->group &&
		    settings_same(one->name, "AreaMask") &&
		    strcmp(one->value, "*") == 0)
			return true;
	}
	return false;
}

/* What a program opens is left out: everywhere, or it would be wider. */
static void
section_program(struct planner *p)
{
	static const char *const names[] = { "ProgramPath",
		"ApplyToDescendants", "AreaDesc", "UseExcludedForProgram",
		"Path", "AreaMask", NULL };
	const char *why = why_not_guard(p);
	const char *use = area_value(p, "UseExcludedForProgram", &why);
	const char *with = area_value(p, "ApplyToDescendants", &why);
	const char *path = area_value(p, "Path", &why);
	const char *program = area_value(p, "ProgramPath", &why);

	if (is_left(p, use, why, names))
		return;
	if (strcmp(path, "/") != 0 || !has_whole_mask(p))
		leave(p,
		    "it is of some files only; [exclude] process is of "
		    "all that the program opens",
		    true);
	else if ((why = plan_path_complaint(program)) != NULL ||
	    (strpbrk(program, "*?") != NULL &&
		(why = "[exclude] process takes one program, no mask") != NULL))
		leave(p, why, true);
	else if (is_yes(with))
		tell(p, PLAN_NARROWER, KEY_EXCLUDE_PROCESS, program,
		    "the program itself, not those that it starts",
		    plan_path_program_risk(program));
	else
		tell(p, PLAN_EXACT, KEY_EXCLUDE_PROCESS, program, NULL,
		    plan_path_program_risk(program));
}

/* Candor watches all local file systems: never less than was watched. */
static void
section_scope(struct planner *p)
{
	const char *why = why_not_guard(p);
	const char *use = area_value(p, "UseScanArea", &why);
	const char *path = area_value(p, "Path", &why);

	if (use != NULL && settings_same(use, "No"))
		leave(p, "it is turned off there", false);
	else if (why != NULL)
		leave(p, why, true);
	else if (path[0] != '/')
		leave(p, "the guard watches no file system of the network",
		    true);
	else if (strcmp(path, "/") == 0 && has_whole_mask(p))
		tell(p, PLAN_EXACT, KEY_GUARD_MOUNTS, "/", NULL, 0);
	else
		tell(p, PLAN_NARROWER, KEY_GUARD_MOUNTS, "/",
		    "all local file systems are watched, not this part only",
		    0);
}

static void
section_trusted(struct planner *p)
{
	leave(p,
	    "there it is trusted by behaviour detection, which Candor "
	    "does not have; what it opens was looked at, and is",
	    false);
}

/* --- single settings ------------------------------------------------------ */

static void
single_masks(struct planner *p)
{
	const char *why = why_not_guard(p);
	const char *use = NULL;
	bool is_twice = false;
	const struct setting *found =
	    settings_find(p->s, p->at->part, 0, "UseExcludeMasks", &is_twice);

	if (found != NULL && !is_twice)
		use = found->value;
	if (use != NULL && settings_same(use, "No"))
		leave(p, "UseExcludeMasks is No there", false);
	else if (why != NULL)
		leave(p, why, true);
	else if (use == NULL || !is_yes(use))
		leave(p,
		    "whether it is in use there is not clear: "
		    "UseExcludeMasks",
		    true);
	else if (p->at->value[0] == '/')
		take_area(p, p->at->value, "*");
	else
		take_area(p, "/", p->at->value);
}

/* A switch of what is told elsewhere. */
static void
single_switch(struct planner *p)
{
	leave(p, "it turns others on or off, and is counted with them", false);
}

/* What is done to what is infected (12.2 and before, 12.3 and later). */
static const struct {
	const char *value;
	enum plan_how how;
	const char *target, *why;
} actions[] = {
	{ "Block", PLAN_EXACT, "block", NULL },
	{ "Remove", PLAN_NARROWER, "quarantine",
	    "it is held, and can be restored" },
	{ "Delete", PLAN_NARROWER, "quarantine",
	    "it is held, and can be restored" },
	{ "Disinfect", PLAN_NARROWER, "quarantine",
	    "nothing is mended: it is held, and can be restored" },
	{ "Recommended", PLAN_NARROWER, "quarantine",
	    "nothing is mended or deleted: it is held, and can be restored" },
	{ "DisinfectDeleteIfNotPossible", PLAN_NARROWER, "quarantine",
	    "nothing is mended or deleted: it is held, and can be restored" },
	{ "DisinfectBlockIfNotPossible", PLAN_NARROWER, "block",
	    "nothing is mended" },
	{ "Skip", PLAN_EXACT, "report", NULL },
	{ "Inform", PLAN_EXACT, "report", NULL },
};

static void
single_action(struct planner *p)
{
	const char *why = why_not_guard(p);
	size_t i;

	if (why != NULL) {
		leave(p,
		    "[policy] infected is for what is opened; candor scan "
		    "reports, and holds with --quarantine",
		    false);
		return;
	}
	for (i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (settings_same(p->at->value, actions[i].value)) {
			tell(p, actions[i].how, KEY_POLICY_INFECTED,
			    actions[i].target, actions[i].why,
			    strcmp(actions[i].target, "report") == 0
				? PLAN_RISK_REPORTS
				: 0);
			return;
		}
	leave(p, "this action is not known: [policy] infected", true);
}

static void
single_second(struct planner *p)
{
	leave(p,
	    "there is one action: the first never fails for the nature "
	    "of a file",
	    false);
}

static void
single_access(struct planner *p)
{
	if (!settings_same(p->at->value, "SmartCheck") &&
	    !settings_same(p->at->value, "OpenAndModify") &&
	    !settings_same(p->at->value, "Open"))
		leave(p, "this is not known: [guard] on_open, on_write", true);
	else if (settings_same(p->at->value, "Open"))
		tell(p, PLAN_NARROWER, KEY_GUARD_ON_OPEN, "yes",
		    "what was written is looked at as well", 0);
	else {
		tell(p, PLAN_EXACT, KEY_GUARD_ON_OPEN, "yes", NULL, 0);
		tell(p, PLAN_EXACT, KEY_GUARD_ON_WRITE, "yes", NULL, 0);
	}
}

/* Seconds; what is not done by then is told as unscanned, never clean. */
static void
single_time(struct planner *p)
{
	const char *digits = p->at->value;

	if (why_not_guard(p) != NULL)
		leave(p, "candor scan --max-scan-time", false);
	else if (digits[0] == '\0' || strlen(digits) > 5 ||
	    strspn(digits, "0123456789") != strlen(digits))
		leave(p, "not a number of seconds", true);
	else if (strspn(digits, "0") == strlen(digits))
		leave(p, "there is always a deadline: [scan] deadline", false);
	else if (strlen(digits) == 5)
		leave(p, "longer than [scan] deadline should be", true);
	else
		tell(p, PLAN_EXACT, KEY_DEADLINE, digits, NULL, 0);
}

/* --- the tables ----------------------------------------------------------- */

static const struct {
	const char *section;
	const char *stands; /* the name whose line stands for it */
	void (*take)(struct planner *p);
} sections[] = {
	{ "ExcludedFromScanScope", "Path", section_excluded },
	{ "ExcludedForProgram", "ProgramPath", section_program },
	{ "ScanScope", "Path", section_scope },
	{ "TrustedPrograms", "ProgramPath", section_trusted },
};

static const struct {
	const char *name;
	void (*take)(struct planner *p);
} singles[] = {
	{ "ExcludeMasks", single_masks },
	{ "UseExcludeMasks", single_switch },
	{ "UseExcludeThreats", single_switch },
	{ "UseTrustedPrograms", single_switch },
	{ "FirstAction", single_action },
	{ "ActionOnThreat", single_action },
	{ "SecondAction", single_second },
	{ "ScanByAccessType", single_access },
	{ "TimeLimit", single_time },
};

static const struct {
	const char *name, *why;
	bool needs_person;
} left[] = {
#define LEFT(name, why) { name, why, false },
#define ASK(name, why)  { name, why, true },
#include "lib/ban/plan.def"
#undef LEFT
#undef ASK
};

/* Does the task say it again, and not alike?  Masks are several by nature. */
static bool
is_twice(const struct planner *p)
{
	bool twice = false;

	(void)settings_find(p->s, p->at->part, p->at->group, p->at->name,
	    &twice);
	return twice && !settings_same(p->at->name, "ExcludeMasks");
}

/* One that stands in front of all sections, or in one that is a list. */
static void
take_single(struct planner *p)
{
	const char *name = p->at->name;
	size_t i;

	if (settings_same(p->at->section, "CustomSources"))
		name = "CustomSources";
	else if (p->at->group != 0) {
		leave(p, "this section is not known", true);
		return;
	}
	for (i = 0; i < sizeof(singles) / sizeof(singles[0]); i++)
		if (settings_same(name, singles[i].name)) {
			if (is_twice(p))
				leave(p, "it is said twice, and not alike",
				    true);
			else
				singles[i].take(p);
			return;
		}
	for (i = 0; i < sizeof(left) / sizeof(left[0]); i++)
		if (settings_same(name, left[i].name)) {
			leave(p, left[i].why, left[i].needs_person);
			return;
		}
	leave(p, "this setting is not known", true);
}

/* Is it the first of its section?  Sections are not interrupted. */
static bool
is_first(const struct settings *s, size_t i)
{
	return i == 0 || s->one[i - 1].group != s->one[i].group ||
	    s->one[i - 1].part != s->one[i].part;
}

/* Let that name of the section stand for it, if it is there. */
static void
stand(struct planner *p, const char *name)
{
	bool is_twice = false;
	const struct setting *one =
	    settings_find(p->s, p->at->part, p->at->group, name, &is_twice);

	if (one != NULL)
		p->at = one;
}

void
plan_settings(const struct settings *s, plan_tell_fn to, void *ctx)
{
	struct planner p = { .s = s, .tell = to, .ctx = ctx };
	size_t i, k;

	for (i = 0; i < s->count; i++) {
		p.at = &s->one[i];
		p.part = &s->part[p.at->part];
		for (k = 0; k < sizeof(sections) / sizeof(sections[0]); k++)
			if (p.at->group != 0 &&
			    settings_same(p.at->section, sections[k].section))
				break;
		if (k == sizeof(sections) / sizeof(sections[0]))
			take_single(&p);
		else if (is_first(s, i)) {
			stand(&p, sections[k].stands);
			sections[k].take(&p);
		}
	}
}

/* --- words ---------------------------------------------------------------- */

const char *
plan_how_text(enum plan_how how)
{
	static const char *const text[] = { "exact", "narrower", "left out" };

	return text[how];
}

const char *
plan_risk_text(unsigned bit)
{
	switch (bit) {
	case PLAN_RISK_WRITABLE:
		return "everybody may put files there";
	case PLAN_RISK_HOME:
		return "people keep their files there";
	case PLAN_RISK_RUNS:
		return "files so named are executed";
	case PLAN_RISK_INTERPRETER:
		return "this program runs what others wrote";
	case PLAN_RISK_REPORTS:
		return "what is infected is told, and not stopped";
	case PLAN_RISK_WIDE:
		return "a whole folder of the root";
	case PLAN_RISK_MISSING:
		return "there is no such file here";
	default:
		return "";
	}
}
