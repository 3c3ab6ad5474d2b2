/*
 * human.h - numbers for people.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_HUMAN_H
#define CANDOR_CMD_HUMAN_H

#include <stddef.h>
#include <stdint.h>

#define HUMAN_SIZE 32u /* room that is always enough */

/* 1,234,567 */
const char *human_count(uint64_t n, char room[HUMAN_SIZE]);

/* What is put after a word for so many: nothing for one, else "s". */
const char *human_s(uint64_t n);

/* 17 B, 4.0 KiB, 1.2 GiB */
const char *human_bytes(uint64_t n, char room[HUMAN_SIZE]);

/* 0.04 s, 12.3 s, 4 min 5 s, 2 h 3 min */
const char *human_seconds(double s, char room[HUMAN_SIZE]);

#endif
