/*
 * when.c - instants, dates and clocks.  The contract is in when.h.
 *
 * Days are counted with years that begin in March, so that the day that comes
 * and goes is a year's last.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/ban/when.h"

#include "lib/base/ascii.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define MINUTE 60
#define HOUR   3600
#define DAY    86400

const struct when_clock when_utc = { "UTC", 0, SUMMER_NONE, "UTC", "UTC" };

#define H(n) ((n)*HOUR)
static const struct when_clock clocks[] = {
	{ "UTC", 0, SUMMER_NONE, "UTC", "UTC" },
	{ "America/New_York", H(-5), SUMMER_US, "EST", "EDT" },
	{ "America/Chicago", H(-6), SUMMER_US, "CST", "CDT" },
	{ "America/Denver", H(-7), SUMMER_US, "MST", "MDT" },
	{ "America/Phoenix", H(-7), SUMMER_NONE, "MST", "MST" },
	{ "America/Los_Angeles", H(-8), SUMMER_US, "PST", "PDT" },
	{ "America/Anchorage", H(-9), SUMMER_US, "AKST", "AKDT" },
	{ "Pacific/Honolulu", H(-10), SUMMER_NONE, "HST", "HST" },
	{ "America/Toronto", H(-5), SUMMER_US, "EST", "EDT" },
	{ "America/Halifax", H(-4), SUMMER_US, "AST", "ADT" },
	{ "Europe/London", H(0), SUMMER_EU, "GMT", "BST" },
	{ "Europe/Dublin", H(0), SUMMER_EU, "GMT", "IST" },
	{ "Europe/Lisbon", H(0), SUMMER_EU, "WET", "WEST" },
	{ "Europe/Amsterdam", H(1), SUMMER_EU, "CET", "CEST" },
	{ "Europe/Berlin", H(1), SUMMER_EU, "CET", "CEST" },
	{ "Europe/Brussels", H(1), SUMMER_EU, "CET", "CEST" },
	{ "Europe/Madrid", H(1), SUMMER_EU, "CET", "CEST" },
	{ "Europe/Paris", H(1), SUMMER_EU, "CET", "CEST" },
	{ "Europe/Prague", H(1), SUMMER_EU, "CET", "CEST" },
	{ "Europe/Rome", H(1), SUMMER_EU, "CET", "CEST" },
	{ "Europe/Stockholm", H(1), SUMMER_EU, "CET", "CEST" },
	{ "Europe/Vienna", H(1), SUMMER_EU, "CET", "CEST" },
	{ "Europe/Warsaw", H(1), SUMMER_EU, "CET", "CEST" },
	{ "Europe/Bucharest", H(2), SUMMER_EU, "EET", "EEST" },
	{ "Europe/Helsinki", H(2), SUMMER_EU, "EET", "EEST" },
	{ "Europe/Kyiv", H(2), SUMMER_EU, "EET", "EEST" },
	{ "Europe/Riga", H(2), SUMMER_EU, "EET", "EEST" },
	{ "Europe/Tallinn", H(2), SUMMER_EU, "EET", "EEST" },
	{ "Europe/Vilnius", H(2), SUMMER_EU, "EET", "EEST" },
	{ "Australia/Sydney", H(10), SUMMER_AU, "AEST", "AEDT" },
	{ "Asia/Tokyo", H(9), SUMMER_NONE, "JST", "JST" },
};

/* Names people write after a time; the North American ones as RFC 5322. */
static const struct when_clock shorts[] = {
	{ "Z", 0, SUMMER_NONE, "UTC", "UTC" },
	{ "GMT", 0, SUMMER_NONE, "UTC", "UTC" },
	{ "EST", H(-5), SUMMER_NONE, "EST", "EST" },
	{ "EDT", H(-4), SUMMER_NONE, "EDT", "EDT" },
	{ "CST", H(-6), SUMMER_NONE, "CST", "CST" },
	{ "CDT", H(-5), SUMMER_NONE, "CDT", "CDT" },
	{ "MST", H(-7), SUMMER_NONE, "MST", "MST" },
	{ "MDT", H(-6), SUMMER_NONE, "MDT", "MDT" },
	{ "PST", H(-8), SUMMER_NONE, "PST", "PST" },
	{ "PDT", H(-7), SUMMER_NONE, "PDT", "PDT" },
	{ "CET", H(1), SUMMER_NONE, "CET", "CET" },
	{ "CEST", H(2), SUMMER_NONE, "CEST", "CEST" },
	{ "EET", H(2), SUMMER_NONE, "EET", "EET" },
	{ "EEST", H(3), SUMMER_NONE, "EEST", "EEST" },
	{ "AEST", H(10), SUMMER_NONE, "AEST", "AEST" },
	{ "AEDT", H(11), SUMMER_NONE, "AEDT", "AEDT" },
};

/* --- the calendar -------------------------------------------------------- */

struct date {
	int32_t year, month, day; /* from 1 */
};

/* Days from 1970-01-01 to a date of the Gregorian calendar, years 1 to 9999. */
static int64_t
days_of(const struct date *d)
{
	int32_t year = d->month > 2 ? d->year : d->year - 1;
	int32_t month = d->month > 2 ? d->month - 3 : d->month + 9;

	return (int64_t)year * 365 + year / 4 - year / 100 + year / 400 +
	    (month * 153 + 2) / 5 + d->day - 719469;
}

static struct date
date_of(int64_t days)
{
	int64_t n = days + 719468; /* from 0000-03-01 */
	int64_t era = n / 146097;
	int64_t in_era = n % 146097;
	int64_t year =
	    (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
	int64_t in_year = in_era - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * in_year + 2) / 153;
	struct date d;

	d.day = (int32_t)(in_year - (153 * month + 2) / 5 + 1);
	d.month = (int32_t)(month < 10 ? month + 3 : month - 9);
	d.year = (int32_t)(era * 400 + year + (d.month <= 2 ? 1 : 0));
	return d;
}

static int32_t
days_in(int32_t year, int32_t month)
{
	static const int32_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31,
		30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap ? 1 : 0);
}

/* The day of the month of the nth Sunday (from 1), or of the last (0). */
static struct date
sunday_of(int32_t year, int32_t month, int32_t nth)
{
	struct date d = { year, month,
		nth == 0 ? days_in(year, month) - 6 : 7 * nth - 6 };
	/* 1970-01-01 was a Thursday. */
	int64_t past = (days_of(&d) + 4) % 7;

	d.day += past == 0 ? 0 : (int32_t)(7 - past);
	return d;
}

/* --- clocks -------------------------------------------------------------- */

/* The instant of a change: hour by a clock that is offset ahead of UTC. */
static int64_t
change_at(int32_t year, int32_t month, int32_t nth, int32_t hour,
    int32_t offset)
{
	struct date d = sunday_of(year, month, nth);

	return days_of(&d) * DAY + hour * HOUR - offset;
}

static bool
is_summer(const struct when_clock *c, int64_t at)
{
	int32_t year = date_of((at + c->offset) / DAY).year;
	int32_t o = c->offset;

	switch (c->summer) {
	case SUMMER_US:
		return at >= change_at(year, 3, 2, 2, o) &&
		    at < change_at(year, 11, 1, 2, o + HOUR);
	case SUMMER_EU:
		return at >= change_at(year, 3, 0, 1, 0) &&
		    at < change_at(year, 10, 0, 1, 0);
	case SUMMER_AU:
		return at >= change_at(year, 10, 1, 2, o) ||
		    at < change_at(year, 4, 1, 3, o + HOUR);
	case SUMMER_NONE:
		break;
	}
	return false;
}

static int32_t
offset_at(const struct when_clock *c, int64_t at)
{
	return c->offset + (is_summer(c, at) ? HOUR : 0);
}

/*
 * The instant at which a clock shows local.  Of the two in autumn the first;
 * in spring, what the clock would show had it not been put forward.
 */
static int64_t
instant_of(const struct when_clock *c, int64_t local)
{
	int64_t early = local - c->offset - HOUR;

	return early >= 0 && is_summer(c, early) ? early : local - c->offset;
}

static bool
same_word(struct cur a, const char *b)
{
	size_t i, size = strlen(b);

	if (cur_left(&a) != size)
		return false;
	for (i = 0; i < size; i++)
		if (ascii_lower(cur_u8(&a)) != ascii_lower((uint8_t)b[i]))
			return false;
	return true;
}

/* Digits, count of them. */
static bool
read_digits(struct cur *c, int count, int32_t *out)
{
	*out = 0;
	while (count-- > 0) {
		uint8_t byte = cur_u8(c);

		if (!cur_ok(c) || !ascii_is_digit(byte))
			return false;
		*out = *out * 10 + (byte - '0');
	}
	return true;
}

/* +09:00, -0430, +9 */
static bool
read_offset(struct cur c, int32_t *out)
{
	uint8_t sign = cur_u8(&c);
	int32_t hours, minutes = 0;
	bool good = cur_left(&c) == 1 ? read_digits(&c, 1, &hours)
				      : read_digits(&c, 2, &hours);

	if (!good || (sign != '+' && sign != '-'))
		return false;
	if (cur_left(&c) > 0) {
		(void)!cur_match(&c, ":", 1);
		if (!read_digits(&c, 2, &minutes))
			return false;
	}
	*out = hours * HOUR + minutes * MINUTE;
	if (sign == '-')
		*out = -*out;
	return cur_left(&c) == 0 && hours <= 14 && minutes < 60;
}

bool
when_find_clock(struct cur name, struct when_clock *out)
{
	size_t i;

	for (i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++)
		if (same_word(name, clocks[i].name)) {
			*out = clocks[i];
			return true;
		}
	for (i = 0; i < sizeof(shorts) / sizeof(shorts[0]); i++)
		if (same_word(name, shorts[i].name)) {
			*out = shorts[i];
			return true;
		}
	*out = (struct when_clock){ "offset", 0, SUMMER_NONE, NULL, NULL };
	return read_offset(name, &out->offset);
}

/* --- reading ------------------------------------------------------------- */

/* 2024, 2024-09 or 2024-09-29; the kind says how much there was. */
static bool
read_date(struct cur *c, struct date *d, enum when_kind *kind)
{
	d->month = d->day = 1;
	*kind = WHEN_YEAR;
	if (!read_digits(c, 4, &d->year) || d->year < 1970)
		return false;
	if (!cur_match(c, "-", 1))
		return true;
	*kind = WHEN_MONTH;
	if (!read_digits(c, 2, &d->month) || d->month < 1 || d->month > 12)
		return false;
	if (!cur_match(c, "-", 1))
		return true;
	*kind = WHEN_DAY;
	return read_digits(c, 2, &d->day) && d->day >= 1 &&
	    d->day <= days_in(d->year, d->month);
}

/* 00:00 or 00:00:00, and parts of a second that are left off. */
static bool
read_time(struct cur *c, int32_t *out)
{
	int32_t hour, minute, second = 0, digit;

	if (!read_digits(c, 2, &hour) || hour > 23 || !cur_match(c, ":", 1) ||
	    !read_digits(c, 2, &minute) || minute > 59)
		return false;
	if (cur_match(c, ":", 1)) {
		if (!read_digits(c, 2, &second) || second > 60)
			return false;
		if (cur_match(c, ".", 1)) {
			struct cur ahead = *c;

			while (read_digits(&ahead, 1, &digit))
				*c = ahead;
		}
	}
	*out = hour * HOUR + minute * MINUTE + (second == 60 ? 59 : second);
	return true;
}

/* The first moment after a day, month or year that begins at d. */
static struct date
date_after(struct date d, enum when_kind kind)
{
	if (kind == WHEN_DAY)
		d.day++;
	if (kind == WHEN_MONTH || d.day > days_in(d.year, d.month)) {
		d.day = 1;
		d.month++;
	}
	if (kind == WHEN_YEAR || d.month > 12) {
		d.month = 1;
		d.year++;
	}
	return d;
}

bool
when_read(struct cur c, const struct when_clock *clock, struct when *out)
{
	struct date d, after;
	struct when_clock named;
	int32_t seconds;

	if (!read_date(&c, &d, &out->kind))
		return false;
	if (cur_left(&c) == 0) {
		after = date_after(d, out->kind);
		out->first = instant_of(clock, days_of(&d) * DAY);
		out->last = instant_of(clock, days_of(&after) * DAY) - 1;
		return true;
	}
	if (out->kind != WHEN_DAY)
		return false;
	out->kind = WHEN_INSTANT;
	if (!cur_match(&c, "T", 1) && !cur_match(&c, "t", 1) &&
	    !cur_match(&c, " ", 1))
		return false;
	if (!read_time(&c, &seconds))
		return false;
	(void)!cur_match(&c, " ", 1);
	if (cur_left(&c) > 0) {
		if (!when_find_clock(c, &named))
			return false;
		clock = &named;
	}
	out->first = instant_of(clock, days_of(&d) * DAY + seconds);
	out->last = out->first;
	return true;
}

/* --- writing ------------------------------------------------------------- */

/* Date and time that a clock shows at an instant. */
static struct date
local_of(int64_t at, int32_t offset, int32_t *seconds)
{
	int64_t local = at + offset;

	if (local < 0)
		local = 0;
	*seconds = (int32_t)(local % DAY);
	return date_of(local / DAY);
}

static void
write_zone(const struct when_clock *c, int64_t at, char room[16])
{
	int32_t offset = offset_at(c, at);
	int32_t size = offset < 0 ? -offset : offset;

	if (c->short_winter != NULL)
		snprintf(room, 16, "%s",
		    is_summer(c, at) ? c->short_summer : c->short_winter);
	else
		snprintf(room, 16, "%c%02d:%02d", offset < 0 ? '-' : '+',
		    (int)(size / HOUR), (int)(size % HOUR / MINUTE));
}

const char *
when_write(int64_t at, const struct when_clock *clock, char room[WHEN_ROOM])
{
	int32_t seconds;
	struct date d = local_of(at, offset_at(clock, at), &seconds);
	char zone[16], tail[8] = "";

	write_zone(clock, at, zone);
	if (seconds % MINUTE != 0)
		snprintf(tail, sizeof(tail), ":%02d", (int)(seconds % MINUTE));
	snprintf(room, WHEN_ROOM, "%04d-%02d-%02d %02d:%02d%s %s", (int)d.year,
	    (int)d.month, (int)d.day, (int)(seconds / HOUR),
	    (int)(seconds % HOUR / MINUTE), tail, zone);
	return room;
}

const char *
when_write_utc(int64_t at, char room[WHEN_ROOM])
{
	int32_t seconds;
	struct date d = local_of(at, 0, &seconds);

	snprintf(room, WHEN_ROOM, "%04d-%02d-%02dT%02d:%02d:%02dZ", (int)d.year,
	    (int)d.month, (int)d.day, (int)(seconds / HOUR),
	    (int)(seconds % HOUR / MINUTE), (int)(seconds % MINUTE));
	return room;
}

const char *
when_write_span(const struct when *w, const struct when_clock *clock,
    char room[WHEN_ROOM])
{
	int32_t seconds;
	struct date d =
	    local_of(w->first, offset_at(clock, w->first), &seconds);

	if (w->kind == WHEN_INSTANT)
		return when_write(w->first, clock, room);
	if (w->kind == WHEN_YEAR)
		snprintf(room, WHEN_ROOM, "%04d", (int)d.year);
	else if (w->kind == WHEN_MONTH)
		snprintf(room, WHEN_ROOM, "%04d-%02d", (int)d.year,
		    (int)d.month);
	else
		snprintf(room, WHEN_ROOM, "%04d-%02d-%02d", (int)d.year,
		    (int)d.month, (int)d.day);
	return room;
}
