/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A labelled array: 3 neurons, 5 time points at 10 Hz, and a view of a part of it. */
#include <neuraxis.h>
#include <stdio.h>

int
main(void)
{
  nax_ctx *ctx = NULL;
  nax_axis *neuron = NULL, *time = NULL;
  nax_array *a = NULL;
  const char *labels[3] = {"AVAL", "AVAR", "RIML"};
  int rc = 1;

  if (nax_ctx_create(&ctx) != NAX_OK) {
    return 1;
  }
  if (nax_axis_create_labels(ctx, "neuron", 3, labels, &neuron) != NAX_OK ||
      nax_axis_create_regular(ctx, "time", "s", 5, 0.0, 10.0, &time) != NAX_OK) {
    goto done;
  }
  const nax_axis *axes[2] = {neuron, time};
  if (nax_array_create(ctx, NAX_F64, 2, axes, "dF/F", &a) != NAX_OK) {
    goto done;
  }

  /* Column-major: the neurons of one time point lie side by side. */
  double *x = nax_array_data_mut(a);
  for (int t = 0; t < 5; t++) {
    for (int n = 0; n < 3; n++) {
      x[t * 3 + n] = n + 0.1 * t;
    }
  }

  /* From 0.2 s on, without a copy. */
  nax_view whole = nax_array_view(a), part;
  nax_index from = nax_axis_lower_bound(time, 0.2);
  if (nax_view_slice(ctx, &whole, 1, from, 5, 1, &part) != NAX_OK) {
    goto done;
  }
  for (nax_index n = 0; n < part.dim[0]; n++) {
    printf("%s", nax_axis_label(neuron, n));
    for (nax_index t = 0; t < part.dim[1]; t++) {
      const nax_index at[2] = {n, t};
      printf("  %.1f s: %.1f", nax_axis_coord(time, from + t), nax_view_get(&part, at));
    }
    printf("\n");
  }
  rc = 0;
done:
  if (rc != 0) {
    fprintf(stderr, "%s\n", nax_ctx_error(ctx));
  }
  nax_array_free(a);
  nax_axis_free(time);
  nax_axis_free(neuron);
  nax_ctx_free(ctx);
  return rc;
}
