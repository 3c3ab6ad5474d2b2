/*
 * vkey.c - keys of signed notes.  See vkey.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/trust/vkey.h"

#include "lib/base/base64.h"
#include "lib/base/hex.h"
#include "lib/base/utf.h"
#include "lib/crypto/digest.h"

#include <stdio.h>
#include <string.h>

/* White space as Unicode has it (White_Space, PropList.txt). */
static bool
is_space(uint32_t c)
{
	return (c >= 0x09 && c <= 0x0d) || c == 0x20 || c == 0x85 ||
	    c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) ||
	    c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f ||
	    c == 0x3000;
}

bool
vkey_name_is_good(struct cur name)
{
	uint32_t c;

	if (cur_left(&name) == 0 || cur_left(&name) > VKEY_NAME_MAX)
		return false;
	while (cur_left(&name) > 0)
		if (!utf8_read(&name, &c) || is_space(c) || c == '+' ||
		    c < 0x20)
			return false;
	return true;
}

void
vkey_make_id(struct vkey *k)
{
	uint8_t sum[DIGEST_SIZE_MAX], between[2] = { '\n', k->type };
	struct digest d;

	digest_init(&d, DIGEST_SHA256);
	digest_add(&d, k->name, strlen(k->name));
	digest_add(&d, between, sizeof(between));
	digest_add(&d, k->key, sizeof(k->key));
	digest_end(&d, sum);
	memcpy(k->id, sum, sizeof(k->id));
}

bool
vkey_read(struct cur text, struct vkey *out, struct why *why)
{
	uint8_t bytes[1 + ED25519_KEY], id[4];
	struct cur name, hex;
	size_t size;

	memset(out, 0, sizeof(*out));
	if (!cur_until(&text, '+', &name) || !cur_until(&text, '+', &hex) ||
	    !vkey_name_is_good(name))
		return why_not(why, WHY_BROKEN,
		    "not a key of the form NAME+ID+KEY");
	memcpy(out->name, name.base, name.size);
	if (!hex_read(hex, id, sizeof(id)) ||
	    !base64_read(text, bytes, sizeof(bytes), &size) || size < 1)
		return why_not(why, WHY_BROKEN, "%s: the key is malformed",
		    out->name);
	out->type = bytes[0];
	if (out->type != VKEY_NOTE && out->type != VKEY_COSIGNATURE)
		return why_not(why, WHY_BROKEN,
		    "%s: keys of type 0x%02x are not known", out->name,
		    out->type);
	if (size != sizeof(bytes))
		return why_not(why, WHY_BROKEN, "%s: the key is malformed",
		    out->name);
	memcpy(out->key, bytes + 1, ED25519_KEY);
	vkey_make_id(out);
	if (memcmp(out->id, id, sizeof(id)) != 0)
		return why_not(why, WHY_BROKEN,
		    "%s: the ID is not that of the key", out->name);
	return true;
}

void
vkey_write(const struct vkey *k, char out[VKEY_TEXT_MAX])
{
	uint8_t bytes[1 + ED25519_KEY];
	char text[BASE64_SIZE(sizeof(bytes)) + 1], id[9];

	bytes[0] = k->type;
	memcpy(bytes + 1, k->key, ED25519_KEY);
	base64_write(bytes, sizeof(bytes), text);
	hex_write(k->id, sizeof(k->id), id);
	(void)snprintf(out, VKEY_TEXT_MAX, "%s+%s+%s", k->name, id, text);
}

bool
vkey_read_secret(struct cur text, struct vkey *out, uint8_t seed[ED25519_SEED],
    struct why *why)
{
	static const char head[] = "PRIVATE+KEY+";
	uint8_t bytes[1 + ED25519_SEED], id[4];
	struct cur name, hex;
	size_t size;

	memset(out, 0, sizeof(*out));
	if (!cur_match(&text, head, sizeof(head) - 1) ||
	    !cur_until(&text, '+', &name) || !cur_until(&text, '+', &hex) ||
	    !vkey_name_is_good(name) || !hex_read(hex, id, sizeof(id)) ||
	    !base64_read(text, bytes, sizeof(bytes), &size) ||
	    size != sizeof(bytes) ||
	    (bytes[0] != VKEY_NOTE && bytes[0] != VKEY_COSIGNATURE))
		return why_not(why, WHY_BROKEN,
		    "not a secret key of the form PRIVATE+KEY+NAME+ID+KEY");
	memcpy(out->name, name.base, name.size);
	out->type = bytes[0];
	memcpy(seed, bytes + 1, ED25519_SEED);
	if (!ed25519_public(seed, out->key))
		return why_not(why, WHY_BUG, "libsodium");
	vkey_make_id(out);
	if (memcmp(out->id, id, sizeof(id)) != 0)
		return why_not(why, WHY_BROKEN,
		    "%s: the ID is not that of the secret key", out->name);
	return true;
}
