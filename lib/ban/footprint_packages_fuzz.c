/*
 * footprint_packages_fuzz.c - any list of packages, in every form.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/ban/footprint_packages.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct packages_one one;
	int form;

	for (form = PACKAGES_DPKG; form <= PACKAGES_RPM_QA; form++) {
		struct cur list = cur_from(data, size);
		size_t count = 0;

		while (packages_next(&list, (enum packages_form)form, &one)) {
			if (one.name.size == 0 || ++count > size ||
			    (one.is_installed && one.is_left))
				abort();
		}
	}
	(void)packages_is_dpkg_l(cur_from(data, size));
	return 0;
}
