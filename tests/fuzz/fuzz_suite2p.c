/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A Suite2p folder, pickles included. */
#include "reader.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  /* The order is part of the corpus: append only. */
  static const char *const names[] = {"F.npy",        "Fneu.npy",    "spks.npy",
                                      "iscell.npy",   "redcell.npy", "ops.npy",
                                      "settings.npy", "stat.npy",    NULL};
  return fuzz_folder("suite2p", names, "", data, size);
}
