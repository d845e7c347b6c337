/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An ALF folder of spikes. */
#include "reader.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  /* The order is part of the corpus: append only. */
  static const char *const names[] = {"spikes.times.npy", "spikes.clusters.npy",
                                      "clusters.metrics.csv", "clusters.depths.npy",
                                      NULL};
  return fuzz_folder("alf", names, "", data, size);
}
