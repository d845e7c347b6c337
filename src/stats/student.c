/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tails of Student's t, as small as they are: never by subtraction from 1. */
#include "stats_i.h"
#include "rng/rng_i.h"
#include <gsl/gsl_cdf.h>
#include <math.h>

double
nax_i_student_upper(double t, double dof)
{
  nax_i_gsl_begin();
  return isnan(t) || !(dof > 0.0) ? (double)NAN : gsl_cdf_tdist_Q(t, dof);
}

double
nax_i_student_quantile(double q, double dof)
{
  nax_i_gsl_begin();
  return q > 0.0 && q < 1.0 && dof > 0.0 ? gsl_cdf_tdist_Qinv(q, dof) : (double)NAN;
}

double
nax_i_normal_quantile(double p)
{
  return p > 0.0 && p < 1.0 ? gsl_cdf_ugaussian_Pinv(p) : (double)NAN;
}
