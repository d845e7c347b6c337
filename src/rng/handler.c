/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rng_i.h"
#include <gsl/gsl_errno.h>
#include <gsl/gsl_version.h>
#include <pthread.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;

/* GSL knows its default handler as NULL; anything else belongs to the host. */
static void
replace_default(void)
{
  gsl_error_handler_t *host = gsl_set_error_handler_off();
  if (host != NULL) {
    gsl_set_error_handler(host);
  }
}

void
nax_i_gsl_begin(void)
{
  pthread_once(&once, replace_default);
}

const char *
nax_i_version_gsl(void)
{
  return gsl_version;
}
