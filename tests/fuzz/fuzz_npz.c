/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An archive of .npy files. */
#include "reader.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  return fuzz_file("npz", data, size);
}
