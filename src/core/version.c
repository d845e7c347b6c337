/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "core_i.h"
#include <neuraxis/version.h>

const char *
nax_version(void)
{
  return PACKAGE_VERSION;
}

static const char *
compiler(void)
{
#if defined(__clang__)
  return "clang " __clang_version__;
#elif defined(__GNUC__)
  return "gcc " __VERSION__;
#else
  return "unknown";
#endif
}

static const char *
openmp(void)
{
#ifdef _OPENMP
#define NAX_TEXT_(x) #x
#define NAX_TEXT(x)  NAX_TEXT_(x)
  return NAX_TEXT(_OPENMP);
#else
  return "not used";
#endif
}

/* Each linked library answers from the one file that includes its header. One line each.
 */
/* clang-format off */
static const struct {
  const char *name;
  const char *(*version)(void);
} parts[] = {
    {"compiler", compiler},
    {"OpenMP", openmp},
    {"BLAS", nax_linalg_info},
    {"FFTW", nax_i_version_fftw},
    {"GSL", nax_i_version_gsl},
    {"netCDF", nax_i_version_netcdf},
    {"HDF5", nax_i_version_hdf5},
    {"matio", nax_i_version_matio},
    {"libzip", nax_i_version_libzip},
    {"libpng", nax_i_version_libpng},
    {"EDFlib", nax_i_version_edflib},
    {"nettle", nax_i_version_nettle},
};
/* clang-format on */

int32_t
nax_n_build_info(void)
{
  return (int32_t)(sizeof parts / sizeof parts[0]);
}

void
nax_build_info(int32_t i, const char **name, const char **version)
{
  int known = i >= 0 && i < nax_n_build_info();
  *name = known ? parts[i].name : NULL;
  *version = known ? parts[i].version() : NULL;
}
