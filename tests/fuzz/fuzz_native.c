/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Our own NetCDF-4 files. */
#include "reader.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  return fuzz_file("neuraxis", data, size);
}
