/*
 * pe_packer.c - what an executable was packed or wrapped with.
 *
 * Spec:    none: each row says what the tool was seen to write, as lists of
 *          packers and the tools' own sources have long had it in public.
 * Input:   hostile; read through struct source and struct cur only.
 * Emits:   names only.  Nothing here is unpacked: the opener reports each as
 *          a part of the file that nobody looked into, because the program
 *          that will run is not the one whose bytes were searched.
 * Limits:  a look at the section names, 64 bytes at the entry point, and a
 *          comparison per byte of what the opener searches anyway.
 *
 * Rows are chosen so that no compiler or linker writes what they ask for: a
 * wrong one makes a clean program "unscanned".
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/formats/pe_packer.h"

#include <string.h>

#define ENTRY_BYTES    64u
#define INSTALLER_STEP 512u /* NSIS looks for its data at multiples of it */

struct packer_section {
	const char *section; /* padded with zeros to 8 bytes in the header */
	const char *name;
};

static const struct packer_section packer_sections[] = {
	{ "UPX0", "upx" }, /* the empty section it unpacks into */
	{ "UPX1", "upx" }, /* packed code; "UPX2" has imports only */
	{ ".aspack", "aspack" },
	{ ".ASPack", "aspack" },
	{ "ASPack", "aspack" },
	{ "FSG!", "fsg" },
	{ "MEW", "mew" }, /* and five more bytes of header or code */
	{ ".taz", "pespin" },
	{ ".petite", "petite" },
	{ ".Upack", "upack" },
	{ ".ByDwing", "upack" },                   /* its author */
	{ "PS\xff\xd5\xab\xeb\xe7\xc3", "upack" }, /* code as a name */
	{ ".WWP32", "wwpack32" },
	{ ".WWPACK", "wwpack32" },
	{ "yC", "yoda's crypter" },
	{ ".yC", "yoda's crypter" },
	{ "yP", "yoda's protector" },
	{ ".yP", "yoda's protector" },
	{ "nsp0", "nspack" }, /* and nsp1, nsp2 */
	{ "nsp1", "nspack" },
	{ ".nsp0", "nspack" },
	{ ".nsp1", "nspack" },
	{ ".MPRESS1", "mpress" },
	{ ".MPRESS2", "mpress" },
	{ "PEC2", "pecompact" },
	{ "PECompact2", "pecompact" }, /* cut to 8 bytes */
	{ "pec1", "pecompact" },
	{ ".themida", "themida" },
	{ ".Themida", "themida" },
	{ "Themida", "themida" },
	{ "Themida ", "themida" },
	{ "WinLicen", "winlicense" },
	{ ".winlice", "winlicense" },
	{ ".vmp0", "vmprotect" },
	{ ".vmp1", "vmprotect" },
	{ ".vmp2", "vmprotect" },
	{ ".enigma1", "enigma protector" },
	{ ".enigma2", "enigma protector" },
	{ ".RLPack", "rlpack" },
	{ ".spack", "simplepack" },
	{ ".perplex", "perplex" },
	{ ".shrink1", "shrinker" }, /* .shrink1 to .shrink3 */
	{ ".svkp", "svk protector" },
	{ ".sforce3", "starforce" },
	{ ".neolit", "neolite" },
	{ ".neolite", "neolite" },
	{ "pebundle", "pebundle" },
	{ "PELOCKnt", "pelock" },
	{ "PEPACK!!", "pe-pack" },
	{ "ProCrypt", "procrypt" },
	{ "!EPack", "epack" },
	{ ".ccg", "ccg" },
	{ "_BOX_", "molebox" },
	{ ".MaskPE", "maskpe" },
	{ ".tsustub", "tsu loader" }, /* installers by Tarma */
	{ ".tsuarch", "tsu loader" },
	{ ".WISE", "wise installer" },
};

/* Bytes in hexadecimal, with one space after each; ".." is any byte. */
struct packer_entry {
	const char *code;
	const char *name;
};

static const struct packer_entry packer_entries[] = {
	/* pushad; mov esi, packed; lea edi, [esi + n]; push edi */
	{ "60 be .. .. .. .. 8d be .. .. .. .. 57 ", "upx" },
	/* the same in a library: cmp byte [esp + 8], 1; jne */
	{ "80 7c 24 08 01 0f 85 .. .. .. .. 60 be .. .. .. .. 8d be ", "upx" },
	/* 64 bits: push rbx, rsi, rdi, rbp; lea rsi, packed; lea rdi */
	{ "53 56 57 55 48 8d 35 .. .. .. .. 48 8d be ", "upx" },
	/* pushad; call over a jump into itself; pop ebp; inc ebp */
	{ "60 e8 03 00 00 00 e9 eb 04 5d 45 55 c3 e8 01 ", "aspack" },
	/* xchg [stack], esp; popad; xchg eax, esp; push ebp (2.0) */
	{ "87 25 .. .. .. .. 61 94 55 a4 b6 80 ff 13 ", "fsg" },
	/* mov esi; lodsd; xchg ... (1.33) */
	{ "be .. .. .. .. ad 93 ad 97 ad 56 96 b2 80 a4 b6 80 ff 13 ", "fsg" },
	/* mov ebx, header; mov edi, first section; mov esi (1.3) */
	{ "bb d0 01 .. .. bf 00 10 .. .. be .. .. .. .. 53 ", "fsg" },
	/* jmp over a jmp; call into the next instruction, patched twice */
	{ "eb 01 68 60 e8 00 00 00 00 8b 1c 24 83 c3 12 81 2b ", "pespin" },
	/* mov eax; push handler; its frame; pushf, pushad */
	{ "b8 .. .. .. .. 68 .. .. .. .. 64 ff 35 00 00 00 00 64 89 25 00 00 "
	  "00 00 66 9c 60 50 ",
	    "petite" },
	/* mov esi; lodsd; push eax; push [esi + 34h]; jmp */
	{ "be .. .. .. .. ad 50 ff 76 34 eb ", "upack" },
	/* push ebx, ebp; mov ebp, eax; xor ebx, ebx; jmp over its name */
	{ "53 55 8b e8 33 db eb 60 ", "wwpack32" },
	/* frame; pushad; call $; pop ebp; sub ebp */
	{ "55 8b ec 53 56 57 60 e8 00 00 00 00 5d 81 ed ", "yoda's crypter" },
	/* mov eax, handler; push; "PECompact2" after the fault it makes */
	{ "b8 .. .. .. .. 50 64 ff 35 00 00 00 00 64 89 25 00 00 00 00 33 c0 "
	  "89 08 50 45 43 ",
	    "pecompact" },
	/* pushf; pushad; call $; pop ebp; sub or mov */
	{ "9c 60 e8 00 00 00 00 5d 83 ed 07 ", "nspack" },
	{ "9c 60 e8 00 00 00 00 5d b8 07 00 00 00 2b e8 ", "nspack" },
	/* pushad; call $; pop eax; add eax; mov esi, [eax]; add esi, eax */
	{ "60 e8 00 00 00 00 58 05 .. .. 00 00 8b 30 03 f0 ", "mpress" },
};

enum packer_place {
	PLACE_ANY,    /* in the resources or behind the image */
	PLACE_BEHIND, /* behind the image */
	PLACE_STEP    /* behind it, four bytes after a multiple of 512 */
};

struct packer_mark {
	const char *bytes;
	uint8_t size;
	enum packer_place place;
	const char *name;
};

#define MARK(text, place, name)                             \
	{                                                   \
		text, sizeof(text) - 1, PLACE_##place, name \
	}

static const struct packer_mark packer_marks[] = {
	/* firstheader of exehead/fileform.h, after its flags */
	MARK("\xef\xbe\xad\xdeNullsoftInst", STEP, "nsis installer"),
	/* before a compiled script, version 3 */
	MARK("\xa3\x48\x4b\xbe\x98\x6c\x4a\xa9\x99\x4c\x53\x0a\x86\xd6\x48\x7d",
	    ANY, "autoit script"),
	/* the loader's table of offsets, of every version since 1.2 */
	MARK("rDlPtS", ANY, "inno setup"),
	MARK("Inno Setup Setup Data (", BEHIND, "inno setup"),
	/* encoded files behind a table; 46 bytes of header */
	MARK("InstallShield\0", BEHIND, "installshield"),
	MARK("ISSetupStream\0", BEHIND, "installshield"),
	MARK("Smart Install Maker v", BEHIND, "smart install maker"),
	MARK("\xe0\xe1\xe2\xe3\xe4\xe5\xe6\xe7", BEHIND, "setup factory"),
	/* the cookie at the end of CArchive */
	MARK("MEI\x0c\x0b\x0a\x0b\x0e", BEHIND, "pyinstaller"),
};

static void
packers_note(struct pe_packers *packers, const char *name)
{
	uint32_t i;

	for (i = 0; i < packers->count; i++)
		if (strcmp(packers->name[i], name) == 0)
			return;
	if (packers->count < PE_PACKERS_MAX)
		packers->name[packers->count++] = name;
}

static bool
packer_is_section(const struct section *s, const char *name)
{
	size_t size = strlen(name);

	if (size >= sizeof(s->name))
		return memcmp(s->name, name, sizeof(s->name)) == 0;
	return memcmp(s->name, name, size) == 0 && s->name[size] == 0;
}

static void
packers_note_section(struct pe_packers *packers, const struct section *s)
{
	size_t i;

	for (i = 0; i < sizeof(packer_sections) / sizeof(packer_sections[0]);
	     i++)
		if (packer_is_section(s, packer_sections[i].section))
			packers_note(packers, packer_sections[i].name);
}

static uint8_t
packer_digit(char c)
{
	return (uint8_t)(c <= '9' ? c - '0' : c - 'a' + 10);
}

static bool
packer_is_code(struct cur in, const char *code)
{
	uint8_t c;

	for (; *code != '\0'; code += 3) {
		c = cur_u8(&in);
		if (*code != '.' &&
		    c != packer_digit(code[0]) * 16 + packer_digit(code[1]))
			return false;
	}
	return cur_ok(&in);
}

void
pe_packer_find(const struct pe *p, uint64_t entry, struct pe_packers *packers)
{
	size_t mark = arena_mark(p->arena);
	struct cur code;
	size_t i;

	for (i = 0; i < p->section_count; i++)
		packers_note_section(packers, &p->section[i]);
	source_cur_upto(p->source, p->arena, entry, ENTRY_BYTES, &code);
	for (i = 0; i < sizeof(packer_entries) / sizeof(packer_entries[0]); i++)
		if (packer_is_code(code, packer_entries[i].code))
			packers_note(packers, packer_entries[i].name);
	arena_reset(p->arena, mark);
}

bool
pe_packer_may_begin(uint8_t c)
{
	return c == 0xef || c == 0xa3 || c == 'r' || c == 'I' || c == 'S' ||
	    c == 0xe0 || c == 'M';
}

static bool
packer_is_there(const struct packer_mark *m, uint64_t off, uint64_t image_end)
{
	if (m->place == PLACE_ANY)
		return true;
	return off >= image_end &&
	    (m->place != PLACE_STEP || off % INSTALLER_STEP == 4);
}

void
pe_packer_note_mark(struct cur head, uint64_t image_end,
    struct pe_packers *packers)
{
	const struct packer_mark *m;
	size_t i;

	for (i = 0; i < sizeof(packer_marks) / sizeof(packer_marks[0]); i++) {
		m = &packer_marks[i];
		if (packer_is_there(m, cur_where(&head), image_end) &&
		    cur_match(&head, m->bytes, m->size))
			packers_note(packers, m->name);
	}
}
