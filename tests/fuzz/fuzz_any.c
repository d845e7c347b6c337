/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recognising the format, and then whatever it is. */
#include "reader.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  return fuzz_file(NULL, data, size);
}
