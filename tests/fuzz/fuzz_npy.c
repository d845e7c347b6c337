/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One .npy file. */
#include "reader.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  return fuzz_file("npy", data, size);
}
