/* SPDX-License-Identifier: GPL-3.0-or-later */
/* EDF, EDF+, BDF and BDF+. */
#include "reader.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  return fuzz_file("edf", data, size);
}
