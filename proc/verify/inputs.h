/*
 * inputs.h - what candor-verify is given: the a of an INPUT.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_VERIFY_INPUTS_H
#define CANDOR_PROC_VERIFY_INPUTS_H

enum verify_input {
	VERIFY_ANCHOR, /* the root note the administrator trusts */
	VERIFY_ROOTS,  /* of the mirror: all roots */
	VERIFY_LATEST, /* of the mirror: release, proof, ladder */
	VERIFY_LEAVES, /* of the mirror: tiles of level 0, if asked for */
	VERIFY_STATE,  /* ours; or nothing */
	VERIFY_INPUTS
};

/* The same of "candor-verify delta". */
enum verify_delta_input {
	VERIFY_OLD,   /* the file that is installed */
	VERIFY_DELTA, /* lib/trust/delta.h */
	VERIFY_DELTA_INPUTS
};

#endif
