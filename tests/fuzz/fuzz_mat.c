/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A MATLAB file of any level. */
#include "reader.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  return fuzz_file("mat", data, size);
}
