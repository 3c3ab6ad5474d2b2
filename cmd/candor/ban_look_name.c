/*
 * ban_look_name.c - one name, of a tree or of an image.  The contract is in
 * ban_look.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/ban_look.h"

#include <string.h>

/*
 * Where containers have their files: behind inner there is a system of its
 * own.  Its path, and in *outer the size of what is before it; or NULL.
 */
static const char *
find_container(const char *path, size_t *outer)
{
	static const char *const way[][2] = {
		{ "/overlay2/", "/diff/" }, /* Docker */
		{ "/overlay/", "/diff/" },  /* Podman, CRI-O */
		{ "/snapshots/", "/fs/" },  /* containerd */
		{ "/lxc/", "/rootfs/" },
		{ "/var/lib/machines/", "/" }, /* systemd-nspawn */
	};
	size_t i;

	for (i = 0; i < sizeof(way) / sizeof(way[0]); i++) {
		const char *at = strstr(path, way[i][0]), *inner;

		if (at == NULL)
			continue;
		inner = strchr(at + strlen(way[i][0]), '/');
		if (inner == NULL ||
		    strncmp(inner, way[i][1], strlen(way[i][1])) != 0)
			continue;
		inner += strlen(way[i][1]) - 1;
		*outer = (size_t)(inner - path);
		return inner;
	}
	return NULL;
}

static void
look_in_container(struct ban_seen *seen, const char *path, bool is_link,
    const char *in)
{
	size_t size = 0;
	const char *inner = find_container(path, &size);
	struct buf outer = { 0 };
	struct ban_seen_as as = { .is_link = is_link };

	if (inner == NULL)
		return;
	if (in != NULL) {
		buf_text(&outer, in);
		buf_byte(&outer, ':');
	}
	buf_add(&outer, path, size);
	as.in = outer.bytes;
	(void)ban_seen_placed(seen, cur_from(inner, strlen(inner)), &as);
	buf_free(&outer);
}

void
ban_look_name(struct ban_seen *seen, const char *path, bool is_link,
    const char *in)
{
	const struct ban_seen_as as = { .in = in, .is_link = is_link };

	(void)ban_seen_path(seen, cur_from(path, strlen(path)), &as);
	look_in_container(seen, path, is_link, in);
}

void
ban_look_link(struct ban_seen *seen, const char *path, const char *in)
{
	struct buf what = { 0 };

	if (!footprint_leads(seen->set, cur_from(path, strlen(path))))
		return;
	if (in != NULL) {
		buf_text(&what, in);
		buf_byte(&what, ':');
	}
	buf_text(&what, path);
	ban_seen_blind(seen, what.bytes, "a link, which is not followed");
	buf_free(&what);
}
