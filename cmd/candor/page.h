/*
 * page.h - what the pages candor writes have in common.
 *
 * One file: nothing in it is fetched from anywhere, and its content policy
 * forbids it besides.  No script.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_PAGE_H
#define CANDOR_CMD_PAGE_H

#include <stdbool.h>
#include <stdio.h>
#include <time.h>

/* Begin a page; title is plain text, when is shown beside it. */
void page_begin(FILE *to, const char *title, time_t when);

/* End it and close to; false if something did not get written. */
bool page_end(FILE *to);

#endif
