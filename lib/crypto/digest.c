/*
 * digest.c - MD5, SHA-1 and SHA-256.  See digest.h.
 *
 * Spec:    RFC 1321 (MD5), FIPS 180-4 (SHA-1, SHA-256).
 *
 * libcrypto's EVP interface takes heap for every digest; its older one keeps
 * the state in a struct of the caller's, runs the same assembly and is what
 * is used here.  OpenSSL 3 marks it as old; the warning is switched off for
 * this file alone.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "lib/crypto/digest.h"

#include <openssl/md5.h>
#include <openssl/sha.h>

#include <string.h>

_Static_assert(sizeof(MD5_CTX) <= sizeof(((struct digest *)0)->state) &&
	sizeof(SHA_CTX) <= sizeof(((struct digest *)0)->state) &&
	sizeof(SHA256_CTX) <= sizeof(((struct digest *)0)->state),
    "libcrypto's states fit");
_Static_assert(_Alignof(MD5_CTX) <= _Alignof(uint64_t) &&
	_Alignof(SHA_CTX) <= _Alignof(uint64_t) &&
	_Alignof(SHA256_CTX) <= _Alignof(uint64_t),
    "and lie aligned");

static MD5_CTX *
digest_md5(struct digest *d)
{
	return (void *)d->state.bytes;
}

static SHA_CTX *
digest_sha1(struct digest *d)
{
	return (void *)d->state.bytes;
}

static SHA256_CTX *
digest_sha256(struct digest *d)
{
	return (void *)d->state.bytes;
}

size_t
digest_size(enum digest_kind kind)
{
	static const size_t size[DIGEST_KINDS] = { 16, 20, 32 };

	return kind < DIGEST_KINDS ? size[kind] : 0;
}

void
digest_init(struct digest *d, enum digest_kind kind)
{
	d->kind = kind;
	switch (kind) {
	case DIGEST_MD5:
		(void)MD5_Init(digest_md5(d));
		return;
	case DIGEST_SHA1:
		(void)SHA1_Init(digest_sha1(d));
		return;
	case DIGEST_SHA256:
	case DIGEST_KINDS:
		break;
	}
	d->kind = DIGEST_SHA256;
	(void)SHA256_Init(digest_sha256(d));
}

static void
digest_resume_md5(MD5_CTX *c, const uint32_t *word, uint64_t bits)
{
	c->A = word[0];
	c->B = word[1];
	c->C = word[2];
	c->D = word[3];
	c->Nl = (uint32_t)bits;
	c->Nh = (uint32_t)(bits >> 32);
}

static void
digest_resume_sha1(SHA_CTX *c, const uint32_t *word, uint64_t bits)
{
	c->h0 = word[0];
	c->h1 = word[1];
	c->h2 = word[2];
	c->h3 = word[3];
	c->h4 = word[4];
	c->Nl = (uint32_t)bits;
	c->Nh = (uint32_t)(bits >> 32);
}

static void
digest_resume_sha256(SHA256_CTX *c, const uint32_t *word, uint64_t bits)
{
	memcpy(c->h, word, sizeof(c->h));
	c->Nl = (uint32_t)bits;
	c->Nh = (uint32_t)(bits >> 32);
}

void
digest_resume(struct digest *d, enum digest_kind kind, const uint32_t *word,
    uint64_t done)
{
	digest_init(d, kind);
	switch (d->kind) {
	case DIGEST_MD5:
		digest_resume_md5(digest_md5(d), word, done << 3);
		return;
	case DIGEST_SHA1:
		digest_resume_sha1(digest_sha1(d), word, done << 3);
		return;
	case DIGEST_SHA256:
	case DIGEST_KINDS:
		break;
	}
	digest_resume_sha256(digest_sha256(d), word, done << 3);
}

void
digest_add(struct digest *d, const void *bytes, size_t size)
{
	switch (d->kind) {
	case DIGEST_MD5:
		(void)MD5_Update(digest_md5(d), bytes, size);
		return;
	case DIGEST_SHA1:
		(void)SHA1_Update(digest_sha1(d), bytes, size);
		return;
	case DIGEST_SHA256:
	case DIGEST_KINDS:
		break;
	}
	(void)SHA256_Update(digest_sha256(d), bytes, size);
}

void
digest_end(struct digest *d, uint8_t out[DIGEST_SIZE_MAX])
{
	switch (d->kind) {
	case DIGEST_MD5:
		(void)MD5_Final(out, digest_md5(d));
		return;
	case DIGEST_SHA1:
		(void)SHA1_Final(out, digest_sha1(d));
		return;
	case DIGEST_SHA256:
	case DIGEST_KINDS:
		break;
	}
	(void)SHA256_Final(out, digest_sha256(d));
}

void
digest_of(enum digest_kind kind, const void *bytes, size_t size,
    uint8_t out[DIGEST_SIZE_MAX])
{
	struct digest d;

	digest_init(&d, kind);
	digest_add(&d, bytes, size);
	digest_end(&d, out);
}
