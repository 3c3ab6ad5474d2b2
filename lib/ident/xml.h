/*
 * xml.h - is the beginning of a file that of an office document in XML.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_IDENT_XML_H
#define CANDOR_IDENT_XML_H

#include "lib/base/cur.h"
#include "lib/formats/kind.h"

/* KIND_XML_WORD, KIND_XML_XL, KIND_XDP, or KIND_UNKNOWN. */
enum kind xml_guess(struct cur head);

#endif
