/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A Phy or Kilosort folder. */
#include "reader.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  /* The order is part of the corpus: append only. */
  static const char *const names[] = {
      "spike_times.npy",  "spike_clusters.npy", "spike_templates.npy",
      "params.py",        "cluster_group.tsv",  "cluster_KSLabel.tsv",
      "cluster_info.tsv", "amplitudes.npy",     NULL};
  return fuzz_folder("phy", names, "", data, size);
}
