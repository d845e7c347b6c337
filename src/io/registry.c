/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of readers. A new format: one file, one line in each of the two lists here
 * (see CONTRIBUTING.md). */
#include "io_i.h"

extern const nax_i_format nax_i_format_alf;
extern const nax_i_format nax_i_format_brainvision;
extern const nax_i_format nax_i_format_caiman;
extern const nax_i_format nax_i_format_csv;
extern const nax_i_format nax_i_format_edf;
extern const nax_i_format nax_i_format_hdf5;
extern const nax_i_format nax_i_format_mat;
extern const nax_i_format nax_i_format_mclust;
extern const nax_i_format nax_i_format_native;
extern const nax_i_format nax_i_format_netcdf;
extern const nax_i_format nax_i_format_neurosuite;
extern const nax_i_format nax_i_format_npy;
extern const nax_i_format nax_i_format_npz;
extern const nax_i_format nax_i_format_nwb;
extern const nax_i_format nax_i_format_phy;
extern const nax_i_format nax_i_format_suite2p;

/* One line each, so that readers can be added side by side. */
/* clang-format off */
const nax_i_format *const nax_i_formats[] = {
    &nax_i_format_native,
    &nax_i_format_nwb,
    &nax_i_format_caiman,
    &nax_i_format_mat,
    &nax_i_format_edf,
    &nax_i_format_netcdf,
    &nax_i_format_hdf5,
    &nax_i_format_suite2p,
    &nax_i_format_phy,
    &nax_i_format_alf,
    &nax_i_format_npy,
    &nax_i_format_npz,
    &nax_i_format_brainvision,
    &nax_i_format_mclust,
    &nax_i_format_neurosuite,
    &nax_i_format_csv,
    NULL,
};
/* clang-format on */

const int32_t nax_i_n_formats =
    (int32_t)(sizeof nax_i_formats / sizeof nax_i_formats[0]) - 1;

int32_t
nax_n_formats(void)
{
  return nax_i_n_formats;
}

void
nax_format_info(int32_t i, const char **name, const char **description)
{
  int known = i >= 0 && i < nax_i_n_formats;
  *name = known ? nax_i_formats[i]->name : NULL;
  *description = known ? nax_i_formats[i]->description : NULL;
}
