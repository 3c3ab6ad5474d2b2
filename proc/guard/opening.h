/*
 * opening.h - what does a process open a file for?
 *
 * The kernel does not say it with the event.  But who asks hangs in his system
 * call until he is answered, and /proc tells which one that is and with what
 * arguments.  Who opens to write only can read nothing of the file, nor
 * execute it: whoever wants to must open it again.
 *
 * That is so of system calls only.  What was given to io_uring(7) before is
 * opened at the end of any other call, whose arguments /proc then tells; and
 * whether a process has a ring, nothing tells.  So only those are believed who
 * could switch the guard off as well (root, on
 * the machine itself).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_GUARD_OPENING_H
#define CANDOR_PROC_GUARD_OPENING_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Is it certain that the process, root's, which hangs in opening a file, opens
 * it to write only?  proc is open at /proc.  Never of one with several threads: the
 * event does not say which of them it is.
 */
bool opening_is_to_write(int proc, uint32_t pid);

/* Could it switch the guard off: root, with CAP_SYS_ADMIN? */
bool opening_is_by_root(int proc, uint32_t pid);

/* Is it certain that it has no other threads? */
bool opening_is_by_one_thread(int proc, uint32_t pid);

/* Is it to write only, by what /proc/PID/syscall says? */
bool opening_call_is_to_write(const char *text);

#endif
