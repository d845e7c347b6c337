/* SPDX-License-Identifier: GPL-3.0-or-later */
/* NetCDF, classic and NetCDF-4, native and foreign. */
#include "reader.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  return fuzz_file("netcdf", data, size);
}
