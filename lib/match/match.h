/*
 * match.h - one pass over bytes for every trigger, and the search for the
 * strings of the rules that were touched.
 *
 * Contract with the engine (lib/engine/search.c):
 *
 *   begin   one object or view: its target type, facts, size
 *   window  the bytes, front to back, in windows of any size; each window is
 *           given with the MATCH_OVERLAP bytes before it still in place, so
 *           nothing is lost at a seam
 *   touched after the last window: which rules had a trigger confirmed
 *   hits    on demand, the hits of one string of one rule, searched for over
 *           the source
 *
 * The structures and exact calls are in scan.h beside the implementation.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_MATCH_MATCH_H
#define CANDOR_MATCH_MATCH_H

#define MATCH_OVERLAP 4096u /* bytes; no part of a pattern may be longer */

#endif
