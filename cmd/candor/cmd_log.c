/*
 * cmd_log.c - candor log verify: check what a transparency log says.
 *
 * For anybody's log, not only candord's feeds: the formats are public (C2SP
 * signed-note, tlog-checkpoint, tlog-cosignature, tlog-tiles; RFC 6962).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/commands.h"

#include "cmd/candor/buf.h"
#include "cmd/candor/escape.h"
#include "cmd/candor/infile.h"
#include "cmd/candor/log_tiles.h"
#include "lib/base/base64.h"
#include "lib/base/hex.h"
#include "lib/trust/checkpoint.h"
#include "lib/trust/note.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Exit codes of this command: 0 it holds, 1 it does not, 64 wrong usage. */
#define EXIT_HOLDS    0
#define EXIT_DOES_NOT 1
#define ENTRY_MAX     ((size_t)64 << 20) /* bytes of a leaf's file */

struct config {
	struct words key;
	const char *index, *size, *leaf, *leaf_hash, *root, *old_size,
	    *old_root;
};

#define FIELD(name) offsetof(struct config, name)

static const struct option_row options[] = {
	{ "key", 0, OPTION_WORDS, FIELD(key), "VKEY", NULL, 0, 0,
	    "this key must have signed (note, tiles); may be given again: "
	    "then each must have" },
	{ "index", 0, OPTION_WORD, FIELD(index), "I", NULL, 0, 0,
	    "number of the entry, from 0 (inclusion)" },
	{ "size", 0, OPTION_WORD, FIELD(size), "N", NULL, 0, 0,
	    "entries of the log (inclusion, consistency)" },
	{ "leaf", 0, OPTION_WORD, FIELD(leaf), "FILE", NULL, 0, 0,
	    "the entry (inclusion)" },
	{ "leaf-hash", 0, OPTION_WORD, FIELD(leaf_hash), "HEX", NULL, 0, 0,
	    "or its hash" },
	{ "root", 0, OPTION_WORD, FIELD(root), "BASE64", NULL, 0, 0,
	    "hash of the log's root (inclusion, consistency)" },
	{ "old-size", 0, OPTION_WORD, FIELD(old_size), "N", NULL, 0, 0,
	    "entries there were (consistency)" },
	{ "old-root", 0, OPTION_WORD, FIELD(old_root), "BASE64", NULL, 0, 0,
	    "hash of the root there was (consistency)" },
};

/* Say why it does not hold. */
static int
does_not(const struct why *why)
{
	fputs("candor log verify: ", stderr);
	escape_text(stderr, why->text, strlen(why->text));
	if (why->kind == WHY_SYSTEM && why->err != 0)
		fprintf(stderr, ": %s", strerror(why->err));
	fputc('\n', stderr);
	return EXIT_DOES_NOT;
}

static struct cur
text_of(const char *word)
{
	return cur_from(word, strlen(word));
}

/* --- notes --------------------------------------------------------------- */

/* Keys of the command line; NULL after saying what is wrong with one. */
static struct vkey *
read_keys(const struct config *c)
{
	struct vkey *key = buf_alloc(c->key.count + 1, sizeof(*key));
	struct why why = { 0 };
	size_t i;

	for (i = 0; i < c->key.count; i++)
		if (!vkey_read(text_of(c->key.word[i]), &key[i], &why)) {
			does_not(&why);
			free(key);
			return NULL;
		}
	return key;
}

static bool
check_note(const struct config *c, const struct vkey *key, struct cur file,
    struct note *note, struct why *why)
{
	struct note_signature *said = buf_alloc(c->key.count, sizeof(*said));
	bool good = note_read(file, note, why) &&
	    note_verify(note, key, c->key.count, said, why);
	size_t i;

	for (i = 0; good && i < c->key.count; i++) {
		if (!said[i].is_there)
			good = why_not(why, WHY_FORGED, "%s has not signed it",
			    key[i].name);
		else if (key[i].type == VKEY_COSIGNATURE)
			printf("cosigned by %s at %" PRIu64 "\n", key[i].name,
			    said[i].time);
		else
			printf("signed by %s\n", key[i].name);
	}
	free(said);
	return good;
}

static int
verify_note(const struct command *self, const struct config *c, int count,
    char **word)
{
	struct buf file = { 0 };
	struct vkey *key;
	struct note note;
	struct why why = { 0 };
	int code = EXIT_DOES_NOT;

	if (count != 1 || c->key.count == 0)
		return options_complain(self,
		    "note wants --key VKEY and one FILE");
	key = read_keys(c);
	if (key == NULL)
		return EXIT_DOES_NOT;
	if (infile_read(AT_FDCWD, word[0], NOTE_MAX, &file, &why) &&
	    check_note(c, key, cur_from(file.bytes, file.size), &note, &why))
		code = EXIT_HOLDS;
	else
		code = does_not(&why);
	buf_free(&file);
	free(key);
	return code;
}

/* --- tiles ---------------------------------------------------------------- */

static bool
check_tiles(const struct config *c, const struct vkey *key, int folder,
    struct buf *file, struct why *why)
{
	struct checkpoint checkpoint;
	struct note note;

	if (!infile_read(folder, "checkpoint", NOTE_MAX, file, why) ||
	    !check_note(c, key, cur_from(file->bytes, file->size), &note,
		why) ||
	    !checkpoint_read(note.text, &checkpoint, why))
		return false;
	if (!log_tiles_check(folder, &checkpoint, why))
		return false;
	fputs("log ", stdout);
	escape_text(stdout, checkpoint.origin.base, checkpoint.origin.size);
	printf(": %" PRIu64 " %s, every tile and the root recomputed\n",
	    checkpoint.size, checkpoint.size == 1 ? "entry" : "entries");
	return true;
}

static int
verify_tiles(const struct command *self, const struct config *c, int count,
    char **word)
{
	struct buf file = { 0 };
	struct vkey *key;
	struct why why = { 0 };
	int folder, code;

	if (count != 1 || c->key.count == 0)
		return options_complain(self,
		    "tiles wants --key VKEY and one folder");
	key = read_keys(c);
	if (key == NULL)
		return EXIT_DOES_NOT;
	folder = open(word[0], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder == -1)
		(void)why_not(&why, WHY_SYSTEM, "%s", word[0]);
	code = folder != -1 && check_tiles(c, key, folder, &file, &why)
	    ? EXIT_HOLDS
	    : does_not(&why);
	if (folder != -1)
		close(folder);
	buf_free(&file);
	free(key);
	return code;
}

/* --- proofs --------------------------------------------------------------- */

/* Numbers and hashes that are not well formed: the proof does not hold. */
static bool
read_number(const char *name, const char *word, uint64_t *out, struct why *why)
{
	if (checkpoint_number(text_of(word), out))
		return true;
	return why_not(why, WHY_BROKEN, "%s: not a number of entries", name);
}

static bool
read_hash(const char *word, struct merkle_hash *out, struct why *why)
{
	size_t size;

	if (base64_read(text_of(word), out->bytes, MERKLE_HASH, &size) &&
	    size == MERKLE_HASH)
		return true;
	return why_not(why, WHY_BROKEN, "%.80s: not a hash in base64", word);
}

static bool
read_proof(int count, char **word, struct merkle_hash *out, struct why *why)
{
	int i;

	if (count > (int)MERKLE_PROOF_MAX)
		return why_not(why, WHY_BROKEN,
		    "no proof has more than %u hashes", MERKLE_PROOF_MAX);
	for (i = 0; i < count; i++)
		if (!read_hash(word[i], &out[i], why))
			return false;
	return true;
}

static bool
read_leaf_hash(const char *word, struct merkle_hash *out, struct why *why)
{
	return hex_read(text_of(word), out->bytes, MERKLE_HASH) ||
	    why_not(why, WHY_BROKEN, "--leaf-hash: not 64 hexadecimal digits");
}

static bool
read_leaf(const struct config *c, struct merkle_hash *out, struct why *why)
{
	struct buf entry = { 0 };
	bool good;

	if (c->leaf_hash != NULL)
		return read_leaf_hash(c->leaf_hash, out, why);
	good = infile_read(AT_FDCWD, c->leaf, ENTRY_MAX, &entry, why);
	if (good)
		merkle_leaf(entry.bytes != NULL ? entry.bytes : "", entry.size,
		    out);
	buf_free(&entry);
	return good;
}

static int
verify_inclusion(const struct command *self, const struct config *c, int count,
    char **word)
{
	struct merkle_hash leaf, root, proof[MERKLE_PROOF_MAX];
	uint64_t index, size;
	struct why why = { 0 };

	if (c->index == NULL || c->size == NULL || c->root == NULL ||
	    (c->leaf == NULL) == (c->leaf_hash == NULL))
		return options_complain(self,
		    "inclusion wants --index, --size, --root and one of "
		    "--leaf and --leaf-hash");
	if (!read_number("--index", c->index, &index, &why) ||
	    !read_number("--size", c->size, &size, &why) ||
	    !read_hash(c->root, &root, &why) || !read_leaf(c, &leaf, &why) ||
	    !read_proof(count, word, proof, &why))
		return does_not(&why);
	if (merkle_includes(index, size, &leaf, proof, (size_t)count, &root))
		return EXIT_HOLDS;
	(void)why_not(&why, WHY_FORGED,
	    "the proof does not show that the log holds this entry there");
	return does_not(&why);
}

static int
verify_consistency(const struct command *self, const struct config *c,
    int count, char **word)
{
	struct merkle_hash proof[MERKLE_PROOF_MAX];
	struct merkle_growth g;
	struct why why = { 0 };

	if (c->old_size == NULL || c->size == NULL || c->old_root == NULL ||
	    c->root == NULL)
		return options_complain(self,
		    "consistency wants --old-size, --size, --old-root and "
		    "--root");
	if (!read_number("--old-size", c->old_size, &g.old_size, &why) ||
	    !read_number("--size", c->size, &g.size, &why) ||
	    !read_hash(c->old_root, &g.old_root, &why) ||
	    !read_hash(c->root, &g.root, &why) ||
	    !read_proof(count, word, proof, &why))
		return does_not(&why);
	if (merkle_grows(&g, proof, (size_t)count))
		return EXIT_HOLDS;
	(void)why_not(&why, WHY_FORGED,
	    "the proof does not show that the log only grew");
	return does_not(&why);
}

/* --- the command ---------------------------------------------------------- */

static int
cmd_log_verify_run(const struct command *self, int argc, char **argv)
{
	static const struct {
		const char *what;
		int (*run)(const struct command *self, const struct config *c,
		    int count, char **word);
	} row[] = {
		{ "note", verify_note },
		{ "inclusion", verify_inclusion },
		{ "consistency", verify_consistency },
		{ "tiles", verify_tiles },
	};
	struct config c = { 0 };
	int rest = 0, code;
	enum options_end end = options_parse(self, &c, argc, argv, &rest);
	size_t i;

	if (end != OPTIONS_GO)
		return end == OPTIONS_DONE ? EXIT_CLEAN : EXIT_USAGE;
	for (i = 0; rest < argc && i < sizeof(row) / sizeof(row[0]); i++)
		if (strcmp(argv[rest], row[i].what) == 0) {
			code = row[i].run(self, &c, argc - rest - 1,
			    argv + rest + 1);
			options_free(self, &c);
			return fflush(stdout) == 0 ? code : EXIT_TROUBLE;
		}
	options_free(self, &c);
	return options_complain(self,
	    "what to verify: note, inclusion, consistency or tiles?");
}

const struct command log_verify_command = {
	.name = "log verify",
	.arguments = "WHAT [ARGUMENT]...",
	.summary = "Check a transparency log's notes, proofs and tiles",
	.details = "note FILE: a signed note or checkpoint. inclusion HASH...: "
		   "a proof that the log holds an entry. consistency HASH...: "
		   "a proof that it only grew. tiles FOLDER: a log on disk, "
		   "everything recomputed. Exit code: 0 it holds, 1 it does "
		   "not, 64 wrong usage.",
	.option = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = cmd_log_verify_run,
};
