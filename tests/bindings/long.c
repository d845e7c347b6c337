/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A matrix of 3 x 2^30 doubles with a time axis for R, of which only what is touched
 * becomes memory: only its last ten columns, 1 to 30, are. For R CMD SHLIB. */
#define _GNU_SOURCE /* MAP_ANONYMOUS, MAP_NORESERVE */
#include <sys/mman.h>
#define R_NO_REMAP
#include <R.h>
#include <Rinternals.h>
#include <R_ext/Rallocators.h>

static size_t mapped;

static void *
get(R_allocator_t *self, size_t size)
{
  (void)self;
  void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  mapped = size;
  return p == MAP_FAILED ? NULL : p;
}

static void
give_back(R_allocator_t *self, void *p)
{
  (void)self;
  (void)munmap(p, mapped);
}

SEXP
long_matrix(void)
{
  R_allocator_t allocator = {get, give_back, NULL, NULL};
  const R_xlen_t n = (R_xlen_t)1 << 30;
  SEXP x = PROTECT(Rf_allocVector3(REALSXP, 3 * n, &allocator));
  SEXP dim = PROTECT(Rf_allocVector(INTSXP, 2));
  INTEGER(dim)[0] = 3;
  INTEGER(dim)[1] = 1 << 30;
  for (int i = 0; i < 30; i++) {
    REAL(x)[3 * (n - 10) + i] = i + 1;
  }
  Rf_setAttrib(x, R_DimSymbol, dim);
  const char *unit[] = {"name", "unit", ""},
             *time[] = {"name", "unit", "start", "rate", ""};
  SEXP axes = PROTECT(Rf_allocVector(VECSXP, 2));
  SET_VECTOR_ELT(axes, 0, Rf_mkNamed(VECSXP, unit));
  SET_VECTOR_ELT(VECTOR_ELT(axes, 0), 0, Rf_mkString("neuron"));
  SET_VECTOR_ELT(VECTOR_ELT(axes, 0), 1, Rf_mkString(""));
  SET_VECTOR_ELT(axes, 1, Rf_mkNamed(VECSXP, time));
  SET_VECTOR_ELT(VECTOR_ELT(axes, 1), 0, Rf_mkString("time"));
  SET_VECTOR_ELT(VECTOR_ELT(axes, 1), 1, Rf_mkString("s"));
  SET_VECTOR_ELT(VECTOR_ELT(axes, 1), 2, Rf_ScalarReal(0.0));
  SET_VECTOR_ELT(VECTOR_ELT(axes, 1), 3, Rf_ScalarReal(1.0));
  Rf_setAttrib(x, Rf_install("axes"), axes);
  UNPROTECT(3);
  return x;
}
