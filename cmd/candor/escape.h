/*
 * escape.h - write bytes an enemy chose where they can do no harm.
 *
 * File and member names may hold anything: newlines that fake a second line
 * of output, terminal controls, invalid UTF-8, letters that turn the reading
 * direction around.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_ESCAPE_H
#define CANDOR_CMD_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Is all of it UTF-8 (RFC 3629: shortest form, no surrogates)? */
bool escape_is_utf8(const void *bytes, size_t size);

/*
 * For a person: what prints stays, the rest becomes \n, \t, \r, \xNN (a byte)
 * or \u{N} (a character that shows as nothing or moves others); a backslash
 * is doubled, so that no two names look alike.
 */
void escape_text(FILE *to, const void *bytes, size_t size);

/* The same for HTML: & < > " ' become entities as well. */
void escape_html(FILE *to, const void *bytes, size_t size);

/*
 * The inside of a JSON string (RFC 8259, 7).  Bytes that are not UTF-8 become
 * U+FFFD: say the truth next to it with escape_base64().
 */
void escape_json(FILE *to, const void *bytes, size_t size);

/* The same with its quotes. */
void escape_json_string(FILE *to, const void *bytes, size_t size);

/* RFC 4648 section 4, padded. */
void escape_base64(FILE *to, const void *bytes, size_t size);

/* The path of a file: URI (RFC 3986, 2.1): all but unreserved and / as %XX. */
void escape_uri(FILE *to, const void *bytes, size_t size);

void escape_hex(FILE *to, const void *bytes, size_t size);

#endif
