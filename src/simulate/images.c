/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Behaviour as pictures: in every frame a hand-drawn-like figure (two bows, as of a 3,
 * written differently each time), turned by the first latent and scaled by a latent of
 * its own. The recipe is that of the simulations of Gondur et al. 2024, the figure is
 * ours. */
#include "simulate_i.h"
#include <math.h>

static const double pi = 3.14159265358979323846;

/* Standard deviations of the two latents in that recipe, degrees per unit of the first.
 */
static const double angle_sd = 0.54772255750516611, zoom_sd = 0.89442719099991588;

enum { POINTS = 15, FRAMES = 32 };

nax_status
nax_i_sim_plant_images(nax_ctx *ctx, nax_i_sim *s)
{
  nax_status status = NAX_OK;
  nax_rng *r = NULL;
  nax_index n = s->n_frames;
  if (s->o.images == 0) {
    return NAX_OK;
  }
  NAX_TRY_ALLOC(s->own, n, sizeof *s->own);
  NAX_TRY_ALLOC(s->angle, n, sizeof *s->angle);
  NAX_TRY_ALLOC(s->zoom, n, sizeof *s->zoom);
  NAX_TRY(nax_i_sim_rng(ctx, s, NAX_I_SIM_IMAGES, 0, &r));
  NAX_TRY(nax_i_sim_smooth_noise(ctx, r, n, s->o.timescale * s->rate, s->own));
  for (nax_index k = 0; k < n; k++) {
    s->angle[k] = 120.0 * angle_sd * s->latent[k];
    s->zoom[k] = fabs(1.0 + zoom_sd * s->own[k]);
  }
done:
  nax_rng_free(r);
  return status;
}

/* The figure as a polygon line, and half the width of its stroke, in units of half its
 * height. */
static double
write_figure(nax_rng *r, double x[POINTS], double y[POINTS])
{
  double slant = 0.2 * nax_rng_normal(r, 0.0, 1.0);
  double width = 0.8 * exp(0.12 * nax_rng_normal(r, 0.0, 1.0));
  double upper = 0.46 + 0.04 * nax_rng_normal(r, 0.0, 1.0), lower = 1.0 - upper;
  double open = 0.25 * nax_rng_uniform(r), stroke = 0.13 + 0.06 * nax_rng_uniform(r);
  double dx = 0.05 * nax_rng_normal(r, 0.0, 1.0), dy = 0.05 * nax_rng_normal(r, 0.0, 1.0);
  for (int i = 0; i < POINTS; i++) {
    int half = POINTS / 2;
    int below = i > half;
    double along = below ? (double)(i - half) / half : (double)i / half;
    double radius = below ? lower : upper, centre = below ? 1.0 - lower : upper - 1.0;
    double from = below ? -0.5 * pi : -(0.85 - open) * pi;
    double to = below ? (0.85 - open) * pi : 0.5 * pi;
    double angle = from + (to - from) * along;
    x[i] = width * radius * cos(angle) * 1.1 - 0.1;
    y[i] = centre + radius * sin(angle);
    x[i] += slant * y[i] + dx;
    y[i] += dy;
  }
  return stroke;
}

static double
distance_to(double px, double py, double ax, double ay, double bx, double by)
{
  double ux = bx - ax, uy = by - ay, along = (px - ax) * ux + (py - ay) * uy;
  along /= ux * ux + uy * uy;
  along = along < 0.0 ? 0.0 : along > 1.0 ? 1.0 : along;
  return hypot(px - ax - along * ux, py - ay - along * uy);
}

typedef struct job {
  const nax_i_sim *s;
  float *pixel;
} job;

static void
draw(const nax_i_sim *s, nax_index k, nax_rng *r, float *pixel)
{
  nax_index side = s->o.images;
  double x[POINTS], y[POINTS], stroke = write_figure(r, x, y);
  double size = 0.27 * (double)side * s->zoom[k]; /* pixels per unit */
  double c = cos(s->angle[k] * pi / 180.0), w = sin(s->angle[k] * pi / 180.0);
  for (nax_index col = 0; col < side; col++) {
    for (nax_index row = 0; row < side; row++) {
      double u = (double)col - 0.5 * (double)(side - 1);
      double v = (double)row - 0.5 * (double)(side - 1), best = 1e9;
      for (int i = 0; i + 1 < POINTS; i++) {
        double d = distance_to(c * u + w * v, c * v - w * u, size * x[i], size * y[i],
                               size * x[i + 1], size * y[i + 1]);
        best = d < best ? d : best;
      }
      double ink = 0.5 + size * stroke - best;
      ink = ink < 0.0 ? 0.0 : ink > 1.0 ? 1.0 : ink;
      pixel[row + side * col] = s->lost[k] ? NAN : (float)ink;
    }
  }
}

static nax_status
some_frames(int64_t block, void *arg)
{
  nax_status status = NAX_OK;
  const job *j = arg;
  const nax_i_sim *s = j->s;
  nax_index side = s->o.images;
  nax_rng *r = NULL;
  for (nax_index k = block * FRAMES; k < (block + 1) * FRAMES && k < s->n_frames; k++) {
    NAX_TRY(nax_i_sim_rng(NULL, s, NAX_I_SIM_IMAGES, 1 + k, &r));
    draw(s, k, r, j->pixel + side * side * k);
    nax_rng_free(r);
    r = NULL;
  }
done:
  nax_rng_free(r);
  return status;
}

nax_status
nax_i_sim_images(nax_ctx *ctx, const nax_i_sim *s, float *pixel)
{
  return nax_i_parallel(ctx, NULL, nax_i_n_blocks(s->n_frames, FRAMES), some_frames,
                        &(job){s, pixel});
}
