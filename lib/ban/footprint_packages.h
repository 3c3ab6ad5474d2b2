/*
 * footprint_packages.h - the packages in a package manager's own lists, and
 * in what it prints of them.
 *
 * Spec:    deb-control(5) and dpkg-query(1) of dpkg 1.21: /var/lib/dpkg/status
 *          is stanzas with Package, Status, Version, Maintainer; dpkg -l is
 *          lines "ii  name:arch  version …".  APK: lib/apk/db/installed is
 *          stanzas with P, V, m.  rpm(8): -qa prints name-version-release.arch.
 * Input:   hostile; read through struct cur only.  Linear; nothing is kept.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_BAN_FOOTPRINT_PACKAGES_H
#define CANDOR_BAN_FOOTPRINT_PACKAGES_H

#include "lib/base/cur.h"

#include <stdbool.h>

enum packages_form {
	PACKAGES_DPKG,   /* /var/lib/dpkg/status */
	PACKAGES_APK,    /* /lib/apk/db/installed */
	PACKAGES_DPKG_L, /* dpkg -l */
	PACKAGES_RPM_QA  /* rpm -qa */
};

struct packages_one {
	struct cur name, version, supplier; /* empty where not told */
	bool is_installed;                  /* whole or in part */
	bool is_left; /* removed, and its configuration was not */
};

/* Cut the next package off list; false at its end. */
MUST_CHECK bool packages_next(struct cur *list, enum packages_form form,
    struct packages_one *out);

/* Is this what dpkg -l prints (true), or else lines of rpm -qa? */
bool packages_is_dpkg_l(struct cur list);

#endif
