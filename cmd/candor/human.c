/*
 * human.c - numbers for people.  The contract is in human.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/human.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const char *
human_count(uint64_t n, char room[HUMAN_SIZE])
{
	char plain[HUMAN_SIZE];
	size_t len, i, at = 0;

	snprintf(plain, sizeof(plain), "%" PRIu64, n);
	len = strlen(plain);
	for (i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			room[at++] = ',';
		room[at++] = plain[i];
	}
	room[at] = '\0';
	return room;
}

const char *
human_s(uint64_t n)
{
	return n == 1 ? "" : "s";
}

const char *
human_bytes(uint64_t n, char room[HUMAN_SIZE])
{
	static const char *const unit[] = { "KiB", "MiB", "GiB", "TiB", "PiB",
		"EiB" };
	double size = (double)n / 1024;
	size_t i = 0;

	if (n < 1024) {
		snprintf(room, HUMAN_SIZE, "%" PRIu64 " B", n);
		return room;
	}
	for (; size >= 1023.95 && i < 5; i++)
		size /= 1024;
	snprintf(room, HUMAN_SIZE, "%.1f %s", size, unit[i]);
	return room;
}

const char *
human_seconds(double s, char room[HUMAN_SIZE])
{
	uint64_t whole = s < 0 ? 0 : s > 1e9 ? 1000000000 : (uint64_t)s;

	if (whole < 10)
		snprintf(room, HUMAN_SIZE, "%.2f s", s < 0 ? 0 : s);
	else if (whole < 60)
		snprintf(room, HUMAN_SIZE, "%.1f s", s);
	else if (whole < 3600)
		snprintf(room, HUMAN_SIZE, "%" PRIu64 " min %" PRIu64 " s",
		    whole / 60, whole % 60);
	else
		snprintf(room, HUMAN_SIZE, "%" PRIu64 " h %" PRIu64 " min",
		    whole / 3600, whole / 60 % 60);
	return room;
}
