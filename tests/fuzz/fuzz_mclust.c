/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A folder of MClust spike files. */
#include "reader.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  /* The order is part of the corpus: append only. */
  static const char *const names[] = {"a_1.t", "a_2.t", "b_1.t64", "c_1._t", NULL};
  return fuzz_folder("mclust", names, "", data, size);
}
