/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From fluorescence to responses: dF/F, trials around events, mean and standard error;
 * then which neurons go together, and where in frequency their power lies. */
#include <neuraxis.h>
#include <stdio.h>

/* Four neurons at 10 Hz for 60 s: two jump by half of their resting level for one second
 * after each event, two ride on a wave of 0.5 Hz, one of them not so smoothly. */
static nax_status
make_recording(nax_ctx *ctx, nax_array **out)
{
  nax_axis *axes[2] = {NULL, NULL};
  nax_status s = nax_axis_create_index(ctx, "neuron", 4, &axes[0]);
  if (s == NAX_OK) {
    s = nax_axis_create_regular(ctx, "time", "s", 600, 0.0, 10.0, &axes[1]);
  }
  if (s == NAX_OK) {
    s = nax_array_create(ctx, NAX_F64, 2, (const nax_axis *const *)axes, "au", out);
  }
  nax_axis_free(axes[0]);
  nax_axis_free(axes[1]);
  if (s == NAX_OK) {
    double *f = nax_array_data_mut(*out);
    for (int t = 0; t < 600; t++) {
      double response = t % 100 >= 50 && t % 100 < 60 ? 50.0 : 0.0;
      double wave = t % 20 < 10 ? t % 20 - 4.5 : 14.5 - t % 20;
      f[4 * t] = 100.0 + response;
      f[4 * t + 1] = 200.0 + 2.0 * response;
      f[4 * t + 2] = 100.0 + wave;
      f[4 * t + 3] = 150.0 + wave + t % 3;
    }
  }
  return s;
}

int
main(void)
{
  nax_ctx *ctx = NULL;
  nax_array *f = NULL, *dff = NULL, *trials = NULL, *mean = NULL, *r = NULL, *psd = NULL;
  const double events[5] = {5.0, 15.0, 25.0, 35.0, 45.0};
  nax_signal_dff_opts dff_opts = NAX_SIGNAL_DFF_OPTS_INIT;
  nax_signal_align_opts window = NAX_SIGNAL_ALIGN_OPTS_INIT;
  nax_index order[4];
  int rc = 1;

  dff_opts.baseline = NAX_BASELINE_PERCENTILE;
  window.start = -1.0;
  window.stop = 2.0;
  if (nax_ctx_create(&ctx) != NAX_OK || make_recording(ctx, &f) != NAX_OK ||
      nax_signal_dff(ctx, f, &dff_opts, &dff) != NAX_OK ||
      nax_signal_align(ctx, dff, 5, events, &window, &trials) != NAX_OK ||
      nax_signal_psth(ctx, trials, NULL, &mean) != NAX_OK ||
      nax_stats_correlation(ctx, dff, NULL, &r) != NAX_OK ||
      nax_stats_correlation_order(ctx, r, order, NULL) != NAX_OK ||
      nax_signal_welch(ctx, f, NULL, &psd) != NAX_OK) {
    fprintf(stderr, "%s\n", nax_ctx_error(ctx));
    goto done;
  }
  nax_view m = nax_array_view(mean), p = nax_array_view(psd);
  printf("%s of neuron 0 around %lld events\n", nax_array_unit(dff),
         (long long)nax_array_dim(trials, 2));
  for (nax_index t = 5; t < 25; t += 5) {
    const nax_index at[3] = {0, t, 0};
    printf("  %+.1f s: %.2f\n", nax_axis_coord(nax_array_axis(mean, 1), t),
           nax_view_get(&m, at));
  }
  printf("order by correlation: %d %d %d %d\n", (int)order[0], (int)order[1],
         (int)order[2], (int)order[3]);
  nax_index peak = 1;
  for (nax_index k = 1; k < p.dim[1]; k++) {
    const nax_index at[2] = {2, k}, best[2] = {2, peak};
    peak = nax_view_get(&p, at) > nax_view_get(&p, best) ? k : peak;
  }
  printf("power of neuron 2 peaks at %.1f Hz\n",
         nax_axis_coord(nax_array_axis(psd, 1), peak));
  rc = 0;
done:
  nax_array_free(f);
  nax_array_free(dff);
  nax_array_free(trials);
  nax_array_free(mean);
  nax_array_free(r);
  nax_array_free(psd);
  nax_ctx_free(ctx);
  return rc;
}
