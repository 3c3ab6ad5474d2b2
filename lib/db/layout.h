/*
 * layout.h - the bytes of a compiled database, described once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_DB_LAYOUT_H
#define CANDOR_DB_LAYOUT_H
#endif
