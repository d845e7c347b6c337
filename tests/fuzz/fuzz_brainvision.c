/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The three files of BrainVision. */
#include "reader.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  /* The order is part of the corpus: append only. */
  static const char *const names[] = {"test.vhdr", "test.vmrk", "test.eeg", NULL};
  return fuzz_folder("brainvision", names, "test.vhdr", data, size);
}
