/*
 * trusted_test.c - which disks stay in the machine, by a /sys of our own.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/trusted.h"

#include "tests/t.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static char base[4096];

/* Run one command line in the folder of the test. */
static void
shell(const char *line)
{
	t_eq(system(line), 0);
}

/* The disks of a machine: folders, what they say, and links by number. */
static const char machine[] =
    "set -e; mkdir -p n\n"
    "disk() { mkdir -p d/$2/slaves; echo $3 >d/$2/removable\n"
    "  echo $1 >d/$2/dev; ln -s ../d/$2 n/$1; }\n"
    "disk 8:0 pci/ata1/block/sda 0\n"
    "disk 8:16 pci/usb2/2-1/block/sdb 0\n"
    "disk 8:32 pci/ata2/block/sdc 1\n"
    "disk 7:0 virtual/block/loop0 0\n"
    "disk 43:0 virtual/block/nbd0 0\n"
    "disk 254:0 virtual/block/dm-0 0\n"
    "disk 254:1 virtual/block/dm-1 0\n"
    "disk 254:2 virtual/block/dm-2 0\n"
    "disk 254:3 virtual/block/dm-3 0\n"
    "mkdir d/pci/ata1/block/sda/sda1\n"
    "ln -s ../d/pci/ata1/block/sda/sda1 n/8:1\n"
    "mkdir d/pci/ata3; mkdir d/pci/ata3/sdd; ln -s ../d/pci/ata3/sdd n/8:48\n"
    "cd d/virtual/block\n"
    "ln -s ../../../../pci/ata1/block/sda dm-0/slaves/\n"
    "ln -s ../../dm-0 dm-1/slaves/\n"
    "ln -s ../../dm-1 dm-2/slaves/\n"
    "ln -s ../../../../pci/usb2/2-1/block/sdb dm-2/slaves/\n"
    "ln -s ../../dm-3 dm-3/slaves/\n";

static int
set_up(void **state)
{
	const char *tmp = getenv("TMPDIR");

	(void)state;
	snprintf(base, sizeof(base), "%s/trusted_test.XXXXXX",
	    tmp != NULL ? tmp : "/tmp");
	if (mkdtemp(base) == NULL || chdir(base) == -1)
		return -1;
	shell(machine);
	return 0;
}

static int
tear_down(void **state)
{
	static char command[8192];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", base);
	return chdir("/") == 0 ? system(command) : -1;
}

static void
test_only_disks_that_stay_are_fixed(void **state)
{
	static const struct {
		unsigned major, minor;
		bool is_fixed;
	} row[] = {
		{ 8, 0, true },    /* a disk */
		{ 8, 1, true },    /* its partition */
		{ 8, 16, false },  /* by USB, whatever it says */
		{ 8, 32, false },  /* says it can be taken out */
		{ 8, 48, false },  /* does not say */
		{ 7, 0, false },   /* an image */
		{ 43, 0, false },  /* over the network */
		{ 254, 0, true },  /* made of the disk */
		{ 254, 1, true },  /* made of that */
		{ 254, 2, false }, /* in part on USB */
		{ 254, 3, false }, /* made of itself */
		{ 9, 9, false },   /* not there */
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		t_eq(trusted_is_fixed("n", makedev(row[i].major, row[i].minor)),
		    row[i].is_fixed);
}

static void
test_kernel_and_memory_are_not_trusted(void **state)
{
	static const char *const path[] = { "/proc/version", "/sys", "/dev" };
	struct trusted out;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(path) / sizeof(path[0]); i++) {
		int fd = open(path[i], O_RDONLY | O_CLOEXEC);

		if (fd == -1)
			continue;
		assert_false(trusted_is(fd, &out));
		close(fd);
	}
	assert_false(trusted_is(-1, &out));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_disks_that_stay_are_fixed),
		cmocka_unit_test(test_kernel_and_memory_are_not_trusted),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
