/* SPDX-License-Identifier: GPL-3.0-or-later */
/* NWB 2, which is HDF5 inside. */
#include "reader.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  return fuzz_file("nwb", data, size);
}
