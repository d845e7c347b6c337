/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A Neurosuite sorting. */
#include "reader.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  /* The order is part of the corpus: append only. */
  static const char *const names[] = {"x.res.1", "x.clu.1", "x.res.2",
                                      "x.clu.2", "x.xml",   NULL};
  return fuzz_folder("neurosuite", names, "", data, size);
}
