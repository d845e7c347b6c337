/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A result of CaImAn. */
#include "reader.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  return fuzz_file("caiman", data, size);
}
