/*
 * modes.h - what candor-compile can do besides compiling, for candor update.
 *
 * The same program, because it has the readers; the same cage; other orders
 * (proc/feed/order.h).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_COMPILER_MODES_H
#define CANDOR_PROC_COMPILER_MODES_H

/* Descriptor 4 is a compiled database: look at every record of it, and say in
   an END whether all is well. */
_Noreturn void sweep_run(void);

/* Verify a ClamAV container, bring it to a later version with differences. */
_Noreturn void container_run(void);

#endif
