/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HDF5 of unknown content. */
#include "reader.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  return fuzz_file("hdf5", data, size);
}
