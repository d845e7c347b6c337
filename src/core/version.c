/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include <neuraxis/version.h>

const char *
nax_version(void)
{
  return PACKAGE_VERSION;
}
