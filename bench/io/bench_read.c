/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes and reads a native file of a given size and prints seconds and MB/s: through the
 * library, block by block as streaming methods do, and through the bare netCDF library.
 * usage: bench_read write FILE MB | read FILE | stream FILE | netcdf FILE | spikes FILE
 */
#define _POSIX_C_SOURCE 200809L
#include <neuraxis.h>
#include <netcdf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { NEURONS = 1000 };

static double
now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Processor time tells on a busy machine what the clock does not. */
static double
cpu(void)
{
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void
check(nax_status s)
{
  if (s != NAX_OK) {
    fprintf(stderr, "%s: %s\n", nax_status_name(s), nax_ctx_error(NULL));
    exit(1);
  }
}

static void
result(const char *what, double bytes, double seconds)
{
  printf("%s\t%.3f\t%.0f\t%.3f\n", what, seconds, bytes / 1e6 / seconds, cpu());
}

static void
write_file(const char *path, double mb)
{
  nax_dataset *d = NULL;
  nax_axis *axis[2] = {NULL, NULL};
  nax_array *a = NULL;
  nax_save_opts o = NAX_SAVE_OPTS_INIT;
  nax_index n = (nax_index)(mb * 1e6 / 4 / NEURONS);
  check(nax_dataset_create(NULL, &d));
  check(nax_axis_create_index(NULL, "neuron", NEURONS, &axis[0]));
  check(nax_axis_create_regular(NULL, "time", "s", n, 0.0, 30.0, &axis[1]));
  check(nax_array_create(NULL, NAX_F32, 2, (const nax_axis *const *)axis, "dF/F", &a));
  float *x = nax_array_data_mut(a);
  unsigned r = 1;
  for (nax_index i = 0; i < n * NEURONS; i++) {
    r = r * 1664525u + 1013904223u;
    x[i] = (float)(r >> 8) * 0x1p-24F;
  }
  check(nax_dataset_add_array(NULL, d, "dff", a));
  o.force = 1;
  double t = now();
  check(nax_dataset_save(NULL, d, path, &o));
  result("neuraxis write and flush", (double)n * NEURONS * 4, now() - t);
  nax_dataset_free(d);
  nax_axis_free(axis[0]);
  nax_axis_free(axis[1]);
}

static void
read_file(const char *path)
{
  nax_source *s = NULL;
  nax_array *a = NULL;
  double t = now();
  check(nax_source_open(NULL, path, NULL, &s));
  check(nax_source_load_array(NULL, s, nax_source_main(s), NAX_F32, &a));
  result("neuraxis, whole array", (double)nax_array_size(a) * 4, now() - t);
  nax_array_free(a);
  nax_source_close(s);
}

static void
stream_file(const char *path)
{
  nax_source *s = NULL;
  double t = now(), bytes = 0;
  check(nax_source_open(NULL, path, NULL, &s));
  int32_t i = nax_source_main(s);
  const nax_var_info *v = nax_source_var(s, i);
  nax_index step = nax_source_block(s, i, 1, (size_t)64 << 20);
  float *buf = malloc((size_t)(v->dim[0] * step) * sizeof *buf);
  if (buf == NULL) {
    exit(1);
  }
  for (nax_index k = 0; k < v->dim[1]; k += step) {
    nax_index start[2] = {0, k};
    nax_index count[2] = {v->dim[0], v->dim[1] - k < step ? v->dim[1] - k : step};
    check(nax_source_read(NULL, s, i, start, count, NAX_F32, buf, v->dim[0] * step));
    bytes += (double)(count[0] * count[1]) * 4;
  }
  result("neuraxis, in blocks", bytes, now() - t);
  free(buf);
  nax_source_close(s);
}

static void
netcdf_file(const char *path)
{
  int nc = 0, var = 0, dims[2];
  size_t n[2];
  double t = now();
  if (nc_open(path, NC_NOWRITE, &nc) || nc_inq_varid(nc, "dff", &var) ||
      nc_inq_vardimid(nc, var, dims) || nc_inq_dimlen(nc, dims[0], &n[0]) ||
      nc_inq_dimlen(nc, dims[1], &n[1])) {
    exit(1);
  }
  float *buf = malloc(n[0] * n[1] * sizeof *buf);
  if (buf == NULL || nc_get_var_float(nc, var, buf)) {
    exit(1);
  }
  nc_close(nc);
  result("netCDF library alone, whole", (double)(n[0] * n[1]) * 4, now() - t);
  free(buf);
}

static void
spikes_file(const char *path)
{
  nax_source *s = NULL;
  double best = 1e9;
  nax_index n = 0;
  for (int k = 0; k < 5; k++) {
    nax_spikes *x = NULL;
    double t = now();
    check(nax_source_open(NULL, path, NULL, &s));
    check(nax_source_load_spikes(NULL, s, nax_source_main(s), &x));
    best = now() - t < best ? now() - t : best;
    n = nax_spikes_n_spikes(x);
    nax_spikes_free(x);
    nax_source_close(s);
  }
  printf("neuraxis, open and load spikes, best of 5\t%.5f\t%.1f M spikes/s\n", best,
         (double)n / 1e6 / best);
}

int
main(int argc, char **argv)
{
  if (argc == 4 && strcmp(argv[1], "write") == 0) {
    write_file(argv[2], atof(argv[3]));
  } else if (argc == 3 && strcmp(argv[1], "read") == 0) {
    read_file(argv[2]);
  } else if (argc == 3 && strcmp(argv[1], "stream") == 0) {
    stream_file(argv[2]);
  } else if (argc == 3 && strcmp(argv[1], "netcdf") == 0) {
    netcdf_file(argv[2]);
  } else if (argc == 3 && strcmp(argv[1], "spikes") == 0) {
    spikes_file(argv[2]);
  } else {
    fprintf(stderr, "usage: bench_read write FILE MB | read FILE | stream FILE | netcdf "
                    "FILE | spikes FILE\n");
    return 2;
  }
  return 0;
}
