/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One entry for all methods. What the library makes is held by an external pointer from
 * the start, so that an error or interrupt of R, wherever it jumps from, loses nothing.
 */
#include "r_nxb.h"
#include <R_ext/Rdynload.h>
#include <R_ext/Visibility.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

/* ---- interrupts and progress ----------------------------------------------------------
 */

typedef struct watch {
  const char *method;
  int show, shown;
} watch;

enum { PROGRESS_WIDTH = 79, BAR_WIDTH = 30 };

static void
check_interrupt(void *unused)
{
  (void)unused;
  R_CheckUserInterrupt();
}

/* One line that is drawn over again: a bar as of txtProgressBar() where the number of
 * steps is known, else the steps so far. On stderr, so that results can be redirected. */
static void
show_progress(watch *w, const nax_progress *p)
{
  char line[PROGRESS_WIDTH + 1], bar[BAR_WIDTH + 1];
  if (p->iter_max > 0) {
    double share = (double)p->iter / (double)p->iter_max;
    int full = (int)(BAR_WIDTH * (share < 0.0 ? 0.0 : share > 1.0 ? 1.0 : share));
    memset(bar, ' ', BAR_WIDTH);
    memset(bar, '=', (size_t)full);
    bar[BAR_WIDTH] = '\0';
    (void)snprintf(line, sizeof line, "%s, %s  |%s| %3.0f%%  %.0f s", w->method, p->stage,
                   bar, 100.0 * share, p->elapsed_s);
  } else {
    (void)snprintf(line, sizeof line, "%s, %s  %lld steps  %.0f s", w->method, p->stage,
                   (long long)p->iter, p->elapsed_s);
  }
  REprintf("\r%-*s", PROGRESS_WIDTH, line);
  w->shown = 1;
}

/* R_CheckUserInterrupt jumps when there is one; inside R_ToplevelExec it comes back. */
static int
on_progress(const nax_progress *p, void *user)
{
  watch *w = user;
  if (R_ToplevelExec(check_interrupt, NULL) == FALSE) {
    return 1;
  }
  if (w->show && p->elapsed_s > 1.0) {
    show_progress(w, p);
  }
  return 0;
}

/* ---- a call
 * ----------------------------------------------------------------------------- */

static void
finalize(SEXP pointer)
{
  nxb_free(R_ExternalPtrAddr(pointer));
  R_ClearExternalPtr(pointer);
}

static SEXP
warnings_of(const nxb_call *c)
{
  R_xlen_t n = (R_xlen_t)nax_ctx_n_warnings(c->ctx);
  SEXP out = PROTECT(Rf_allocVector(STRSXP, n));
  SEXP ids = PROTECT(Rf_allocVector(STRSXP, n));
  for (R_xlen_t i = 0; i < n; i++) {
    nax_warning w = nax_ctx_warning(c->ctx, (nax_index)i);
    SET_STRING_ELT(out, i, Rf_mkCharCE(w.text, CE_UTF8));
    SET_STRING_ELT(ids, i, Rf_mkChar(w.id));
  }
  Rf_setAttrib(out, R_NamesSymbol, ids);
  UNPROTECT(2);
  return out;
}

/* call(method, inputs, names of options, their values as text, threads, show progress):
 * a list with status, message, warnings and value. */
static SEXP
nxb_r_call(SEXP method, SEXP inputs, SEXP names, SEXP values, SEXP threads, SEXP show)
{
  static const char *const parts[] = {"status", "message", "warnings", "value", ""};
  if (TYPEOF(method) != STRSXP || Rf_xlength(method) != 1 || TYPEOF(inputs) != VECSXP ||
      TYPEOF(names) != STRSXP || TYPEOF(values) != STRSXP ||
      Rf_xlength(names) != Rf_xlength(values) || TYPEOF(threads) != INTSXP ||
      Rf_xlength(threads) != 1 || TYPEOF(show) != LGLSXP || Rf_xlength(show) != 1) {
    Rf_error("neuraxis: this entry is called by the functions of the package only");
  }
  SEXP guard = PROTECT(R_MakeExternalPtr(NULL, R_NilValue, R_NilValue));
  R_RegisterCFinalizerEx(guard, finalize, TRUE);
  nxb_call *c = nxb_new(CHAR(STRING_ELT(method, 0)));
  R_SetExternalPtrAddr(guard, c);
  if (c == NULL) {
    Rf_error("neuraxis: out of memory, or no method of that name");
  }
  watch w = {c->method->name, LOGICAL(show)[0] == TRUE, 0};
  nax_ctx_set_progress(c->ctx, on_progress, &w, 0.1);
  c->status = nax_ctx_set_threads(c->ctx, INTEGER(threads)[0]);
  for (R_xlen_t i = 0; c->status == NAX_OK && i < Rf_xlength(names); i++) {
    (void)nxb_set(c, CHAR(STRING_ELT(names, i)), CHAR(STRING_ELT(values, i)));
  }
  for (R_xlen_t i = 0;
       c->status == NAX_OK && i < Rf_xlength(inputs) && i < nxb_n_inputs(c->method);
       i++) {
    c->status = r_value(c, VECTOR_ELT(inputs, i), &c->in[i]);
  }
  if (c->status == NAX_OK) {
    (void)nxb_run(c);
  }
  if (c->status == NAX_OK) {
    (void)nxb_check_lengths(c, INT_MAX);
  }
  if (w.shown) {
    REprintf("\r%*s\r", PROGRESS_WIDTH, "");
  }
  SEXP out = PROTECT(Rf_mkNamed(VECSXP, (const char **)parts));
  if (c->status == NAX_OK) {
    SET_VECTOR_ELT(out, 3, r_result(c));
  }
  if (c->status != NAX_OK) {
    SET_VECTOR_ELT(out, 3, R_NilValue);
  }
  SET_VECTOR_ELT(out, 0, Rf_mkString(nax_status_name(c->status)));
  SET_VECTOR_ELT(out, 1, Rf_ScalarString(Rf_mkCharCE(nxb_error(c), CE_UTF8)));
  SET_VECTOR_ELT(out, 2, warnings_of(c));
  finalize(guard);
  UNPROTECT(2);
  return out;
}

/* ---- what the methods and options are
 * ----------------------------------------------------- */

static SEXP
nxb_r_version(void)
{
  return Rf_mkString(nax_version());
}

/* Names of all methods. */
static SEXP
nxb_r_methods(void)
{
  int n = 0;
  while (nxb_method_at(n) != NULL) {
    n++;
  }
  SEXP out = PROTECT(Rf_allocVector(STRSXP, n));
  for (int i = 0; i < n; i++) {
    SET_STRING_ELT(out, i, Rf_mkChar(nxb_method_at(i)->name));
  }
  UNPROTECT(1);
  return out;
}

/* Inputs of a method: what each may be, a bit for each kind (nxb_kind), by name; negative
 * when it may be left out. */
static SEXP
nxb_r_inputs(SEXP method)
{
  const nxb_method *m = TYPEOF(method) == STRSXP && Rf_xlength(method) == 1
                            ? nxb_find(CHAR(STRING_ELT(method, 0)))
                            : NULL;
  int n = m != NULL ? nxb_n_inputs(m) : 0;
  SEXP out = PROTECT(Rf_allocVector(INTSXP, n));
  SEXP names = PROTECT(Rf_allocVector(STRSXP, n));
  for (int i = 0; i < n; i++) {
    INTEGER(out)[i] = m->in[i].optional ? -(int)m->in[i].kinds : (int)m->in[i].kinds;
    SET_STRING_ELT(names, i, Rf_mkChar(m->in[i].name));
  }
  Rf_setAttrib(out, R_NamesSymbol, names);
  UNPROTECT(2);
  return out;
}

static const R_CallMethodDef calls[] = {{"call", (DL_FUNC)&nxb_r_call, 6},
                                        {"inputs", (DL_FUNC)&nxb_r_inputs, 1},
                                        {"methods", (DL_FUNC)&nxb_r_methods, 0},
                                        {"version", (DL_FUNC)&nxb_r_version, 0},
                                        {NULL, NULL, 0}};

attribute_visible void
R_init_neuraxis(DllInfo *dll)
{
  R_registerRoutines(dll, NULL, calls, NULL, NULL);
  R_useDynamicSymbols(dll, FALSE);
  R_forceSymbols(dll, TRUE);
}
