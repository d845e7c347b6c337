/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scalar types that every module uses. */
#ifndef NEURAXIS_TYPES_H
#define NEURAXIS_TYPES_H
#include <neuraxis/decls.h>
#include <stddef.h>
#include <stdint.h>
NAX_BEGIN_DECLS

/** A length, an index or a stride in elements. Bytes are `size_t`. */
typedef int64_t nax_index;

/** A complex number, laid out as in C99, Fortran and interleaved MATLAB arrays. */
typedef struct nax_c64 {
  double re; /**< real part */
  double im; /**< imaginary part */
} nax_c64;

/** Most axes that a view or an array can have. */
#define NAX_MAX_NDIM 8

/** Element types. Arrays hold NAX_F64 or NAX_F32; the others name what a file stores. */
typedef enum nax_dtype {
  NAX_F64 = 1,                     /**< IEEE double; what every method takes */
  NAX_F32 = 2,                     /**< IEEE single */
  NAX_I8 = 3,                      /**< signed 8-bit integer */
  NAX_I16 = 4,                     /**< signed 16-bit integer */
  NAX_I32 = 5,                     /**< signed 32-bit integer */
  NAX_I64 = 6,                     /**< signed 64-bit integer */
  NAX_U8 = 7,                      /**< unsigned 8-bit integer */
  NAX_U16 = 8,                     /**< unsigned 16-bit integer */
  NAX_U32 = 9,                     /**< unsigned 32-bit integer */
  NAX_U64 = 10,                    /**< unsigned 64-bit integer */
  NAX_F16 = 11,                    /**< IEEE half */
  NAX_BOOL = 12,                   /**< one byte, 0 or 1 */
  NAX_TEXT = 13,                   /**< strings (labels, table columns) */
  NAX_DTYPE_FORCE_INT = 0x7fffffff /**< keeps the enum int-sized in the ABI */
} nax_dtype;

/** Bytes of one element of `dtype`; 0 for NAX_TEXT and unknown values. */
NAX_API size_t nax_dtype_size(nax_dtype dtype);

/** Short name of `dtype`, e.g. "float64", "int16", "text"; "?" for unknown values.
 * Static string. */
NAX_API const char *nax_dtype_name(nax_dtype dtype);

NAX_END_DECLS
#endif
