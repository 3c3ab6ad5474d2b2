/*
 * age.c - encrypt a file to a key.  See age.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/crypto/age.h"

#include "lib/base/base64.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <string.h>

#define MAC        32u
#define NONCE      12u
#define FILE_KEY   16u
#define BASE64_KEY 43u /* of 32 bytes, without padding */

/* Everything of the header that is always the same. */
static const char opening[] = "age-encryption.org/v1\n-> X25519 ";
static const char closing[] = "\n--- ";

#define OPENING (sizeof(opening) - 1)
#define CLOSING (sizeof(closing) - 1)
/* What the MAC covers ends after "---". */
#define COVERED (OPENING + BASE64_KEY + 1 + BASE64_KEY + CLOSING - 1)

_Static_assert(COVERED + 1 + BASE64_KEY + 1 + 16 == AGE_HEADER,
    "the parts of a header are its size");

/* RFC 5869 with SHA-256 and one block of output. */
static bool
hkdf(const uint8_t *secret, size_t secret_size, const uint8_t *salt,
    size_t salt_size, const char *info, uint8_t out[MAC])
{
	uint8_t zero[MAC] = { 0 }, prk[MAC], text[64];
	size_t n = strlen(info);
	unsigned size = 0;
	bool good;

	if (n + 1 > sizeof(text))
		return false;
	if (salt_size == 0) {
		salt = zero;
		salt_size = sizeof(zero);
	}
	memcpy(text, info, n);
	text[n] = 1;
	good = HMAC(EVP_sha256(), salt, (int)salt_size, secret, secret_size,
		   prk, &size) != NULL &&
	    HMAC(EVP_sha256(), prk, MAC, text, n + 1, out, &size) != NULL;
	OPENSSL_cleanse(prk, sizeof(prk));
	return good;
}

/* ChaCha20-Poly1305 (RFC 8439, 2.8) without additional data; out has size
   + AGE_TAG bytes when sealing and size - AGE_TAG when not. */
static bool
aead(const uint8_t key[AGE_KEY], const uint8_t nonce[NONCE], const uint8_t *in,
    size_t size, uint8_t *out, bool is_sealing)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	size_t body = is_sealing ? size : size - AGE_TAG;
	uint8_t tag[AGE_TAG] = { 0 };
	int n = 0, rest = 0;
	bool good;

	if (!is_sealing)
		memcpy(tag, in + body, AGE_TAG);
	good = c != NULL &&
	    EVP_CipherInit_ex(c, EVP_chacha20_poly1305(), NULL, key, nonce,
		is_sealing) == 1;
	if (good && !is_sealing)
		good = EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, AGE_TAG,
			   tag) == 1;
	good = good && EVP_CipherUpdate(c, out, &n, in, (int)body) == 1 &&
	    EVP_CipherFinal_ex(c, out + n, &rest) == 1;
	if (good && is_sealing)
		good = EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, AGE_TAG,
			   out + body) == 1;
	EVP_CIPHER_CTX_free(c);
	return good && (size_t)n + (size_t)rest == body;
}

/* RFC 7748, 5; libcrypto refuses a result of zeros (6.1). */
static bool
x25519(const uint8_t secret[AGE_KEY], const uint8_t point[AGE_KEY],
    uint8_t out[AGE_KEY])
{
	EVP_PKEY *mine = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL,
	    secret, AGE_KEY);
	EVP_PKEY *theirs =
	    EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, point, AGE_KEY);
	EVP_PKEY_CTX *c = mine != NULL ? EVP_PKEY_CTX_new(mine, NULL) : NULL;
	size_t size = AGE_KEY;
	bool good = c != NULL && theirs != NULL &&
	    EVP_PKEY_derive_init(c) == 1 &&
	    EVP_PKEY_derive_set_peer(c, theirs) == 1 &&
	    EVP_PKEY_derive(c, out, &size) == 1 && size == AGE_KEY;

	EVP_PKEY_CTX_free(c);
	EVP_PKEY_free(theirs);
	EVP_PKEY_free(mine);
	return good;
}

bool
age_recipient(const uint8_t identity[AGE_KEY], uint8_t recipient[AGE_KEY])
{
	EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL,
	    identity, AGE_KEY);
	size_t size = AGE_KEY;
	bool good = key != NULL &&
	    EVP_PKEY_get_raw_public_key(key, recipient, &size) == 1 &&
	    size == AGE_KEY;

	EVP_PKEY_free(key);
	return good;
}

/* The header has Base64 without the one letter of padding. */
static void
key_write(const uint8_t bytes[AGE_KEY], uint8_t *out)
{
	char text[BASE64_SIZE(AGE_KEY) + 1];

	base64_write(bytes, AGE_KEY, text);
	memcpy(out, text, BASE64_KEY);
}

static bool
key_read(struct cur *c, uint8_t out[AGE_KEY])
{
	uint8_t text[BASE64_KEY + 1];
	struct cur part;
	size_t size;

	if (!cur_take(c, BASE64_KEY, &part))
		return false;
	memcpy(text, part.base, BASE64_KEY);
	text[BASE64_KEY] = '=';
	return base64_read(cur_from(text, sizeof(text)), out, AGE_KEY, &size) &&
	    size == AGE_KEY;
}

/* The key that wraps the file key for one recipient. */
static bool
wrap_key(const uint8_t secret[AGE_KEY], const uint8_t point[AGE_KEY],
    const uint8_t share[AGE_KEY], const uint8_t recipient[AGE_KEY],
    uint8_t out[AGE_KEY])
{
	uint8_t shared[AGE_KEY], salt[2 * AGE_KEY];
	bool good = x25519(secret, point, shared);

	memcpy(salt, share, AGE_KEY);
	memcpy(salt + AGE_KEY, recipient, AGE_KEY);
	good = good &&
	    hkdf(shared, sizeof(shared), salt, sizeof(salt),
		"age-encryption.org/v1/X25519", out);
	OPENSSL_cleanse(shared, sizeof(shared));
	return good;
}

static bool
header_mac(const uint8_t file_key[FILE_KEY], const uint8_t *header,
    uint8_t out[MAC])
{
	uint8_t key[MAC];
	unsigned size = 0;
	bool good = hkdf(file_key, FILE_KEY, NULL, 0, "header", key) &&
	    HMAC(EVP_sha256(), key, MAC, header, COVERED, out, &size) != NULL;

	OPENSSL_cleanse(key, sizeof(key));
	return good;
}

static bool
stream_begin(const uint8_t file_key[FILE_KEY], const uint8_t nonce[16],
    struct age_stream *out)
{
	memset(out, 0, sizeof(*out));
	return hkdf(file_key, FILE_KEY, nonce, 16, "payload", out->key);
}

bool
age_begin(const uint8_t recipient[AGE_KEY], const struct age_random *random,
    uint8_t header[AGE_HEADER], struct age_stream *out)
{
	static const uint8_t zero[NONCE];
	uint8_t share[AGE_KEY], key[AGE_KEY], wrapped[AGE_KEY], mac[MAC];
	uint8_t *p = header;

	if (!age_recipient(random->ephemeral, share) ||
	    !wrap_key(random->ephemeral, recipient, share, recipient, key) ||
	    !aead(key, zero, random->file_key, FILE_KEY, wrapped, true))
		return false;
	memcpy(p, opening, OPENING);
	key_write(share, p + OPENING);
	p += OPENING + BASE64_KEY;
	*p++ = '\n';
	key_write(wrapped, p);
	p += BASE64_KEY;
	memcpy(p, closing, CLOSING);
	p += CLOSING;
	if (!header_mac(random->file_key, header, mac))
		return false;
	key_write(mac, p);
	p += BASE64_KEY;
	*p++ = '\n';
	memcpy(p, random->nonce, sizeof(random->nonce));
	OPENSSL_cleanse(key, sizeof(key));
	return stream_begin(random->file_key, random->nonce, out);
}

bool
age_open(struct cur header, const uint8_t identity[AGE_KEY],
    struct age_stream *out)
{
	static const uint8_t zero[NONCE];
	uint8_t share[AGE_KEY], recipient[AGE_KEY], wrapped[AGE_KEY];
	uint8_t key[AGE_KEY], file_key[FILE_KEY], mac[MAC], said[MAC];
	struct cur c = header, nonce;

	if (!cur_match(&c, opening, OPENING) || !key_read(&c, share) ||
	    !cur_match(&c, "\n", 1) || !key_read(&c, wrapped) ||
	    !cur_match(&c, closing, CLOSING) || !key_read(&c, said) ||
	    !cur_match(&c, "\n", 1) || !cur_take(&c, 16, &nonce))
		return false;
	if (!age_recipient(identity, recipient) ||
	    !wrap_key(identity, share, share, recipient, key) ||
	    !aead(key, zero, wrapped, sizeof(wrapped), file_key, false) ||
	    !header_mac(file_key, header.base + header.pos, mac) ||
	    CRYPTO_memcmp(mac, said, MAC) != 0)
		return false;
	OPENSSL_cleanse(key, sizeof(key));
	return stream_begin(file_key, nonce.base, out);
}

/* age.md, "Payload": 11 bytes of counter, and whether it is the last. */
static void
chunk_nonce(const struct age_stream *s, bool is_last, uint8_t nonce[NONCE])
{
	unsigned i;

	memset(nonce, 0, NONCE);
	for (i = 0; i < 8; i++)
		nonce[10 - i] = (uint8_t)(s->chunk >> (8 * i));
	nonce[11] = is_last;
}

/* Is a chunk of so many plain bytes in its place? */
static bool
chunk_fits(const struct age_stream *s, size_t size, bool is_last)
{
	return !s->is_ended && size <= AGE_CHUNK &&
	    (is_last ? size > 0 || s->chunk == 0 : size == AGE_CHUNK);
}

bool
age_seal(struct age_stream *s, const uint8_t *plain, size_t size, bool is_last,
    uint8_t *out)
{
	uint8_t nonce[NONCE];

	if (!chunk_fits(s, size, is_last))
		return false;
	chunk_nonce(s, is_last, nonce);
	s->chunk++;
	s->is_ended = is_last;
	return aead(s->key, nonce, plain, size, out, true);
}

bool
age_unseal(struct age_stream *s, const uint8_t *sealed, size_t size,
    bool is_last, uint8_t *plain)
{
	uint8_t nonce[NONCE];

	if (size < AGE_TAG || !chunk_fits(s, size - AGE_TAG, is_last))
		return false;
	chunk_nonce(s, is_last, nonce);
	s->chunk++;
	s->is_ended = is_last;
	return aead(s->key, nonce, sealed, size, plain, false);
}
