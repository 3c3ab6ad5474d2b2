/*
 * zip_member.c - the bytes of one ZIP member.
 *
 * Spec:    PKWARE APPNOTE 6.3.10, sections 4.4.5, 5 and 6; WinZip's AE-1 and
 *          AE-2.                                                 [APPNOTE]
 * Input:   hostile; what a header says about sizes is compared, not believed.
 *
 * A decoder that knows its own end is given everything to the end of the
 * file, and ends where it ends.  The old methods and PPMd do not know; they
 * end at the declared size, unless much input is left then, which shows that
 * the size is a lie: then they go on to the end of the input.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/formats/zip.h"

#include "lib/formats/end.h"

#include <string.h>

/* Input that a decoder may have left or looked ahead at its very end. */
#define SLACK ((uint64_t)16)

/* Bytes that are decoded to see whether a password fits. */
#define PROBE_INPUT  ((uint64_t)32 << 10)
#define PROBE_OUTPUT ((size_t)1 << 20)

/* How a method ends. */
enum ending {
	BY_ITSELF, /* the stream has an end mark */
	BY_SIZE,   /* only the size says */
	BY_INPUT   /* all of the input is data */
};

static enum ending
ending_of(const struct zip_entry *e)
{
	switch (e->method) {
	case ZIP_STORED:
		return BY_INPUT;
	case ZIP_LZMA:
		return (e->flags & ZIP_LZMA_EOS) != 0 ? BY_ITSELF : BY_SIZE;
	case ZIP_DEFLATED:
	case ZIP_DEFLATE64:
	case ZIP_BZIP2:
	case ZIP_ZSTD_OLD:
	case ZIP_ZSTD:
	case ZIP_XZ:
		return BY_ITSELF;
	default:
		return BY_SIZE;
	}
}

bool
zip_ends_itself(const struct zip_entry *e)
{
	return ending_of(e) == BY_ITSELF;
}

static bool
is_supported(uint16_t method)
{
	return method <= ZIP_IMPLODED || method == ZIP_DEFLATED ||
	    method == ZIP_DEFLATE64 || method == ZIP_BZIP2 ||
	    method == ZIP_LZMA || method == ZIP_ZSTD_OLD ||
	    method == ZIP_ZSTD || method == ZIP_XZ || method == ZIP_PPMD;
}

uint64_t
zip_member_lead(const struct zip_entry *e)
{
	if ((e->flags & ZIP_ENCRYPTED) == 0)
		return 0;
	if (e->aes_strength == 0)
		return ZIPCRYPTO_HEADER_SIZE;
	return winzip_aes_salt_size(e->aes_strength) + WINZIP_AES_VERIFY_SIZE;
}

/* Bytes a member's encryption puts after its data. */
static uint64_t
trail_of(const struct zip_entry *e)
{
	bool is_aes = (e->flags & ZIP_ENCRYPTED) != 0 && e->aes_strength != 0;

	return is_aes ? WINZIP_AES_MAC_SIZE : 0;
}

/* Bytes of input that are the decoder's, as the header has it. */
static uint64_t
input_size(const struct zip_entry *e)
{
	uint64_t around = zip_member_lead(e) + trail_of(e);

	if (e->packed == SOURCE_SIZE_UNKNOWN)
		return SOURCE_SIZE_UNKNOWN;
	return e->packed < around ? 0 : e->packed - around;
}

/* Read the two bytes versions, two of size that precede LZMA.  [APPNOTE 5.8.8] */
static bool
skip_lzma_header(struct feed *in)
{
	uint8_t header[4];

	return feed_read(in, header, sizeof(header)) == sizeof(header) &&
	    header[2] == 5 && header[3] == 0;
}

static bool
open_lzma(struct zip_member *m, struct feed *in)
{
	if (skip_lzma_header(in))
		return codec_open_lzma(&m->codec, m->arena, in, m->max_memory);
	m->codec = (struct codec){ .in = in, .end = CODEC_CORRUPT };
	return false;
}

static bool
open_implode(struct zip_member *m, struct feed *in)
{
	unsigned flags = 0;

	/* General purpose bits 1 and 2.                     [APPNOTE 4.4.4] */
	if ((m->entry.flags & 2) != 0)
		flags |= IMPLODE_BIG_WINDOW;
	if ((m->entry.flags & 4) != 0)
		flags |= IMPLODE_LITERALS;
	return codec_open_implode(&m->codec, m->arena, in, flags);
}

/* Start the decoder of the member's method. */
static bool
open_codec(struct zip_member *m, struct feed *in)
{
	const struct zip_entry *e = &m->entry;
	struct codec *c = &m->codec;
	struct arena *a = m->arena;

	switch (e->method) {
	case ZIP_STORED:
		return codec_open_copy(c, in);
	case ZIP_SHRUNK:
		return codec_open_shrink(c, a, in);
	case ZIP_IMPLODED:
		return open_implode(m, in);
	case ZIP_DEFLATED:
		return codec_open_inflate(c, a, in);
	case ZIP_DEFLATE64:
		return codec_open_inflate64(c, a, in);
	case ZIP_BZIP2:
		return codec_open_bzip2(c, a, in);
	case ZIP_LZMA:
		return open_lzma(m, in);
	case ZIP_ZSTD_OLD:
	case ZIP_ZSTD:
		return codec_open_zstd(c, in, m->max_memory);
	case ZIP_XZ:
		return codec_open_xz(c, a, in, m->max_memory);
	case ZIP_PPMD:
		return zip_open_ppmd(c, a, in, input_size(e), e->size,
		    m->max_memory);
	default:
		return codec_open_reduce(c, a, in,
		    e->method - ZIP_REDUCED_1 + 1u);
	}
}

/* Lay decryption over the raw bytes, if there is any. */
static struct feed *
plain_feed(struct zip_member *m)
{
	if (m->aes != NULL && m->is_decrypted) {
		winzip_aes_start(m->aes, &m->raw.feed);
		return &m->aes->out;
	}
	if (m->crypto != NULL && m->is_decrypted) {
		zipcrypto_start(m->crypto, &m->raw.feed);
		return &m->crypto->out;
	}
	return &m->raw.feed;
}

/* Start reading at most size bytes of input. */
static bool
member_open(struct zip_member *m, uint64_t size)
{
	uint64_t lead = zip_member_lead(&m->entry);

	window_feed_init(&m->raw, m->window, m->entry.data + lead, size);
	m->is_open = true;
	m->crc = 0;
	m->done = 0;
	m->used = 0;
	m->end = FORMAT_CHILD;
	m->codec = (struct codec){ .in = &m->raw.feed, .end = CODEC_MORE };
	if (open_codec(m, plain_feed(m)))
		return true;
	m->end = end_of_codec(m->codec.end);
	return false;
}

void
zip_member_close(struct zip_member *m)
{
	if (m->is_open)
		codec_close(&m->codec);
	m->is_open = false;
}

/* --- passwords ---------------------------------------------------------- */

/* Decode up to the declared size, or as much as a probe may. */
static void
probe_read(struct zip_member *m)
{
	uint8_t buf[2048];

	while (m->done < PROBE_OUTPUT && m->done < m->entry.size) {
		uint64_t left = m->entry.size - m->done;
		size_t got = codec_read(&m->codec, buf,
		    left < sizeof(buf) ? (size_t)left : sizeof(buf));

		if (got == 0)
			return;
		m->crc = codec_crc32(m->crc, buf, got);
		m->done += got;
	}
}

/*
 * Decode the beginning; does it look like what was packed?  A wrong password
 * gives noise, which no decoder takes for long; stored bytes have nothing but
 * their CRC to show.  What is short is read to its end, and must have the
 * right CRC if is_strict.
 */
static bool
probe(struct zip_member *m, bool is_strict)
{
	uint64_t input = input_size(&m->entry);
	bool is_short = input <= PROBE_INPUT;
	size_t mark = arena_mark(m->arena);
	bool fits = false;

	if (member_open(m, is_short ? input : PROBE_INPUT)) {
		probe_read(m);
		fits = m->codec.end != CODEC_CORRUPT &&
		    m->codec.end != CODEC_UNSUPPORTED;
		if (is_short && is_strict)
			fits = m->done == m->entry.size &&
			    (m->crc == m->entry.crc ||
				m->crc == m->entry.other_crc);
	}
	zip_member_close(m);
	m->end = FORMAT_CHILD;
	arena_reset(m->arena, mark);
	return fits;
}

static bool
try_aes(struct zip_member *m, const struct cur *lead, const struct cur *word)
{
	size_t salt = winzip_aes_salt_size(m->entry.aes_strength);

	return winzip_aes_init(m->aes, m->entry.aes_strength, lead->base,
	    lead->base + salt, word->base, word->size);
}

static bool
try_crypto(struct zip_member *m, const struct cur *lead, const struct cur *word)
{
	const struct zip_entry *e = &m->entry;
	uint8_t check;

	zipcrypto_init(m->crypto, word->base, word->size);
	check = zipcrypto_header(m->crypto, lead->base);

	/* The time where the CRC was not known yet, by most writers. */
	return check == e->crc >> 24 || check == e->other_crc >> 24 ||
	    check == e->time >> 8;
}

/* Does this password open the member? */
static bool
try_password(struct zip_member *m, const struct cur *word, bool is_strict)
{
	uint64_t lead_size = zip_member_lead(&m->entry);
	struct zipcrypto keys;
	struct cur lead;

	if (!window_cur(m->window, m->entry.data, (size_t)lead_size, &lead))
		return false;
	if (m->entry.aes_strength != 0) {
		m->is_decrypted = try_aes(m, &lead, word);
		/* Two bytes agree, and the probe would spend the MAC. */
		return m->is_decrypted;
	}
	if (!try_crypto(m, &lead, word))
		return false;
	keys = *m->crypto;
	m->is_decrypted = true;
	m->is_decrypted = probe(m, is_strict);
	*m->crypto = keys;
	return m->is_decrypted;
}

/*
 * Is the bit that says "encrypted" a lie?  Some readers do not look at it, so
 * archives set it to keep others out.
 */
static bool
is_plain_after_all(struct zip_member *m)
{
	struct zip_entry was = m->entry;

	m->entry.flags &= (uint16_t)~ZIP_ENCRYPTED;
	if (m->entry.method == ZIP_STORED
		? m->entry.packed == m->entry.size && m->entry.size > 0
		: is_supported(m->entry.method) && probe(m, true))
		return true;
	m->entry = was;
	return false;
}

static bool
try_passwords(struct zip_member *m, const struct passwords *passwords,
    bool is_strict)
{
	size_t i;

	for (i = 0; i < passwords->count; i++)
		if (try_password(m, &passwords->word[i], is_strict))
			return true;
	return false;
}

static enum format_end
find_password(struct zip_member *m, const struct passwords *passwords)
{
	if ((m->entry.flags & (ZIP_STRONG | ZIP_MASKED)) != 0 ||
	    m->entry.method == ZIP_AES)
		return FORMAT_ENCRYPTED;
	if (m->entry.aes_strength != 0)
		m->aes = arena_alloc(m->arena, 1, sizeof(*m->aes));
	else
		m->crypto = arena_alloc(m->arena, 1, sizeof(*m->crypto));
	if (m->aes == NULL && m->crypto == NULL)
		return FORMAT_LIMIT;
	if (!is_supported(m->entry.method))
		return FORMAT_UNSUPPORTED;
	if (try_passwords(m, passwords, true))
		return FORMAT_WHOLE;
	if (m->entry.aes_strength != 0)
		return FORMAT_ENCRYPTED;
	return is_plain_after_all(m) || try_passwords(m, passwords, false)
	    ? FORMAT_WHOLE
	    : FORMAT_ENCRYPTED;
}

enum format_end
zip_member_init(struct zip_member *m, const struct zip_entry *e,
    const struct passwords *passwords)
{
	m->entry = *e;
	m->is_open = m->is_decrypted = false;
	m->aes = NULL;
	m->crypto = NULL;
	m->end = FORMAT_CHILD;
	m->used = 0;
	m->is_complete = false;
	if ((e->flags & ZIP_ENCRYPTED) != 0)
		return find_password(m, passwords);
	return is_supported(e->method) ? FORMAT_WHOLE : FORMAT_UNSUPPORTED;
}

/* --- reading ------------------------------------------------------------- */

/* Are these the CRC and size of what was read? */
static bool
is_declared(const struct zip_member *m, uint32_t crc, uint64_t size)
{
	return m->crc == crc && m->done == size;
}

/*
 * Compare with the data descriptor, which only has to be trusted when no
 * directory entry speaks for the member.                     [APPNOTE 4.3.9]
 */
static enum format_end
check_descriptor(struct zip_member *m)
{
	uint64_t at = m->entry.data + m->used + trail_of(&m->entry);
	uint64_t size;
	uint32_t crc;
	struct cur c;

	window_view(m->window, at, 24, &c);
	if (!cur_match(&c, "PK\7\10", 4) && cur_left(&c) == 0)
		return FORMAT_TRUNCATED;
	crc = cur_u32le(&c);
	(void)cur_u32le(&c);
	size = cur_u32le(&c);
	if (!cur_ok(&c))
		return FORMAT_TRUNCATED;
	if (m->entry.aes_version == 2)
		crc = m->crc;

	/* In the 64-bit form the low half stands four bytes later. */
	if (is_declared(m, crc, size) || is_declared(m, crc, cur_u32le(&c)))
		return FORMAT_WHOLE;
	return FORMAT_MALFORMED;
}

/* Is the authentication code behind the data the right one? */
static bool
is_authentic(struct zip_member *m)
{
	struct cur c;
	uint8_t byte;

	/* The decoder may not have needed the last bytes of its input. */
	while (feed_read(&m->aes->out, &byte, 1) == 1)
		;
	return window_cur(m->window, m->raw.off, WINZIP_AES_MAC_SIZE, &c) &&
	    winzip_aes_check(m->aes, c.base);
}

/* The decoder ended well: do the headers agree with what it gave? */
static enum format_end
check(struct zip_member *m)
{
	const struct zip_entry *e = &m->entry;

	if (m->is_decrypted && m->aes != NULL && !is_authentic(m))
		return FORMAT_MALFORMED;
	if (e->is_recovered && (e->flags & ZIP_DESCRIPTOR) != 0 && e->crc == 0)
		return check_descriptor(m);
	if (e->packed != SOURCE_SIZE_UNKNOWN &&
	    (m->used > e->packed || e->packed - m->used > SLACK))
		return FORMAT_MALFORMED;
	if (m->done != e->size && e->size != SOURCE_SIZE_UNKNOWN)
		return FORMAT_MALFORMED;
	if (e->aes_version == 2)
		return FORMAT_WHOLE;
	return m->crc == e->crc || m->crc == e->other_crc ? FORMAT_WHOLE
							  : FORMAT_MALFORMED;
}

/* Note how the member ended, once. */
static void
finish(struct zip_member *m, enum format_end end)
{
	const struct zip_entry *e = &m->entry;

	m->used = zip_member_lead(e) + codec_used(&m->codec);
	m->is_complete = end == FORMAT_WHOLE;

	/* All of the input was used, and all that was promised is there. */
	if (end == FORMAT_TRUNCATED && ending_of(e) == BY_SIZE &&
	    (e->size == SOURCE_SIZE_UNKNOWN || m->done >= e->size))
		end = FORMAT_WHOLE;

	/* What never had any input need not have a valid one. */
	if (m->done == 0 && e->size == 0 && e->packed == 0 &&
	    (e->flags & ZIP_DESCRIPTOR) == 0) {
		m->used = 0;
		m->end = FORMAT_WHOLE;
		return;
	}
	m->end = end == FORMAT_WHOLE ? check(m) : end;
}

/* Does a method without end mark end here? */
static bool
is_at_size(const struct zip_member *m)
{
	uint64_t left = window_feed_left(&m->raw);

	if (m->codec.in != &m->raw.feed)
		left += m->codec.in->left;
	return m->done == m->entry.size && left <= SLACK;
}

/* How much input the member may have. */
static uint64_t
input_limit(const struct zip_entry *e)
{
	/* Zstandard reads on where another frame may follow. */
	bool may_follow = e->method == ZIP_ZSTD || e->method == ZIP_ZSTD_OLD;

	if (ending_of(e) == BY_ITSELF && (e->flags & ZIP_ENCRYPTED) == 0 &&
	    !(may_follow && e->packed > 0))
		return SOURCE_SIZE_UNKNOWN;
	return input_size(e);
}

size_t
zip_member_read(struct zip_member *m, void *buf, size_t size,
    enum format_end *end)
{
	bool by_size = ending_of(&m->entry) == BY_SIZE;
	uint64_t left;
	size_t got = 0;

	if (m->end == FORMAT_CHILD && !m->is_open &&
	    !member_open(m, input_limit(&m->entry)))
		finish(m, m->end);
	if (m->end == FORMAT_CHILD) {
		left = m->entry.size > m->done ? m->entry.size - m->done : 0;

		/* Stop at the declared size, to see whether it is a lie. */
		if (by_size && left > 0 && left < size)
			size = (size_t)left;
		if (by_size && m->done > 0 && is_at_size(m))
			finish(m, FORMAT_WHOLE);
		else
			got = codec_read(&m->codec, buf, size);
		m->crc = codec_crc32(m->crc, buf, got);
		m->done += got;
		if (got == 0 && m->end == FORMAT_CHILD)
			finish(m, end_of_codec(m->codec.end));
	}
	if (got == 0)
		*end = m->end;
	return got;
}
