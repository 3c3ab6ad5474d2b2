/*
 * footprint_match.c - which signs something is.  The contract is in
 * footprint.h.
 *
 * Every sign has a key: a path its last part, all others their whole value.
 * A key without wildcards stands in a table by its hash, one with them in a
 * list by its first letter or, if it begins with *, by its last; with neither,
 * in one that is always gone through.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/ban/footprint.h"

#include "lib/base/ascii.h"

#include <string.h>

#define BUCKETS 4096u /* a power of two; signs are some hundreds */

static bool
is_wild(const char *text)
{
	return strpbrk(text, "*?") != NULL;
}

static uint32_t
hash_of(const char *text, size_t size)
{
	uint32_t h = 2166136261u; /* FNV-1a */
	size_t i;

	for (i = 0; i < size; i++)
		h = (h ^ ascii_lower((uint8_t)text[i])) * 16777619u;
	return (h ^ h >> 15) & (BUCKETS - 1);
}

static bool
is_same(const char *a, const char *b, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		if (ascii_lower((uint8_t)a[i]) != ascii_lower((uint8_t)b[i]))
			return false;
	return true;
}

/* --- wildcards ------------------------------------------------------------ */

/*
 * Of several stars only the last needs to be gone back to.  A star that may
 * not go over stop is settled once the text went past it, so that holds for
 * paths, too.
 */
bool
footprint_glob(const char *pattern, struct cur text, char stop)
{
	const char *t = (const char *)text.base, *star = NULL;
	size_t at = 0, from = 0;

	while (at < text.size) {
		bool is_stop = stop != 0 && t[at] == stop;

		if (*pattern == '*') {
			star = ++pattern;
			from = at;
		} else if (*pattern != '\0' &&
		    ((*pattern == '?' && !is_stop) ||
			ascii_lower((uint8_t)*pattern) ==
			    ascii_lower((uint8_t)t[at]))) {
			pattern++;
			at++;
		} else if (star != NULL && !(stop != 0 && t[from] == stop)) {
			pattern = star;
			at = ++from;
		} else
			return false;
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

static size_t
count_parts(const char *path, size_t size)
{
	size_t i, n = 0;

	for (i = 0; i < size; i++)
		n += path[i] == '/' ? 1 : 0;
	return n;
}

/* "**" + "/ppl/x": the last parts of the path, as many as there are. */
static bool
is_path(const char *pattern, struct cur path)
{
	size_t want, have;

	if (strncmp(pattern, "**/", 3) != 0)
		return footprint_glob(pattern, path, '/');
	pattern += 2;
	want = count_parts(pattern, strlen(pattern));
	have = count_parts((const char *)path.base, path.size);
	while (have > want && path.size > 0) {
		path.base++;
		path.size--;
		if (path.base[0] == '/')
			have--;
	}
	return have == want && footprint_glob(pattern, path, '/');
}

/* --- the index ------------------------------------------------------------ */

static const char *
text_of(const json_t *record, const char *key)
{
	return json_string_value(json_object_get(record, key));
}

/* Which of the words this is; the schema has seen to it that one is. */
static int
word_of(const char *const *words, int count, const char *word)
{
	int i;

	for (i = 0; i < count - 1; i++)
		if (strcmp(words[i], word) == 0)
			break;
	return i;
}

static const char *
key_of(const struct footprint_sign *s)
{
	const char *slash = strrchr(s->value, '/');

	return s->type == FOOTPRINT_PATH && slash != NULL ? slash + 1
							  : s->value;
}

static void
add_sign(struct footprint_set *set, const json_t *record, uint32_t product)
{
	struct footprint_sign *s = &set->sign[set->sign_count];
	const char *key;
	uint32_t *head;
	int strength =
	    word_of(footprint_strength_word, 3, text_of(record, "strength"));

	if (strcmp(text_of(record, "confidence"), "low") == 0 && strength > 0)
		strength--;
	s->value = text_of(record, "value");
	s->record = record;
	s->type = (enum footprint_type)word_of(footprint_type_word,
	    FOOTPRINT_TYPES, text_of(record, "type"));
	s->state = (enum footprint_state)word_of(footprint_state_word,
	    FOOTPRINT_STATES, text_of(record, "state"));
	s->strength = (enum footprint_strength)strength;
	s->product = product;
	key = key_of(s);
	if (!is_wild(key))
		head = &set->bucket[hash_of(key, strlen(key))];
	else if (key[0] != '*' && key[0] != '?')
		head = &set->first[ascii_lower((uint8_t)key[0])];
	else if (strchr("*?", key[strlen(key) - 1]) != NULL)
		head = &set->last['*'];
	else
		head = &set->last[ascii_lower((uint8_t)key[strlen(key) - 1])];
	s->next = *head;
	*head = ++set->sign_count;
}

static bool
make_room(const struct footprint *file, size_t count, struct arena *arena,
    struct footprint_set *out)
{
	size_t signs = 0, products = 0, i, k;
	const json_t *list, *one;

	for (i = 0; i < count; i++) {
		list = json_object_get(file[i].root, "products");
		products += json_array_size(list);
		json_array_foreach(list, k, one) signs +=
		    json_array_size(json_object_get(one, "signs"));
	}
	out->sign = arena_alloc(arena, signs + 1, sizeof(*out->sign));
	out->product = arena_alloc(arena, products + 1, sizeof(*out->product));
	out->product_file =
	    arena_alloc(arena, products + 1, sizeof(*out->product_file));
	out->bucket = arena_alloc(arena, BUCKETS, sizeof(*out->bucket));
	return out->sign != NULL && out->product != NULL &&
	    out->product_file != NULL && out->bucket != NULL;
}

bool
footprint_index(const struct footprint *file, size_t count, struct arena *arena,
    struct footprint_set *out)
{
	const json_t *products, *signs, *one, *sign;
	size_t i, k, n;

	*out = (struct footprint_set){ 0 };
	if (!make_room(file, count, arena, out))
		return false;
	for (i = 0; i < count; i++) {
		products = json_object_get(file[i].root, "products");
		json_array_foreach(products, k, one)
		{
			out->product[out->product_count] = one;
			out->product_file[out->product_count] = &file[i];
			signs = json_object_get(one, "signs");
			json_array_foreach(signs, n, sign)
			    add_sign(out, sign, out->product_count);
			out->product_count++;
		}
	}
	return true;
}

/* --- looking up ----------------------------------------------------------- */

static bool
is_name_type(enum footprint_type type)
{
	return type == FOOTPRINT_PATH || type == FOOTPRINT_FILE ||
	    type == FOOTPRINT_SETUP || type == FOOTPRINT_UNIT;
}

/* The lists a key of these bytes can be in; 0 where there is none. */
struct lists {
	uint32_t head[4];
};

static struct lists
find_lists(const struct footprint_set *set, const char *key, size_t size)
{
	struct lists l = { { 0 } };

	if (size == 0)
		return l;
	l.head[0] = set->bucket[hash_of(key, size)];
	l.head[1] = set->first[ascii_lower((uint8_t)key[0])];
	l.head[2] = set->last[ascii_lower((uint8_t)key[size - 1])];
	if (key[size - 1] != '*')
		l.head[3] = set->last['*'];
	return l;
}

bool
footprint_may_be(const struct footprint_set *set, const char *name, size_t size)
{
	const struct lists l = find_lists(set, name, size);
	const struct cur text = cur_from(name, size);
	size_t i;
	uint32_t at;

	for (i = 0; i < 4; i++)
		for (at = l.head[i]; at != 0; at = set->sign[at - 1].next) {
			const struct footprint_sign *s = &set->sign[at - 1];

			if (is_name_type(s->type) &&
			    footprint_glob(key_of(s), text, 0))
				return true;
		}
	return false;
}

void
footprint_match(const struct footprint_set *set, enum footprint_type type,
    struct cur text, footprint_sign_fn seen, void *self)
{
	const struct lists l =
	    find_lists(set, (const char *)text.base, text.size);
	size_t i;
	uint32_t at;

	for (i = 0; i < 4; i++)
		for (at = l.head[i]; at != 0; at = set->sign[at - 1].next) {
			const struct footprint_sign *s = &set->sign[at - 1];

			if (s->type == type &&
			    footprint_glob(s->value, text, 0))
				seen(self, s);
		}
}

/* Where units of systemd are: the last parts of a path. */
static bool
is_unit_place(struct cur path, size_t name_size)
{
	static const char *const folder[] = { "/systemd/system/",
		"/multi-user.target.wants/", "/graphical.target.wants/" };
	size_t i, end = path.size - name_size;

	for (i = 0; i < sizeof(folder) / sizeof(folder[0]); i++) {
		size_t n = strlen(folder[i]);

		if (end >= n &&
		    is_same((const char *)path.base + end - n, folder[i], n))
			return true;
	}
	return false;
}

/* By its name it may be; is it by its place? */
static bool
is_placed(const struct footprint_sign *s, struct cur path, struct cur name)
{
	if (s->type == FOOTPRINT_PATH)
		return is_path(s->value, path);
	if (s->type == FOOTPRINT_UNIT && !is_unit_place(path, name.size))
		return false;
	return is_name_type(s->type) && footprint_glob(s->value, name, 0);
}

void
footprint_match_path(const struct footprint_set *set, struct cur path,
    footprint_sign_fn seen, void *self)
{
	size_t at = path.size, i;
	struct lists l;
	struct cur name;
	uint32_t n;

	while (at > 0 && path.base[at - 1] != '/')
		at--;
	name = cur_from(path.base + at, path.size - at);
	l = find_lists(set, (const char *)name.base, name.size);
	for (i = 0; i < 4; i++)
		for (n = l.head[i]; n != 0; n = set->sign[n - 1].next)
			if (is_placed(&set->sign[n - 1], path, name))
				seen(self, &set->sign[n - 1]);
}

/* Do the first parts of a pattern, as many as folder has, match it? */
static bool
leads_to(const char *pattern, struct cur folder)
{
	size_t parts = count_parts((const char *)folder.base, folder.size);
	char head[512];
	size_t i, n = 0;

	for (i = 0; pattern[i] != '\0' && i < sizeof(head) - 1; i++) {
		if (pattern[i] == '/' && n++ == parts)
			break;
		head[i] = pattern[i];
	}
	head[i] = '\0';
	return n > parts && footprint_glob(head, folder, '/');
}

bool
footprint_leads(const struct footprint_set *set, struct cur folder)
{
	uint32_t i;

	for (i = 0; i < set->sign_count; i++)
		if (set->sign[i].type == FOOTPRINT_PATH &&
		    set->sign[i].value[0] == '/' &&
		    leads_to(set->sign[i].value, folder))
			return true;
	return false;
}
