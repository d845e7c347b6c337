/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A text table. */
#include "reader.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  return fuzz_file("csv", data, size);
}
