/*
 * ask.c - pack and unpack what fronts and the broker say.  See ask.h.
 *
 *   offset  size  field
 *        0     4  kind
 *        4     4  zero
 *        8     8  id
 *
 *   ASK (64)                 GENERATION (64)         DATABASE (64)
 *       16  8  size              16  8  generation       16  8  generation
 *       24  4  flags             24  8  signatures       24  4  database
 *       28  4  class             32  8  built            28  4  databases
 *       32  4  deadline_ms       40  4  databases
 *       36  4  uid               44  4  layers       CANCEL, STATUS,
 *                                                    LEARN (64): nothing more
 *
 *   NAME (320)               DETAIL (128)
 *       16  4  kind              16  4  zero
 *       20  4  flags             20  4  size
 *       24  4  database          24  96 bytes
 *       28  4  size
 *       32  288  text
 *
 *   ANSWER (128)             STATE (128)
 *       16  4  verdict           16  4  workers
 *       20  4  reason            20  4  busy
 *       24  4  reasons           24  4  waiting
 *       28  4  names             28  4  fronts
 *       32  4  matches           32  8  asked
 *       36  4  flags             40  8  answered
 *       40  4  file_kind         48  8  found
 *       44  4  took_ms           56  8  unscanned
 *       48  8  size              64  8  crashed
 *       56  8  generation        72  8  bytes
 *       64  32  sha256           80  8  generation
 *       96  8  searched
 *      104  4  objects
 *
 * Whatever a kind does not use is zero and is checked to be.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/wire/ask.h"

#include "lib/wire/pack.h"

size_t
ask_size(uint32_t kind)
{
	switch (kind) {
#define ASK_KIND(tag, number, size) \
	case (number):              \
		return (size);
		ASK_KIND_TABLE
#undef ASK_KIND
	default:
		return 0;
	}
}

/* --- what can be said of a frame without knowing anything else ---------- */

static bool
id_is_good(const struct ask *a)
{
	switch (a->kind) {
	case ASK_IS_LEARN:
	case ASK_IS_GENERATION:
	case ASK_IS_DATABASE:
		return a->id == 0;
	case ASK_IS_STATUS:
	case ASK_IS_STATE:
		return true;
	default:
		return a->id != 0;
	}
}

static bool
request_is_good(const struct ask *a)
{
	return a->ask.size <= INT64_MAX && (a->ask.flags & ~ASK_FLAGS) == 0 &&
	    a->ask.class >= ASK_GUARD && a->ask.class <= ASK_IDLE;
}

/* Printable: no control characters, of ASCII or of C1 in UTF-8. */
static bool
text_is_good(const char *text, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++) {
		uint8_t c = (uint8_t)text[i];

		if (c < 0x20 || c == 0x7f)
			return false;
		if (c == 0xc2 && i + 1 < size && (uint8_t)text[i + 1] < 0xa0)
			return false;
	}
	return true;
}

static bool
name_is_good(const struct ask *a)
{
	return (a->name.flags & ~ASK_NAME_FLAGS) == 0 && a->name.size > 0 &&
	    a->name.size <= ASK_NAME_MAX &&
	    text_is_good(a->name.text, a->name.size) &&
	    is_zero(a->name.text + a->name.size, ASK_NAME_MAX - a->name.size);
}

/* A detection has a name, a gap a reason, and clean is neither. */
static bool
answer_is_good(const struct ask *a)
{
	bool has_gap = a->answer.reason != UNSCANNED_NOTHING;

	if (a->answer.verdict >= VERDICT_COUNT ||
	    a->answer.reason >= UNSCANNED_COUNT ||
	    a->answer.reasons >> UNSCANNED_COUNT != 0 ||
	    a->answer.names > ASK_NAMES_MAX ||
	    a->answer.names > a->answer.matches ||
	    (a->answer.flags & ~ASK_HAS) != 0)
		return false;
	if (has_gap != (a->answer.reasons != 0) ||
	    (has_gap && (a->answer.reasons >> a->answer.reason & 1) == 0))
		return false;
	if ((a->answer.flags & ASK_HAS_END) == 0 &&
	    (a->answer.searched != 0 || a->answer.objects != 0))
		return false;
	if ((a->answer.flags & ASK_HAS_SHA256) == 0 &&
	    !is_zero(a->answer.sha256, sizeof(a->answer.sha256)))
		return false;
	if (a->answer.verdict >= VERDICT_SUSPICIOUS)
		return a->answer.names > 0;
	return a->answer.matches == 0 &&
	    has_gap == (a->answer.verdict == VERDICT_UNSCANNED);
}

static bool
ask_is_good(const struct ask *a)
{
	if (!id_is_good(a))
		return false;
	switch (a->kind) {
	case ASK_IS_ASK:
		return request_is_good(a);
	case ASK_IS_DATABASE:
		return a->database.database < a->database.databases;
	case ASK_IS_DETAIL:
		return a->detail.size > 0 && a->detail.size <= ASK_DETAIL_MAX &&
		    is_zero(a->detail.bytes + a->detail.size,
			ASK_DETAIL_MAX - a->detail.size);
	case ASK_IS_NAME:
		return name_is_good(a);
	case ASK_IS_ANSWER:
		return answer_is_good(a);
	default:
		return ask_size(a->kind) != 0;
	}
}

/* --- writing ------------------------------------------------------------ */

static void
put_answer(struct pen *p, const struct ask *a)
{
	put_u32(p, a->answer.verdict);
	put_u32(p, a->answer.reason);
	put_u32(p, a->answer.reasons);
	put_u32(p, a->answer.names);
	put_u32(p, a->answer.matches);
	put_u32(p, a->answer.flags);
	put_u32(p, a->answer.file_kind);
	put_u32(p, a->answer.took_ms);
	put_u64(p, a->answer.size);
	put_u64(p, a->answer.generation);
	put_bytes(p, a->answer.sha256, sizeof(a->answer.sha256));
	put_u64(p, a->answer.searched);
	put_u32(p, a->answer.objects);
}

static void
put_state(struct pen *p, const struct ask *a)
{
	put_u32(p, a->state.workers);
	put_u32(p, a->state.busy);
	put_u32(p, a->state.waiting);
	put_u32(p, a->state.fronts);
	put_u64(p, a->state.asked);
	put_u64(p, a->state.answered);
	put_u64(p, a->state.found);
	put_u64(p, a->state.unscanned);
	put_u64(p, a->state.crashed);
	put_u64(p, a->state.bytes);
	put_u64(p, a->state.generation);
}

static void
put_generation(struct pen *p, const struct ask *a)
{
	put_u64(p, a->generation.generation);
	put_u64(p, a->generation.signatures);
	put_u64(p, a->generation.built);
	put_u32(p, a->generation.databases);
	put_u32(p, a->generation.layers);
}

static void
put_body(struct pen *p, const struct ask *a)
{
	switch (a->kind) {
	case ASK_IS_ASK:
		put_u64(p, a->ask.size);
		put_u32(p, a->ask.flags);
		put_u32(p, a->ask.class);
		put_u32(p, a->ask.deadline_ms);
		put_u32(p, a->ask.uid);
		break;
	case ASK_IS_GENERATION:
		put_generation(p, a);
		break;
	case ASK_IS_DATABASE:
		put_u64(p, a->database.generation);
		put_u32(p, a->database.database);
		put_u32(p, a->database.databases);
		break;
	case ASK_IS_DETAIL:
		put_u32(p, 0);
		put_u32(p, a->detail.size);
		put_bytes(p, a->detail.bytes, a->detail.size);
		break;
	case ASK_IS_NAME:
		put_u32(p, a->name.kind);
		put_u32(p, a->name.flags);
		put_u32(p, a->name.database);
		put_u32(p, a->name.size);
		put_bytes(p, a->name.text, a->name.size);
		break;
	case ASK_IS_ANSWER:
		put_answer(p, a);
		break;
	case ASK_IS_STATE:
		put_state(p, a);
		break;
	default:
		break;
	}
}

size_t
ask_put(const struct ask *a, uint8_t out[ASK_LARGE])
{
	struct pen p = { .out = out };

	if (!ask_is_good(a))
		return 0;
	memset(out, 0, ASK_LARGE);
	put_u32(&p, a->kind);
	put_u32(&p, 0);
	put_u64(&p, a->id);
	put_body(&p, a);
	return ask_size(a->kind);
}

/* --- reading ------------------------------------------------------------ */

static void
get_answer(struct cur *c, struct ask *a)
{
	a->answer.verdict = cur_u32le(c);
	a->answer.reason = cur_u32le(c);
	a->answer.reasons = cur_u32le(c);
	a->answer.names = cur_u32le(c);
	a->answer.matches = cur_u32le(c);
	a->answer.flags = cur_u32le(c);
	a->answer.file_kind = cur_u32le(c);
	a->answer.took_ms = cur_u32le(c);
	a->answer.size = cur_u64le(c);
	a->answer.generation = cur_u64le(c);
	get_bytes(c, a->answer.sha256, sizeof(a->answer.sha256));
	a->answer.searched = cur_u64le(c);
	a->answer.objects = cur_u32le(c);
}

static void
get_state(struct cur *c, struct ask *a)
{
	a->state.workers = cur_u32le(c);
	a->state.busy = cur_u32le(c);
	a->state.waiting = cur_u32le(c);
	a->state.fronts = cur_u32le(c);
	a->state.asked = cur_u64le(c);
	a->state.answered = cur_u64le(c);
	a->state.found = cur_u64le(c);
	a->state.unscanned = cur_u64le(c);
	a->state.crashed = cur_u64le(c);
	a->state.bytes = cur_u64le(c);
	a->state.generation = cur_u64le(c);
}

static void
get_generation(struct cur *c, struct ask *a)
{
	a->generation.generation = cur_u64le(c);
	a->generation.signatures = cur_u64le(c);
	a->generation.built = cur_u64le(c);
	a->generation.databases = cur_u32le(c);
	a->generation.layers = cur_u32le(c);
}

static void
get_name(struct cur *c, struct ask *a)
{
	a->name.kind = cur_u32le(c);
	a->name.flags = cur_u32le(c);
	a->name.database = cur_u32le(c);
	a->name.size = cur_u32le(c);
	get_bytes(c, a->name.text, sizeof(a->name.text));
}

/* False if a reserved word is not zero. */
static bool
get_body(struct cur *c, struct ask *a)
{
	uint32_t zero = 0;

	switch (a->kind) {
	case ASK_IS_ASK:
		a->ask.size = cur_u64le(c);
		a->ask.flags = cur_u32le(c);
		a->ask.class = cur_u32le(c);
		a->ask.deadline_ms = cur_u32le(c);
		a->ask.uid = cur_u32le(c);
		break;
	case ASK_IS_GENERATION:
		get_generation(c, a);
		break;
	case ASK_IS_DATABASE:
		a->database.generation = cur_u64le(c);
		a->database.database = cur_u32le(c);
		a->database.databases = cur_u32le(c);
		break;
	case ASK_IS_DETAIL:
		zero = cur_u32le(c);
		a->detail.size = cur_u32le(c);
		get_bytes(c, a->detail.bytes, sizeof(a->detail.bytes));
		break;
	case ASK_IS_NAME:
		get_name(c, a);
		break;
	case ASK_IS_ANSWER:
		get_answer(c, a);
		break;
	case ASK_IS_STATE:
		get_state(c, a);
		break;
	default:
		break;
	}
	return zero == 0;
}

bool
ask_get(struct cur record, struct ask *out)
{
	size_t size = cur_left(&record);
	uint32_t zero;

	memset(out, 0, sizeof(*out));
	out->kind = cur_u32le(&record);
	zero = cur_u32le(&record);
	out->id = cur_u64le(&record);
	if (!cur_ok(&record) || zero != 0 || size == 0 ||
	    size != ask_size(out->kind))
		return false;
	if (!get_body(&record, out) || !rest_is_zero(&record) ||
	    !cur_ok(&record))
		return false;
	return ask_is_good(out);
}
