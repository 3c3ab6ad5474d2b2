/*
 * stage.h - victims for attacks, and observers who notice.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_SELFTEST_STAGE_H
#define CANDOR_CMD_SELFTEST_STAGE_H

#include <sys/stat.h>
#include <sys/types.h>
#include <sys/un.h>

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

#define STAGE_SECRET_SIZE 16

struct stage {
	char folder[64];  /* anybody may write in it */
	char own[96];     /* a file that belongs to the attacker */
	char created[96]; /* one the attacker may try to make */
	int file;         /* own, open for reading: what a worker is sent */
	struct stat was;  /* own, before the attack */
	int tcp, udp, abstract, named; /* listening */
	struct sockaddr_in tcp_address, udp_address;
	struct sockaddr_un abstract_address, named_address;
	socklen_t abstract_size;
	key_t shared; /* of shared memory; another one for each stage, because
	                 several may play at once */
	pid_t victim; /* a process of the attacker's user */
	char secret[STAGE_SECRET_SIZE]; /* at this address in the victim too */
};

bool stage_open(struct stage *s);
void stage_close(struct stage *s);

/* Put everything back as it should be before an attack. */
void stage_reset(struct stage *s);

/* What was noticed since, in a few words; "nothing" if nothing was. */
const char *stage_notice(struct stage *s);

#endif
