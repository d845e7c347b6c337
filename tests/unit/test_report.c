/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page about a recording: whatever the data, it is whole, valid, safe and the same
 * every time. */
#include "nax_test.h"
#include "io/io_i.h"
#include "report/dataset_page_i.h"
#include <neuraxis/report.h>
#include <sys/wait.h>

/* ---- helpers ----------------------------------------------------------------------- */

static int
run(const char *before, const char *path, const char *after)
{
  char command[8400];
  snprintf(command, sizeof command, "%s '%s' %s", before, path, after);
  int rc = system(command); /* NOLINT(cert-env33-c) */
  return rc < 0 ? -1 : WIFEXITED(rc) ? WEXITSTATUS(rc) : -1;
}

static char *
read_all(const char *path, size_t *n)
{
  char *data = NULL;
  assert_ok(nax_i_read_file(NULL, path, (size_t)1 << 30, &data, n));
  return data;
}

/* Valid as HTML, its drawings well-formed as XML, nothing from outside, a size limit. */
static char *
check_page(const char *path)
{
  size_t n;
  char *html = read_all(path, &n);
  assert_true(n < 5000000);
  assert_null(strstr(html, "href=\"http"));
  assert_null(strstr(html, "<img"));
  assert_null(strstr(html, "src=\""));
  assert_null(strstr(html, "url("));
  assert_null(strstr(html, "<script>alert"));
  assert_null(strstr(html, "=\"nan"));
  if (run("command -v", "tidy", ">/dev/null 2>&1") == 0) {
    assert_int_equal(run("tidy -q -e --drop-empty-elements no --show-warnings no", path,
                         ">/dev/null 2>&1"),
                     0);
  }
  if (run("command -v", "xmllint", ">/dev/null 2>&1") == 0) {
    nax_i_buf b = {0};
    nax_i_buf_puts(&b, "<r>");
    for (const char *s = strstr(html, "<svg "); s != NULL; s = strstr(s, "<svg ")) {
      const char *end = strstr(s, "</svg>");
      assert_non_null(end);
      nax_i_buf_add(&b, s, (size_t)(end - s) + 6);
      s = end;
    }
    nax_i_buf_puts(&b, "</r>");
    nax_t_write(nax_t_tmp("figures.xml"), b.data, b.len);
    nax_i_buf_free(&b);
    assert_int_equal(run("xmllint --noout --nonet --huge", nax_t_tmp("figures.xml"), ""),
                     0);
  }
  return html;
}

static nax_report_opts
options(void)
{
  nax_report_opts o = NAX_REPORT_OPTS_INIT;
  o.force = 1;
  return o;
}

/* Labels that try to get out. */
static const char *const evil[] = {"<script>alert(1)</script>", "\"><img src=x>", "a&b'c",
                                   "caf\xc3\xa9 \xff\xfe"};

static nax_array *
make_traces(nax_index units, nax_index samples, nax_index trials, int kind)
{
  nax_axis *axis[3] = {NULL, NULL, NULL};
  nax_array *a;
  const char **label = calloc((size_t)units + 1, sizeof *label);
  char(*name)[32] = calloc((size_t)units + 1, sizeof *name);
  for (nax_index u = 0; u < units; u++) {
    snprintf(name[u], sizeof name[u], "cell %d", (int)u);
    label[u] = u < 4 ? evil[u] : name[u];
  }
  assert_ok(nax_axis_create_labels(NULL, "neuron", units, label, &axis[0]));
  assert_ok(nax_axis_create_regular(NULL, "time", "s", samples, 1.0, 10.0, &axis[1]));
  assert_ok(nax_axis_create_index(NULL, "trial", trials, &axis[2]));
  assert_ok(nax_array_create(NULL, NAX_F64, trials > 1 ? 3 : 2,
                             (const nax_axis *const *)axis, "dF/F", &a));
  double *v = nax_array_data_mut(a);
  uint64_t seed = 17;
  for (nax_index i = 0; i < units * samples * trials; i++) {
    nax_index u = i % units, t = i / units;
    double x = nax_t_uniform(&seed) + sin((double)t / 30.0 + (double)(u % 3));
    v[i] = kind == 0 ? x : kind == 1 ? (double)NAN : kind == 2 ? 3.0 : x;
    if (kind == 4 && u == 2 && t < 100) {
      v[i] = (double)NAN;
    }
    if (kind == 3 && nax_t_uniform(&seed) < 0.1) {
      v[i] = (double)NAN;
    }
  }
  for (int k = 0; k < 3; k++) {
    nax_axis_free(axis[k]);
  }
  free(label);
  free(name);
  return a;
}

static nax_table *
make_trials(nax_index n)
{
  nax_table *t;
  double *start = calloc((size_t)n + 1, sizeof *start),
         *stop = calloc((size_t)n + 1, sizeof *stop);
  const char **kind = calloc((size_t)n + 1, sizeof *kind);
  for (nax_index i = 0; i < n; i++) {
    start[i] = 2.0 + 5.0 * (double)i;
    stop[i] = start[i] + 3.0 + (i == 1 ? 4.0 : 0.0); /* the second runs into the third */
    kind[i] = i % 3 ? "left <b>" : "right";
  }
  assert_ok(nax_table_create(NULL, "trial", n, &t));
  assert_ok(nax_table_add_numbers(NULL, t, "start_time", "s", start));
  assert_ok(nax_table_add_numbers(NULL, t, "stop_time", "s", stop));
  assert_ok(nax_table_add_text(NULL, t, "stimulus", kind));
  free(start);
  free(stop);
  free(kind);
  return t;
}

static nax_dataset *
with_array(nax_array *a)
{
  nax_dataset *d;
  assert_ok(nax_dataset_create(NULL, &d));
  assert_ok(nax_dataset_add_array(NULL, d, "activity", a));
  return d;
}

static nax_spikes *
make_spikes(nax_index units, double rate)
{
  nax_index *offset = calloc((size_t)units + 1, sizeof *offset);
  double *t = calloc(400000, sizeof *t);
  uint64_t seed = 4;
  for (nax_index u = 0; u < units; u++) {
    nax_index n = offset[u];
    for (double at = 0.0; rate > 0.0;) {
      at -= log(1.0 - nax_t_uniform(&seed)) / rate;
      if (at > 120.0) {
        break;
      }
      t[n++] = at;
    }
    offset[u + 1] = n;
  }
  nax_axis *axis;
  nax_spikes *s;
  assert_ok(nax_axis_create_index(NULL, "unit", units, &axis));
  assert_ok(nax_spikes_create(NULL, axis, offset, t, 2, (double[]){0, 50, 60, 120}, &s));
  nax_axis_free(axis);
  free(offset);
  free(t);
  return s;
}

/* --- pages ------------------------------------------------------------------------- */

static void
a_page_has_all_its_sections(void **state)
{
  (void)state;
  nax_dataset *d = with_array(make_traces(12, 900, 1, 4));
  assert_ok(nax_dataset_add_table(NULL, d, "trials", make_trials(14)));
  assert_ok(nax_dataset_set_text(NULL, d, "subject", "<script>alert(2)</script>"));
  nax_report_opts o = options();
  o.figures_dir = nax_t_tmp("figures");
  char path[4096];
  snprintf(path, sizeof path, "%s", nax_t_tmp("a.html"));
  assert_ok(nax_report_dataset(NULL, d, &o, NULL, path));
  char *html = check_page(path);
  static const char *const want[] = {"id=\"identity\"", "id=\"warnings\"",
                                     "id=\"activity\"", "id=\"overview\"",
                                     "id=\"missing\"",  "id=\"quality-table\"",
                                     "id=\"spectrum\"", "id=\"correlation-matrix\"",
                                     "id=\"trials\"",   "id=\"psth-1\"",
                                     "id=\"analyses\"", "id=\"reproduce\"",
                                     "left &lt;b&gt;",  "&lt;script&gt;alert(2)",
                                     "12 neurons",      "10 Hz"};
  for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
    if (strstr(html, want[i]) == NULL) {
      fail_msg("the page has no %s", want[i]);
    }
  }
  free(html);
  static const char *const file[] = {"overview.svg", "overview.csv", "quality-table.csv",
                                     "psth-1.csv", "correlation-matrix.csv"};
  for (size_t i = 0; i < sizeof file / sizeof file[0]; i++) {
    snprintf(path, sizeof path, "figures/%s", file[i]);
    size_t n;
    char *text = read_all(nax_t_tmp(path), &n);
    assert_true(n > 100);
    free(text);
  }
  o.force = 0;
  assert_status(nax_report_dataset(NULL, d, &o, NULL, nax_t_tmp("a.html")), NAX_EIO);
  assert_status(nax_report_dataset(NULL, d, NULL, NULL, ""), NAX_EINVAL);
  nax_dataset_free(d);
}

static void
odd_traces_make_pages_too(void **state)
{
  (void)state;
  static const struct {
    nax_index units, samples, trials;
    int kind;
  } odd[] = {{0, 50, 1, 0},   {1, 50, 1, 0},   {3, 0, 1, 0},  {1, 1, 1, 0},
             {5, 200, 1, 1},  {5, 200, 1, 2},  {6, 80, 9, 3}, {2, 3, 2, 0},
             {300, 40, 1, 0}, {1, 30000, 1, 0}};
  nax_report_opts o = options();
  for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
    nax_dataset *d =
        with_array(make_traces(odd[i].units, odd[i].samples, odd[i].trials, odd[i].kind));
    for (int32_t signal = NAX_SIGNAL_AUTO; signal <= NAX_SIGNAL_OTHER; signal += 3) {
      o.signal = signal;
      assert_ok(nax_report_dataset(NULL, d, &o, NULL, nax_t_tmp("odd.html")));
      free(check_page(nax_t_tmp("odd.html")));
    }
    nax_dataset_free(d);
  }
}

static void
irregular_time_shows_its_gaps(void **state)
{
  (void)state;
  enum { T = 400 };
  double t[T];
  for (int i = 0; i < T; i++) {
    t[i] = 0.1 * i + 0.01 * (i % 7) + (i > 200 ? 30.0 : 0.0);
  }
  nax_array *a = make_traces(5, T, 1, 0);
  nax_axis *axis;
  assert_ok(nax_axis_create_coords(NULL, "time", "s", T, t, &axis));
  assert_ok(nax_array_set_axis(NULL, a, 1, axis));
  nax_axis_free(axis);
  nax_dataset *d = with_array(a);
  nax_report_opts o = options();
  assert_ok(nax_report_dataset(NULL, d, &o, NULL, nax_t_tmp("gap.html")));
  char *html = check_page(nax_t_tmp("gap.html"));
  assert_non_null(strstr(html, "irregular"));
  assert_non_null(strstr(html, "not evenly spaced"));
  free(html);
  nax_dataset_free(d);
}

static void
spike_trains_make_pages(void **state)
{
  (void)state;
  static const struct {
    nax_index units;
    double rate;
  } kind[] = {{8, 5.0}, {0, 0.0}, {1, 0.02}, {3, 0.0}, {60, 20.0}};
  nax_report_opts o = options();
  for (size_t i = 0; i < sizeof kind / sizeof kind[0]; i++) {
    nax_dataset *d;
    assert_ok(nax_dataset_create(NULL, &d));
    assert_ok(nax_dataset_add_spikes(NULL, d, "spikes",
                                     make_spikes(kind[i].units, kind[i].rate)));
    assert_ok(nax_dataset_add_table(NULL, d, "trials", make_trials(i == 0 ? 20 : 0)));
    assert_ok(nax_report_dataset(NULL, d, &o, NULL, nax_t_tmp("spikes.html")));
    char *html = check_page(nax_t_tmp("spikes.html"));
    if (i == 0) {
      assert_non_null(strstr(html, "id=\"psth-1\""));
      assert_non_null(strstr(html, "id=\"intervals\""));
      assert_non_null(strstr(html, "110 s")); /* without the gap */
    }
    free(html);
    nax_dataset_free(d);
  }
}

static void
a_file_of_tables_alone_has_a_page(void **state)
{
  (void)state;
  nax_dataset *d;
  assert_ok(nax_dataset_create(NULL, &d));
  nax_report_opts o = options();
  assert_ok(nax_report_dataset(NULL, d, &o, NULL, nax_t_tmp("empty.html")));
  free(check_page(nax_t_tmp("empty.html")));
  assert_ok(nax_dataset_add_table(NULL, d, "trials", make_trials(3)));
  assert_ok(nax_report_dataset(NULL, d, &o, NULL, nax_t_tmp("empty.html")));
  free(check_page(nax_t_tmp("empty.html")));
  nax_dataset_free(d);
}

/* From a file: the same page whatever the memory limit and the number of threads. */
static void
threads_and_groups_do_not_change_a_byte(void **state)
{
  (void)state;
  nax_array *a = make_traces(40, 9000, 1, 3);
  nax_save_opts save = NAX_SAVE_OPTS_INIT;
  save.force = 1;
  assert_ok(nax_export_npy(NULL, a, nax_t_tmp("traces.npy"), &save));
  nax_array_free(a);
  char *html[3];
  size_t n[3];
  for (int k = 0; k < 3; k++) {
    nax_ctx *ctx;
    nax_source *s;
    nax_source_opts so = NAX_SOURCE_OPTS_INIT;
    so.rate = 10.0;
    so.axes = "neuron,time";
    nax_report_opts o = options();
    o.memory = k == 2 ? 2 : 128; /* two groups of units */
    assert_ok(nax_ctx_create(&ctx));
    assert_ok(nax_ctx_set_threads(ctx, k == 1 ? 2 : 1));
    assert_ok(nax_source_open(ctx, nax_t_tmp("traces.npy"), &so, &s));
    assert_ok(nax_report_source(ctx, s, &o, NULL, nax_t_tmp("threads.html")));
    nax_source_close(s);
    nax_ctx_free(ctx);
    html[k] = check_page(nax_t_tmp("threads.html"));
    n[k] = strlen(html[k]);
  }
  assert_int_equal(n[0], n[1]);
  assert_memory_equal(html[0], html[1], n[0]);
  assert_int_equal(n[0], n[2]);
  assert_memory_equal(html[0], html[2], n[0]);
  assert_non_null(strstr(html[0], "--rate=10 --axes=neuron,time"));
  assert_non_null(strstr(html[0], "given by the caller"));
  for (int k = 0; k < 3; k++) {
    free(html[k]);
  }
}

/* What comes up while the figures are drawn is told at the end of the page. */
static void
late_warnings_are_told(void **state)
{
  (void)state;
  nax_ctx *ctx;
  assert_ok(nax_ctx_create(&ctx));
  nax_i_rep r = {.page = nax_i_page_new("title", "subtitle")};
  nax_i_warn(ctx, NAX_INFO, "test.early", "said before");
  nax_i_page_warnings(ctx, &r);
  nax_i_buf html = {0};
  nax_i_page_late_warnings(ctx, &r);
  assert_ok(nax_i_page_html(ctx, __func__, r.page, &html));
  assert_null(strstr(html.data, "id=\"late-warnings\""));
  nax_i_buf_free(&html);
  nax_i_warn(ctx, NAX_VIOLATION, "test.late", "said after");
  nax_i_page_late_warnings(ctx, &r);
  assert_ok(nax_i_page_html(ctx, __func__, r.page, &html));
  const char *late = strstr(html.data, "id=\"late-warnings\"");
  assert_non_null(late);
  assert_non_null(strstr(late, "said after"));
  assert_null(strstr(late, "said before"));
  nax_i_buf_free(&html);
  nax_i_page_free(r.page);
  nax_ctx_free(ctx);
}

/* Allocations fail one after the other (every seventh, to keep this short). */
static void
failed_allocations_leave_no_page(void **state)
{
  (void)state;
  nax_dataset *d =
      with_array(make_traces(4, 70, 1, 0)); /* no warnings: core may lose those */
  assert_ok(nax_dataset_add_table(NULL, d, "trials", make_trials(2)));
  nax_report_opts o = options();
  o.force = 0;
  int done = 0;
  for (long k = 0; k < 20000 && !done; k += 7) {
    nax_i_alloc_fail_at = k;
    nax_status s = nax_report_dataset(NULL, d, &o, NULL, nax_t_tmp("alloc.html"));
    long left = nax_i_alloc_fail_at;
    nax_i_alloc_fail_at = -1;
    done = s == NAX_OK && left >= 0;
    if (!done) {
      if (s != NAX_ENOMEM) {
        fail_msg("allocation %ld failed, but the status is %s: %s", k, nax_status_name(s),
                 nax_ctx_error(NULL));
      }
      assert_int_not_equal(access(nax_t_tmp("alloc.html"), F_OK), 0);
    }
  }
  assert_true(done);
  nax_dataset_free(d);
}

/* Recordings of all kinds, where they are at hand. */
static void
shared_recordings_make_pages(void **state)
{
  (void)state;
  static const struct {
    const char *path, *want;
  } file[] = {
      {"data/nwb_units_human_mtl/sub-4_ses-4_ecephys+image.nwb", "35 units"},
      {"data/nwb_celegans_scholz2018/"
       "ScholzEtAl2018.AML175_moving.BrainScanner20180223_142554.nwb",
       "59 neurons"},
      {"data/reencoded_real_data/allen_dff_gzip.nwb", "0.9283"},
      {"data/suite2p_fissa_plane0", "23 "},
      {"data/phy_tiny_kilosort25", "13 "},
  };
  nax_t_shared("data");
  nax_report_opts o = options();
  for (size_t i = 0; i < sizeof file / sizeof file[0]; i++) {
    nax_source *s;
    if (nax_source_open(NULL, nax_t_shared(file[i].path), NULL, &s) != NAX_OK) {
      print_message("# %s\n", nax_ctx_error(NULL));
      continue;
    }
    assert_ok(nax_report_source(NULL, s, &o, NULL, nax_t_tmp("shared.html")));
    nax_source_close(s);
    char *html = check_page(nax_t_tmp("shared.html"));
    assert_non_null(strstr(html, file[i].want));
    free(html);
  }
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_page_has_all_its_sections),
      cmocka_unit_test(odd_traces_make_pages_too),
      cmocka_unit_test(irregular_time_shows_its_gaps),
      cmocka_unit_test(spike_trains_make_pages),
      cmocka_unit_test(a_file_of_tables_alone_has_a_page),
      cmocka_unit_test(threads_and_groups_do_not_change_a_byte),
      cmocka_unit_test(late_warnings_are_told),
      cmocka_unit_test(failed_allocations_leave_no_page),
      cmocka_unit_test(shared_recordings_make_pages),
  };
  return cmocka_run_group_tests_name("report", tests, nax_t_tmp_setup,
                                     nax_t_tmp_teardown);
}
