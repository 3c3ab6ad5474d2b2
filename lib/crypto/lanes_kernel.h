/*
 * lanes_kernel.h - MD5, SHA-1 and SHA-256 of as many messages as a vector has
 * words, once for every width.
 *
 * Spec:    RFC 1321 section 3.4 [MD5]; FIPS 180-4 sections 4 and 6 [FIPS].
 *
 * The including file defines:
 *   KERNEL(name)  name with the variant's suffix
 *   TARGET        the instructions the compiler may use, or nothing
 *   LANES         words of a vector
 *   LOW(a, b)     a[0] b[0] a[1] b[1] ..., as many as fit a vector
 *   HIGH(a, b)    the rest of those
 *   WITH_SHA      if SHA-1 and SHA-256 are wanted
 * and may define, each on whole vectors:
 *   ROTATE(v, n)        to the left by n, a constant
 *   CHOOSE(x, y, z)     bits of y where x has ones, else of z
 *   MAJORITY(x, y, z)   what two of three have
 *   PARITY(x, y, z)     exclusive or
 *   MD5_G(x, y, z)      bits of x where z has ones, else of y
 *   MD5_I(x, y, z)      y ^ (x | ~z)
 *
 * Vectors are GCC's and clang's own: arithmetic on them is arithmetic on each
 * of their words.  Words are read as they lie, lowest byte first; on a machine
 * of the other order lanes_agree() says no, and libcrypto does it all.
 *
 * SPDX-License-Identifier: Apache-2.0
 */

#include <string.h>

#ifndef ROTATE
#define ROTATE(v, n) ((v) << (n) | (v) >> (32 - (n)))
#endif
#ifndef CHOOSE
#define CHOOSE(x, y, z) ((z) ^ ((x) & ((y) ^ (z))))
#endif
#if defined(WITH_SHA) && !defined(MAJORITY)
#define MAJORITY(x, y, z) (((x) & (y)) | ((z) & ((x) | (y))))
#endif
#ifndef PARITY
#define PARITY(x, y, z) ((x) ^ ((y) ^ (z)))
#endif
#ifndef MD5_G
#define MD5_G(x, y, z) (((x) & (z)) | ((y) & ~(z)))
#endif
#ifndef MD5_I
#define MD5_I(x, y, z) ((y) ^ ((x) | ~(z)))
#endif

#define INLINE __attribute__((always_inline)) static inline

/*
 * Have a sum in a register before more is added.  A step of MD5 waits for the
 * one before it: what does not is to be added first, and compilers would
 * rather add in an order of their own (a fifth slower).
 */
#if defined(__x86_64__)
#define SETTLE(v) __asm__("" : "+v"(v))
#elif defined(__aarch64__)
#define SETTLE(v) __asm__("" : "+w"(v))
#else
#define SETTLE(v) ((void)0)
#endif

typedef uint32_t KERNEL(vector) __attribute__((vector_size(4 * LANES)));
#define VEC KERNEL(vector)

/*
 * Make of LANES rows, each so many words of one message, as many columns,
 * each one word of every message.  Each turn deals two halves out like cards.
 */
TARGET INLINE void
KERNEL(turn)(VEC *row)
{
	VEC next[LANES];
	unsigned i, turn;

	for (turn = LANES; turn > 1; turn /= 2) {
		for (i = 0; i < LANES / 2; i++) {
			next[2 * i] = LOW(row[i], row[i + LANES / 2]);
			next[2 * i + 1] = HIGH(row[i], row[i + LANES / 2]);
		}
		memcpy(row, next, sizeof(next));
	}
}

/* Read one block of each message: word w of all is out[w]. */
TARGET INLINE void
KERNEL(read)(const uint8_t *const *at, size_t off, VEC *out)
{
	unsigned i, w;

	for (w = 0; w < 16; w += LANES) {
		for (i = 0; i < LANES; i++)
			memcpy(&out[w + i], at[i] + off + 4 * w, sizeof(VEC));
		KERNEL(turn)(out + w);
	}
}

TARGET INLINE void
KERNEL(load)(const struct lanes_state *state, VEC *out, unsigned words)
{
	unsigned w;

	for (w = 0; w < words; w++)
		memcpy(&out[w], state->word[w], sizeof(VEC));
}

TARGET INLINE void
KERNEL(store)(struct lanes_state *state, const VEC *in, unsigned words)
{
	unsigned w;

	for (w = 0; w < words; w++)
		memcpy(state->word[w], &in[w], sizeof(VEC));
}

/* --- MD5 ------------------------------------------------------------------ */

/* What a step adds: the table T of [MD5], 2^32 * |sin(i + 1)|. */
static const uint32_t KERNEL(md5_add)[64] = { 0xd76aa478, 0xe8c7b756,
	0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
	0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193,
	0xa679438e, 0x49b40821, 0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa,
	0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8, 0x21e1cde6, 0xc33707d6,
	0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
	0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9,
	0xf6bb4b60, 0xbebfbc70, 0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05,
	0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665, 0xf4292244, 0x432aff97,
	0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
	0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235,
	0x2ad7d2bb, 0xeb86d391 };

/*
 * Steps i and the three after it, of a round: it takes words in steps of
 * stride from first on, mixes with f and rotates by r0 to r3.
 */
#define MD5_ADD(i) KERNEL(md5_add)[i]
#define MD5_STEP(f, a, b, c, d, word, i, r) \
	do {                                \
		(a) += (word) + MD5_ADD(i); \
		SETTLE(a);                  \
		(a) += f(b, c, d);          \
		(a) = (b) + ROTATE(a, r);   \
	} while (0)
#define MD5_WORD(i, stride, first) m[((i) * (stride) + (first)) % 16]
#define MD5_ROUND(f, from, stride, first, r0, r1, r2, r3)                      \
	for (i = (from); i < (from) + 16; i += 4) {                            \
		MD5_STEP(f, a, b, c, d, MD5_WORD(i, stride, first), i, r0);    \
		MD5_STEP(f, d, a, b, c, MD5_WORD(i + 1, stride, first), i + 1, \
		    r1);                                                       \
		MD5_STEP(f, c, d, a, b, MD5_WORD(i + 2, stride, first), i + 2, \
		    r2);                                                       \
		MD5_STEP(f, b, c, d, a, MD5_WORD(i + 3, stride, first), i + 3, \
		    r3);                                                       \
	}
#define MD5_F(x, y, z) CHOOSE(x, y, z)
#define MD5_H(x, y, z) PARITY(x, y, z)

TARGET void
KERNEL(md5)(struct lanes_state *state, const uint8_t *const *at, size_t blocks)
{
	VEC s[4], m[16];
	size_t block;
	unsigned i;

	KERNEL(load)(state, s, 4);
	for (block = 0; block < blocks; block++) {
		VEC a = s[0], b = s[1], c = s[2], d = s[3];

		KERNEL(read)(at, block * LANES_BLOCK, m);
		MD5_ROUND(MD5_F, 0, 1, 0, 7, 12, 17, 22)
		MD5_ROUND(MD5_G, 16, 5, 1, 5, 9, 14, 20)
		MD5_ROUND(MD5_H, 32, 3, 5, 4, 11, 16, 23)
		MD5_ROUND(MD5_I, 48, 7, 0, 6, 10, 15, 21)
		s[0] += a;
		s[1] += b;
		s[2] += c;
		s[3] += d;
	}
	KERNEL(store)(state, s, 4);
}

#if defined(WITH_SHA)
/* The same of words whose highest byte comes first. */
TARGET INLINE void
KERNEL(read_high_first)(const uint8_t *const *at, size_t off, VEC *out)
{
	unsigned w;

	KERNEL(read)(at, off, out);
	for (w = 0; w < 16; w++)
		out[w] = (ROTATE(out[w], 8) & 0x00ff00ff) |
		    (ROTATE(out[w], 24) & 0xff00ff00);
}

/* --- SHA-1 ---------------------------------------------------------------- */

/* [FIPS 6.1.3]: the schedule's next word replaces the one of 16 steps ago. */
TARGET INLINE VEC
KERNEL(sha1_word)(VEC *m, unsigned i)
{
	VEC next = PARITY(m[i % 16], m[(i + 2) % 16], m[(i + 8) % 16]) ^
	    m[(i + 13) % 16];

	if (i >= 16)
		m[i % 16] = ROTATE(next, 1);
	return m[i % 16];
}

#define SHA1_ROUND(f, k, from)                                       \
	for (i = (from); i < (from) + 20; i++) {                     \
		VEC next = ROTATE(a, 5) + f(b, c, d);                \
                                                                     \
		next += e + (uint32_t)(k) + KERNEL(sha1_word)(m, i); \
		e = d;                                               \
		d = c;                                               \
		c = ROTATE(b, 30);                                   \
		b = a;                                               \
		a = next;                                            \
	}

TARGET void
KERNEL(sha1)(struct lanes_state *state, const uint8_t *const *at, size_t blocks)
{
	VEC s[5], m[16];
	size_t block;
	unsigned i;

	KERNEL(load)(state, s, 5);
	for (block = 0; block < blocks; block++) {
		VEC a = s[0], b = s[1], c = s[2], d = s[3], e = s[4];

		KERNEL(read_high_first)(at, block * LANES_BLOCK, m);
		SHA1_ROUND(CHOOSE, 0x5a827999, 0)
		SHA1_ROUND(PARITY, 0x6ed9eba1, 20)
		SHA1_ROUND(MAJORITY, 0x8f1bbcdc, 40)
		SHA1_ROUND(PARITY, 0xca62c1d6, 60)
		s[0] += a;
		s[1] += b;
		s[2] += c;
		s[3] += d;
		s[4] += e;
	}
	KERNEL(store)(state, s, 5);
}

/* --- SHA-256 -------------------------------------------------------------- */

/* What a step adds: the cube roots of the first primes [FIPS 4.2.2]. */
static const uint32_t KERNEL(sha256_add)[64] = { 0x428a2f98, 0x71374491,
	0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
	0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc,
	0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d,
	0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb,
	0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
	0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08,
	0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb,
	0xbef9a3f7, 0xc67178f2 };

#define SHA256_SUM(v, x, y, z) \
	PARITY(ROTATE(v, 32 - (x)), ROTATE(v, 32 - (y)), ROTATE(v, 32 - (z)))
#define SHA256_MIX(v, x, y, z) \
	PARITY(ROTATE(v, 32 - (x)), ROTATE(v, 32 - (y)), (v) >> (z))
#define SHA256_ADD(i) KERNEL(sha256_add)[i]

/* [FIPS 6.2.2]: the schedule's next word replaces the one of 16 steps ago. */
TARGET INLINE VEC
KERNEL(sha256_word)(VEC *m, unsigned i)
{
	VEC early, late;

	if (i >= 16) {
		early = m[(i + 1) % 16];
		late = m[(i + 14) % 16];
		m[i % 16] += SHA256_MIX(early, 7, 18, 3) + m[(i + 9) % 16] +
		    SHA256_MIX(late, 17, 19, 10);
	}
	return m[i % 16];
}

TARGET void
KERNEL(sha256)(struct lanes_state *state, const uint8_t *const *at,
    size_t blocks)
{
	VEC s[8], v[8], m[16];
	size_t block;
	unsigned i;

	KERNEL(load)(state, s, 8);
	for (block = 0; block < blocks; block++) {
		memcpy(v, s, sizeof(v));
		KERNEL(read_high_first)(at, block * LANES_BLOCK, m);
		for (i = 0; i < 64; i++) {
			VEC t =
			    v[7] + SHA256_ADD(i) + KERNEL(sha256_word)(m, i);

			t += SHA256_SUM(v[4], 6, 11, 25) +
			    CHOOSE(v[4], v[5], v[6]);
			v[7] = v[6];
			v[6] = v[5];
			v[5] = v[4];
			v[4] = v[3] + t;
			t += SHA256_SUM(v[0], 2, 13, 22) +
			    MAJORITY(v[0], v[1], v[2]);
			v[3] = v[2];
			v[2] = v[1];
			v[1] = v[0];
			v[0] = t;
		}
		for (i = 0; i < 8; i++)
			s[i] += v[i];
	}
	KERNEL(store)(state, s, 8);
}
#endif
