/*
 * literal_peer.c - Hyperscan, fed with the same literals.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/bench/literal_peer.h"

#include <hs/hs.h>
#include <stdio.h>
#include <stdlib.h>

struct literal_peer {
	hs_database_t *db;
	hs_scratch_t *scratch;
};

static int
peer_hit(unsigned id, unsigned long long from, unsigned long long to,
    unsigned flags, void *ctx)
{
	(void)id;
	(void)from;
	(void)to;
	(void)flags;
	++*(size_t *)ctx;
	return 0;
}

struct literal_peer *
literal_peer_open(const struct literal_cut *cut)
{
	struct literal_peer *p = corpus_must(calloc(1, sizeof(*p)));
	const char **text = corpus_must(calloc(cut->count + 1, sizeof(*text)));
	size_t *size = corpus_must(calloc(cut->count + 1, sizeof(*size))), i;
	unsigned *flags = corpus_must(calloc(cut->count + 1, sizeof(*flags)));
	unsigned *ids = corpus_must(calloc(cut->count + 1, sizeof(*ids)));
	hs_compile_error_t *error = NULL;

	for (i = 0; i < cut->count; i++) {
		text[i] = (const char *)cut->literal[i].bytes;
		size[i] = cut->literal[i].size;
		ids[i] = (unsigned)i;
	}
	if (hs_compile_lit_multi(text, flags, ids, size, (unsigned)cut->count,
		HS_MODE_BLOCK, NULL, &p->db, &error) != HS_SUCCESS ||
	    hs_alloc_scratch(p->db, &p->scratch) != HS_SUCCESS) {
		fprintf(stderr, "bench: hyperscan: %s\n",
		    error != NULL ? error->message : "no scratch");
		exit(2);
	}
	free(text);
	free(size);
	free(ids);
	free(flags);
	return p;
}

double
literal_peer_scan(struct literal_peer *p, const uint8_t *bytes, size_t size)
{
	size_t found = 0;
	double from = bench_now();

	hs_scan(p->db, (const char *)bytes, (unsigned)size, 0, p->scratch,
	    peer_hit, &found);
	return bench_now() - from;
}

void
literal_peer_close(struct literal_peer *p)
{
	hs_free_scratch(p->scratch);
	hs_free_database(p->db);
	free(p);
}
