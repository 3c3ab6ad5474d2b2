/*
 * layout.h - the bytes of a compiled database, described once.
 *
 * The compiler that writes (lib/compile/pack*.c) and the reader that maps
 * (db.c) both include this and nothing else describes it.  docs/database.md
 * tells the same at length.
 *
 * Integers are little-endian; offsets count bytes, from the start of the file
 * or, inside a section, from the section's start; there are no pointers.
 * Every section starts at a multiple of DB_ALIGN; bytes between are zero.
 *
 * Header, DB_HEADER_SIZE bytes:
 *
 *   offset  size  field
 *        0     8  magic           "CANDORDB"
 *        8     4  version         DB_VERSION
 *       12     4  sections        DB_SECTION_COUNT
 *       16     8  size            of the file, in bytes
 *       24    32  id              SHA-256 of the file with these 32 bytes zero
 *       56     8  built           seconds since 1970, or 0
 *       64     4  signatures
 *       68     4  hashes          detections by hash
 *       72     4  allows          allow-listed hashes
 *       76     4  body
 *       80     4  logical
 *       84     4  yara
 *       88     4  triggers        literals in the one-pass matcher
 *       92     4  untriggered     rules on the always list
 *       96    32  zero
 *      128        section table: one entry per section, in their order
 *
 * Section table entry, DB_ENTRY_SIZE bytes:
 *
 *        0     4  number          enum db_section
 *        4     4  record          bytes of one record (1: a heap of bytes)
 *        8     8  off             where it starts, from the start of the file
 *       16     8  size            bytes, a multiple of record
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_DB_LAYOUT_H
#define CANDOR_DB_LAYOUT_H

#define DB_MAGIC          "CANDORDB"
#define DB_MAGIC_SIZE     8u
#define DB_VERSION        7u
#define DB_HEADER_SIZE    128u
#define DB_ID_OFF         24u
#define DB_ID_SIZE        32u
#define DB_SIGNATURES_OFF 64u
#define DB_ENTRY_SIZE     24u
#define DB_ALIGN          64u

#define DB_NOTHING 0xffffffffu /* an index that means "none" */

/*
 * SECTION(tag, record): tag after DB_, bytes of one record.
 * TABLE(tag, columns): a packed table, rows of so many u32.
 *
 * A packed table is
 *
 *          0  4  rows
 *          4     block, for each DB_BLOCK rows; the last may have fewer
 *                   0  4  off    of its bits, from where the first's begin
 *                   4  4  least  of each column, the smallest value
 *                      1  bits   of each column, up to 32
 *                bits: of each row, column by column, what the value is above
 *                the least; the lowest bit of a byte comes first, and a
 *                block's first row begins a byte
 *             8  zero
 *
 * TEXT          heap: a text is u16 size and its bytes
 * HASH_NAME     table: names of the signatures that are hashes, in order.
 *                  0  text    where its family begins in TEXT
 *                  1  first
 *                  2  second
 *                  3  form    enum db_form
 * RULE_NAME     the same of those that are rules
 * RUN           signatures written one line after the other, (kind, input
 *               order); the last record has first = signatures, else zero
 *          0  4  first       signature
 *          4  4  line        of that in its file, from 1
 *          8  2  file        index of FILE
 *         10  1  kind        enum sig_kind
 *         11  1  flags       SIG_*
 * FILE          where signatures were written
 *          0  4  feed        text
 *          4  4  path        text
 * HASH_TABLE    one per kind of hash that occurs
 *          0  1  of          enum hash_of
 *          1  1  digest      enum digest_kind
 *          2  1  allow       0 or 1
 *          3  1  key         bytes of a digest that are kept
 *          4  4  width       bytes of a signature's number, 1 to 4
 *          8  8  rows        off in HASH_ROW
 *         16  4  count       of rows
 *         20  4  size_count
 *         24  8  sizes       first of size_count + 1 in HASH_SIZE
 *         32  8  zero
 * HASH_ROW      heap: rows sorted by size, then key, then signature; those of
 *               any size come last: key, signature
 * HASH_SIZE     table: sizes that occur, rising inside a hash table, and one
 *               row more, for any size
 *                  0  high    half of the size
 *                  1  low
 *                  2  first   number of the size's first row in its hash table
 * RULE          table: what is searched for; in the order of signatures, whose
 *               last they are
 *                  0  guard   index of GUARD + 1, or 0
 *                  1  string  first in STRING
 *                  2  strings how many
 *                  3  target  ClamAV target type; 0 any
 *                  4  program index of PROGRAM
 *                  5  handler enum kind + 1: look at the object once more as
 *                             one of that kind, DB_HANDLER_SAME as it is,
 *                             instead of telling; 0: tell
 * GUARD         what else must be true of an object
 *          0  1  has         bits: 1 size, 2 entry point, 4 sections, 8 never
 *                            holds (an icon of a group)
 *          1  1  depth       of intermediate, 0 to 16
 *          2  2  container   enum kind + 1; 0 any; 0xffff: has no parent
 *          4 32  intermediate  16 times enum kind + 1 or 0
 *         36  4  zero
 *         40 48  size_min size_max entry_min entry_max sections_min
 *                sections_max, u64 each
 * STRING        table: a string's patterns end where the next one's begin
 *                  0  pattern first in PATTERN; rising
 *                  1  name    text
 *                  2  overlaps  1: every start counts
 * PATTERN       table: one way to write a string; its parts end where the next
 *               one's begin
 *                  0  part    first in PART; rising
 *                  1  how     index of HOW
 * HOW           where patterns may start and how they compare, each once
 *          0  2  zero
 *          2  1  flags       1 nocase, 2 wide
 *          3  1  offset      enum db_offset
 *          4  4  section
 *          8  4  value
 *         12  4  max_shift
 * PART          table: bytes without variable gaps; see ELEMENT
 *                  0  element off in ELEMENT
 *                  1  shape   index of SHAPE
 * SHAPE         what parts have in common, each once
 *          0  4  gap_min     between the end of the part before and this
 *          4  4  gap_max     DB_NOTHING: any distance
 *          8  4  size        bytes of its elements
 *         12  4  literal     where in its elements are literal_size bytes
 *                            that every match has at distance; with
 *                            DB_LITERAL_SAME, where the element that points
 *                            to them is
 *         16  2  distance    from the part's start
 *         18  2  min         bytes a match has at least
 *         20  2  max         and at most; not above DB_PART_MAX
 *         22  1  literal_size  0: it has none
 *         23  1  rare        which byte of the literal is the rarest
 * ELEMENT       heap: see lib/db/element.h; bytes to compare with are veiled
 *               (veil.h)
 * PROGRAM       conditions; shared by rules that ask the same
 *          0  4  code        off in CODE
 *          4  4  size        bytes
 *          8  4  strings     a rule that uses it has at least so many
 *         12  4  zero
 * CODE          heap: see lib/eval/opcodes.def
 * LITERAL       heap: the one-pass matcher's, see lib/match/literal.h
 * LITERAL_SET   which of them are looked for in which objects; every target
 *               is in exactly one
 *          0  8  off         in LITERAL
 *          8  8  size
 *         16  4  targets     bit t: in objects of target t
 *         20  4  zero
 * TRIGGER_FIRST table: literal n's triggers are [first[n], first[n + 1])
 *                  0  first
 *                  1  size    bytes of the literal; 0: the last row, the end
 *                  2  often   how many 2^30 bytes of ordinary files have
 * TRIGGER       table: what an occurrence of a literal touches
 *                  0  rule
 *                  1  part    that holds the literal, + 1; 0: do not look
 *                             further, touch the rule
 *                  2  distance  of the literal from the part's start
 * ALWAYS_FIRST  u32: target t's rules without trigger are
 *               [first[t], first[t + 1]) of ALWAYS; DB_TARGETS + 1 of them
 * ALWAYS        table: rules without trigger
 *                  0  rule
 *                  1  why     enum db_always
 */
#define SECTION_TABLE            \
	SECTION(TEXT, 1)         \
	TABLE(HASH_NAME, 4)      \
	TABLE(RULE_NAME, 4)      \
	SECTION(RUN, 12)         \
	SECTION(FILE, 8)         \
	SECTION(HASH_TABLE, 40)  \
	SECTION(HASH_ROW, 1)     \
	TABLE(HASH_SIZE, 3)      \
	TABLE(RULE, 6)           \
	SECTION(GUARD, 88)       \
	TABLE(STRING, 3)         \
	TABLE(PATTERN, 2)        \
	SECTION(HOW, 16)         \
	TABLE(PART, 2)           \
	SECTION(SHAPE, 24)       \
	SECTION(ELEMENT, 1)      \
	SECTION(PROGRAM, 16)     \
	SECTION(CODE, 1)         \
	SECTION(LITERAL, 1)      \
	SECTION(LITERAL_SET, 24) \
	TABLE(TRIGGER_FIRST, 3)  \
	TABLE(TRIGGER, 3)        \
	SECTION(ALWAYS_FIRST, 4) \
	TABLE(ALWAYS, 2)

enum db_section {
#define SECTION(tag, record) DB_##tag,
#define TABLE(tag, columns)  DB_##tag,
	SECTION_TABLE
#undef TABLE
#undef SECTION
	    DB_SECTION_COUNT
};

/* How a name is put together: its text, then this. */
enum db_form {
	DB_FORM_PLAIN,
	DB_FORM_ONE, /* -first */
	DB_FORM_TWO, /* -first-second */
	DB_FORM_TAIL /* first, right behind the text */
};

/* Why a rule has no trigger. */
enum db_always {
	DB_ALWAYS_CONDITION, /* it can hold without any string */
	DB_ALWAYS_BYTES,     /* a string it needs has no fixed bytes */
	DB_ALWAYS_COMMON,    /* those it has are in too many files */
	DB_ALWAYS_TINY,      /* 2 or 3 bytes, and few rules have so few */
	DB_ALWAYS_KINDS
};

#define DB_BLOCK           64u /* rows of a packed table's block */
#define DB_COLUMNS_MAX     6u
#define DB_TABLE_TAIL      8u
#define DB_LITERAL_SAME    0x80000000u
#define DB_TARGETS         16u /* ClamAV target types 0 to 15 */
#define DB_PART_MAX        4096u
#define DB_INTERMEDIATES   16u
#define DB_CONTAINER_ROOT  0xffffu
#define DB_HASH_TABLES_MAX 18u /* of x digest x allow */
#define DB_HASH_KEY        16u /* of a digest kept for a detection */

#define DB_GUARD_SIZE     1u
#define DB_GUARD_ENTRY    2u
#define DB_GUARD_SECTIONS 4u
#define DB_GUARD_NEVER    8u

#define DB_HANDLER_SAME 0xffu

#define DB_PATTERN_NOCASE 1u
#define DB_PATTERN_WIDE   2u

/* Where a pattern may start; enum ir_offset_kind tells the meaning. */
enum db_offset {
	DB_OFFSET_ANY,
	DB_OFFSET_ABSOLUTE,
	DB_OFFSET_EOF_MINUS,
	DB_OFFSET_EP_PLUS,
	DB_OFFSET_EP_MINUS,
	DB_OFFSET_SECTION_PLUS,
	DB_OFFSET_LAST_SECTION_PLUS,
	DB_OFFSET_IN_SECTION,
	DB_OFFSET_VERSION_INFO,
	DB_OFFSET_KINDS
};

/*
 * The side file with source texts, "CANDORTX": header, then the texts of the
 * files, whole, one behind the other, veiled (veil.h) by where they stand, a
 * record for each FILE, and marks up to the end.
 *
 *        0     8  magic
 *        8     4  version         DB_VERSION
 *       12     4  files           as many as FILE has
 *       16     8  size            of the file, in bytes
 *       24    32  id              of the database it belongs to
 *       56     8  marks           how many
 *
 * A file's record, DB_TEXTS_FILE_SIZE bytes; offsets are from the start:
 *
 *        0     8  off             of its text
 *        8     8  size            of its text
 *       16     8  mark            the first of its marks
 *
 * A mark, u64: where in a file's text line 1, 1 + DB_TEXTS_LINES, … begins.
 */
#define DB_TEXTS_MAGIC       "CANDORTX"
#define DB_TEXTS_HEADER_SIZE 64u
#define DB_TEXTS_FILE_SIZE   24u
#define DB_TEXTS_LINES       256u

#endif
