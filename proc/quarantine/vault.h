/*
 * vault.h - the folder that holds what is in quarantine.
 *
 *     identity        the key, as the age tool reads it (mode 0600)
 *     lock            held while one of us works here
 *     ID.age          the sealed bytes of a file (lib/crypto/age.h)
 *     ID.held         what is written down about it (held.h)
 *     *.part          what was being written when the power went
 *
 * A file is here once its .held is: that is written last and renamed into
 * place, after the .age was read back from the disk and compared.  Whoever
 * opens the vault clears away what was left half done.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_QUARANTINE_VAULT_H
#define CANDOR_PROC_QUARANTINE_VAULT_H

#include "lib/base/why.h"
#include "lib/crypto/age.h"
#include "proc/quarantine/held.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VAULT_NAME_MAX (HELD_ID + 16u) /* of a file in it */

struct vault {
	int folder, lock; /* descriptors, or -1 */
	uint8_t identity[AGE_KEY], recipient[AGE_KEY];

	/* Called now and then while a file is sealed or read back; or NULL. */
	void (*alive)(void *ctx);
	void *alive_ctx;
};

/* Where it is unless something else was asked for: for root the machine's,
   else the user's own.  To be freed; NULL without memory or home. */
char *vault_default_path(void);

/*
 * Open the vault and wait for its lock; with create, make it if it is not
 * there.  The folder must belong to us alone.  False and why otherwise.
 */
bool vault_open(const char *path, bool create, struct vault *out,
    struct why *why);
void vault_close(struct vault *v);

/* Let others in for a while, and wait for our turn again. */
void vault_unlock(const struct vault *v);
bool vault_lock(const struct vault *v);

/* Write "ID" and the ending to out. */
void vault_name(const char *id, const char *ending, char out[VAULT_NAME_MAX]);

/* An ID that nothing in it has. */
bool vault_new_id(const struct vault *v, char id[HELD_ID + 1], struct why *why);

/* Sorted IDs of everything held; how many.  To be freed. */
size_t vault_list(const struct vault *v, char (**ids)[HELD_ID + 1]);

/*
 * The one ID that begins so; false and why if there is none, or several.
 */
bool vault_find(const struct vault *v, const char *begin, char id[HELD_ID + 1],
    struct why *why);

/* Read what is written down; free it with held_free() either way. */
bool vault_read(const struct vault *v, const char *id, struct held *out,
    struct why *why);

/* Write it down, durably; replaces what was there. */
bool vault_write(const struct vault *v, const struct held *h, struct why *why);

/* Forget a file: its record first, so that no half of it is ever listed. */
bool vault_delete(const struct vault *v, const char *id, struct why *why);

/*
 * Delete what is older than a time (0: nothing is), then the oldest until no
 * more than most bytes are held (0: any number), but for what is younger than
 * another time (0: nothing is).  What cannot be read is left for a person to
 * decide.  Tells of each that is gone; out is what is left.  False and why if
 * something could not be deleted; then nothing more is.
 */
typedef void (*vault_gone_fn)(void *ctx, const struct held *h, bool is_old);
struct vault_wish {
	int64_t before; /* seconds since 1970 */
	uint64_t most;
	int64_t young; /* what is from then on does not go to make room */
	vault_gone_fn gone;
	void *ctx;
};
struct vault_totals {
	size_t count;
	uint64_t bytes;
};
bool vault_purge(const struct vault *v, const struct vault_wish *wish,
    struct vault_totals *out, struct why *why);

/* Write down another time for each of which that says so; false and why if one
   could not be written (the others are). */
typedef bool (*vault_date_fn)(void *ctx, int64_t *time);
bool vault_date(const struct vault *v, vault_date_fn date, void *ctx,
    struct why *why);

/* Could size bytes more be held, by that wish?  Deletes nothing; false and why
   not. */
bool vault_has_room(const struct vault *v, const struct vault_wish *wish,
    uint64_t size, struct why *why);

/* Make what was renamed in it durable. */
bool vault_sync(const struct vault *v, struct why *why);

#endif
