/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Times one factorisation from a given start: prints processor seconds (which other work
 * on the machine disturbs least) and relative error after each sweep, tab-separated, as
 * the peers' script does. usage: bench_ntf X.npy INIT0.npy INIT1.npy INIT2.npy SWEEPS
 * THREADS f64|f32 */
#define _POSIX_C_SOURCE 200809L
#include <neuraxis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static nax_ctx *ctx;
static double started;

static double
seconds(void)
{
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void
must(nax_status s)
{
  if (s != NAX_OK) {
    fprintf(stderr, "bench_ntf: %s\n", nax_ctx_error(ctx));
    exit(1);
  }
}

static nax_array *
load(const char *path, const char *axes, nax_dtype dtype)
{
  nax_source_opts o = NAX_SOURCE_OPTS_INIT;
  nax_source *s = NULL;
  nax_array *a = NULL;
  o.axes = axes;
  must(nax_source_open(ctx, path, &o, &s));
  must(nax_source_load_array(ctx, s, 0, dtype, &a));
  nax_source_close(s);
  return a;
}

static int
print_sweep(const nax_progress *p, void *user)
{
  int64_t *last = user;
  if (p->iter > 0 && p->iter != *last && strcmp(p->stage, "ntf/sweep") == 0) {
    printf("%.6f\t%.12g\n", seconds() - started, p->objective);
    *last = p->iter;
  }
  return 0;
}

int
main(int argc, char **argv)
{
  if (argc != 8) {
    fprintf(stderr, "usage: bench_ntf X.npy INIT0.npy INIT1.npy INIT2.npy SWEEPS THREADS "
                    "f64|f32\n");
    return 2;
  }
  must(nax_ctx_create(&ctx));
  must(nax_ctx_set_threads(ctx, atoi(argv[6])));
  nax_dtype dtype = strcmp(argv[7], "f32") == 0 ? NAX_F32 : NAX_F64;
  nax_array *x = load(argv[1], "neuron,time,trial", dtype), *f[3];
  nax_view view = nax_array_view(x), init[3];
  nax_ntf_opts o = NAX_NTF_OPTS_INIT;
  nax_ntf *m = NULL;
  for (int k = 0; k < 3; k++) {
    f[k] = load(argv[2 + k], "a,b", NAX_F64);
    init[k] = nax_array_view(f[k]);
  }
  o.rank = init[0].dim[1];
  o.max_iter = atoi(argv[5]);
  o.tol = 0.0;
  int64_t last = 0;
  nax_ctx_set_progress(ctx, print_sweep, &last, 0.0);
  started = seconds();
  must(nax_ntf_fit(ctx, &view, init, &o, &m));
  nax_ntf_free(m);
  for (int k = 0; k < 3; k++) {
    nax_array_free(f[k]);
  }
  nax_array_free(x);
  nax_ctx_free(ctx);
  return 0;
}
