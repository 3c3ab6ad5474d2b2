/*
 * ban_timeline_svg.c - bans as a picture.
 *
 * One row an instrument, one bar a rule.  Across, everything is in per cent:
 * the picture takes the width it is given and letters keep their size.  No
 * script, nothing fetched.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/ban_timeline.h"

#include "cmd/candor/buf.h"
#include "cmd/candor/escape.h"

#include <stdlib.h>
#include <string.h>

#define YEAR   INT64_C(31556952) /* seconds, on average */
#define LEFT   2.0               /* per cent beside the axis */
#define SPAN   96.0
#define LINE   17 /* height of a line of text */
#define BAR    6  /* and of a bar, with the gap below */
#define LEGEND (3 * LINE + 6)
#define AXIS   (LINE + 6)
#define TITLE  46 /* bytes of a title's line, at the narrowest */
#define HEAD   32 /* and of a headline's */

static const char style[] =
    "text{font:13px system-ui,sans-serif;fill:#1b1f24}"
    "text.id{font-weight:600}text.soft{fill:#5d6672;font-size:12px}"
    "text.ban{font-size:16px;font-weight:600}"
    ".back{fill:#fff}.grid{stroke:#dde1e7}.track{fill:#f0f2f5}"
    ".now{stroke:#1b1f24;stroke-dasharray:3 3}"
    ".prohibit{fill:#b42318}.require{fill:#c77700}.advise{fill:#2f6fde}"
    ".permit{fill:#1a7f37}.open{opacity:.55}"
    ".event{fill:#1b1f24}"
    "@media(max-width:640px){.odd{display:none}}"
    "@media(prefers-color-scheme:dark){text{fill:#e6e9ee}"
    "text.soft{fill:#9aa4b2}.back{fill:#14171b}.grid{stroke:#323943}"
    ".track{fill:#1d2127}.now{stroke:#e6e9ee}.event{fill:#e6e9ee}"
    ".prohibit{fill:#ff7b72}.require{fill:#e3b341}.advise{fill:#6ea8ff}"
    ".permit{fill:#56d364}}";

struct picture {
	FILE *to;
	int64_t first, last; /* of the axis */
	int64_t now;
	int first_year, last_year;
	int y;
};

static double
place(const struct picture *p, int64_t at)
{
	double part = (double)(at - p->first) / (double)(p->last - p->first);

	if (part < 0)
		part = 0;
	return LEFT + SPAN * (part > 1 ? 1 : part);
}

static void
put_text(const struct picture *p, const char *class, double x, int y,
    const char *text, size_t size)
{
	fprintf(p->to, "<text class=\"%s\" x=\"%.2f%%\" y=\"%d\">", class, x,
	    y);
	escape_html(p->to, text, size);
	fputs("</text>\n", p->to);
}

/* Text in lines of at most so many bytes; moves on. */
static void
put_lines(struct picture *p, const char *class, size_t most, const char *text)
{
	while (*text != '\0') {
		size_t size = strlen(text);

		if (size > most) {
			size = most;
			while (size > 1 && text[size] != ' ')
				size--;
			if (size == 1)
				size = strcspn(text, " ");
		}
		p->y += LINE;
		put_text(p, class, LEFT, p->y, text, size);
		text += size;
		text += strspn(text, " ");
	}
}

/* --- the axis ------------------------------------------------------------- */

static int64_t
year_begins(int year)
{
	char text[16];
	struct when w;

	snprintf(text, sizeof(text), "%04d", year);
	return when_read(cur_from(text, strlen(text)), &when_utc, &w) ? w.first
								      : 0;
}

static int
year_of(int64_t at)
{
	char room[WHEN_ROOM];
	struct when w = { WHEN_YEAR, at, at };
	int year = 0, i;

	when_write_span(&w, &when_utc, room);
	for (i = 0; i < 4; i++)
		year = year * 10 + (room[i] - '0');
	return year;
}

static void
find_axis(struct picture *p, const struct policy *ban, size_t count)
{
	size_t i, k;

	p->first = p->now;
	p->last = p->now;
	for (i = 0; i < count; i++) {
		const json_t *rules = json_object_get(ban[i].root, "rules");
		const json_t *one;
		struct when w;

		json_array_foreach(rules, k, one)
		{
			if (!policy_when(&ban[i], one, "from", &w))
				continue;
			p->first = w.first < p->first ? w.first : p->first;
			p->last = w.last > p->last ? w.last : p->last;
		}
	}
	p->first_year = year_of(p->first);
	p->last_year = year_of(p->last) + 1;
	/* A hundred years is no picture any more. */
	if (p->last_year - p->first_year > 100)
		p->first_year = p->last_year - 100;
	p->first = year_begins(p->first_year);
	p->last = year_begins(p->last_year);
	if (p->last <= p->first)
		p->last = p->first + YEAR;
}

/* Lines down the whole picture, and the years above. */
static void
put_axis(struct picture *p, int height)
{
	int year;

	p->y += LINE;
	for (year = p->first_year; year < p->last_year; year++) {
		double x = place(p, year_begins(year));
		bool is_odd = (year - p->first_year) % 2 != 0;
		char text[16];

		snprintf(text, sizeof(text), "%d", year);
		fprintf(p->to,
		    "<line class=\"grid\" x1=\"%.2f%%\" x2=\"%.2f%%\" "
		    "y1=\"%d\" y2=\"%d\"/>\n",
		    x, x, p->y + 4, height);
		put_text(p, is_odd ? "soft odd" : "soft", x, p->y, text,
		    strlen(text));
	}
	p->y += 6;
}

static void
put_now(const struct picture *p, int top, int height)
{
	double x = place(p, p->now);
	char room[WHEN_ROOM];

	fprintf(p->to,
	    "<line class=\"now\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"%d\" "
	    "y2=\"%d\"><title>now: %s</title></line>\n",
	    x, x, top, height, when_write(p->now, &when_utc, room));
}

static void
put_legend(struct picture *p)
{
	static const struct {
		const char *kind, *word;
	} row[] = {
		{ "prohibit", "forbidden" },
		{ "require", "required" },
		{ "advise", "advised" },
		{ "permit", "permitted" },
	};
	size_t i;

	p->y += LINE;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		double x = LEFT + SPAN / 4 * (double)i;

		fprintf(p->to,
		    "<svg x=\"%.2f%%\" y=\"%d\" overflow=\"visible\"><rect "
		    "class=\"%s\" width=\"10\" height=\"10\"/><text "
		    "class=\"soft\" x=\"14\" y=\"10\">%s</text></svg>\n",
		    x, p->y - 10, row[i].kind, row[i].word);
	}
	put_lines(p, "soft", TITLE,
	    "Paler: unconfirmed, or the day is not known. Mark: due by then.");
	p->y = LEGEND;
}

/* --- bars ----------------------------------------------------------------- */

static void
put_title(const struct picture *p, const struct policy *ban, const json_t *rule,
    const struct when *from)
{
	struct when_clock clock = policy_clock(policy_find(ban, "instruments",
	    policy_text(rule, "instrument")));
	const char *id = policy_text(rule, "id");
	const char *text = policy_text(rule, "text");
	char room[WHEN_ROOM];

	fputs("<title>", p->to);
	escape_html(p->to, id, strlen(id));
	fprintf(p->to, ", from %s: ", when_write_span(from, &clock, room));
	escape_html(p->to, text, strlen(text));
	if (policy_is_unconfirmed(rule))
		fputs(" (unconfirmed)", p->to);
	fputs("</title>", p->to);
}

/* A bar from one instant to another. */
static void
put_bar(const struct picture *p, const struct policy *ban, const json_t *rule,
    const struct when *from, const int64_t end[2], bool is_pale)
{
	double x = place(p, end[0]), wide = place(p, end[1]) - x;

	fprintf(p->to,
	    "<rect class=\"%s%s\" x=\"%.3f%%\" y=\"%d\" width=\"%.3f%%\" "
	    "height=\"%d\" rx=\"1\">",
	    policy_text(rule, "kind"), is_pale ? " open" : "", x, p->y + 2,
	    wide > 0.3 ? wide : 0.3, BAR - 2);
	put_title(p, ban, rule, from);
	fputs("</rect>\n", p->to);
}

static void
put_rule(struct picture *p, const struct policy *ban, const json_t *rule)
{
	bool is_pale = policy_is_unconfirmed(rule);
	struct when from, to, due;
	int64_t unsure[2], sure[2];

	if (!policy_when(ban, rule, "from", &from))
		return;
	if (!policy_when(ban, rule, "to", &to))
		to.first = p->last;
	unsure[0] = from.first;
	unsure[1] = sure[0] =
	    from.kind >= WHEN_MONTH ? from.last + 1 : from.first;
	sure[1] = to.first;
	if (unsure[1] > unsure[0])
		put_bar(p, ban, rule, &from, unsure, true);
	put_bar(p, ban, rule, &from, sure, is_pale);
	if (policy_when(ban, rule, "due", &due))
		fprintf(p->to,
		    "<rect class=\"event\" x=\"%.3f%%\" y=\"%d\" width=\"2\" "
		    "height=\"%d\"><title>due</title></rect>\n",
		    place(p, due.last), p->y, BAR);
	p->y += BAR;
}

static size_t
count_rules(const struct policy *ban, const char *id)
{
	const json_t *rules = json_object_get(ban->root, "rules"), *one;
	size_t i, n = 0;

	json_array_foreach(rules, i, one) n +=
	    strcmp(policy_text(one, "instrument"), id) == 0 ? 1 : 0;
	return n;
}

static void
put_instrument(struct picture *p, const struct policy *ban,
    const json_t *instrument)
{
	const json_t *rules = json_object_get(ban->root, "rules"), *one;
	const char *id = policy_text(instrument, "id");
	size_t i, n = count_rules(ban, id);

	p->y += 8;
	put_lines(p, "id", TITLE, id);
	put_lines(p, "soft", TITLE, policy_text(instrument, "title"));
	p->y += 4;
	if (n > 0)
		fprintf(p->to,
		    "<rect class=\"track\" x=\"%.2f%%\" y=\"%d\" "
		    "width=\"%.2f%%\" height=\"%d\"/>\n",
		    LEFT, p->y, SPAN, (int)n * BAR + 2);
	json_array_foreach(rules, i,
	    one) if (strcmp(policy_text(one, "instrument"), id) == 0)
	    put_rule(p, ban, one);
	p->y += 4;
}

static void
put_all(struct picture *p, const struct policy *ban, size_t count)
{
	size_t i, k;

	for (i = 0; i < count; i++) {
		const json_t *list =
		    json_object_get(ban[i].root, "instruments");
		const json_t *one;

		p->y += 14;
		put_lines(p, "ban", HEAD, policy_text(ban[i].root, "title"));
		json_array_foreach(list, k, one)
		    put_instrument(p, &ban[i], one);
	}
	p->y += 10;
	put_lines(p, "soft", TITLE, policy_text(ban[0].root, "disclaimer"));
	p->y += 10;
}

/* What is drawn on top of the axis; its height is known then. */
static char *
draw_body(struct picture *p, const struct policy *ban, size_t count,
    size_t *size)
{
	char *body = NULL;
	FILE *to = p->to;

	p->to = open_memstream(&body, size);
	if (p->to == NULL) {
		p->to = to;
		return NULL;
	}
	put_legend(p);
	p->y += AXIS;
	put_all(p, ban, count);
	fclose(p->to);
	p->to = to;
	return body;
}

void
ban_timeline_svg(FILE *to, const struct policy *ban, size_t count, int64_t now)
{
	struct picture p = { .to = to, .now = now };
	size_t size = 0;
	char *body;
	int height;

	find_axis(&p, ban, count);
	body = draw_body(&p, ban, count, &size);
	height = p.y;
	fprintf(to,
	    "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"100%%\" "
	    "height=\"%d\" role=\"img\">\n<title>What is forbidden, and "
	    "since when</title>\n<style>%s</style>\n<rect class=\"back\" "
	    "width=\"100%%\" height=\"%d\"/>\n",
	    height, style, height);
	p.y = LEGEND;
	put_axis(&p, height);
	if (body != NULL)
		fwrite(body, 1, size, to);
	put_now(&p, LEGEND + AXIS, height);
	fputs("</svg>\n", to);
	free(body);
}
