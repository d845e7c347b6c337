/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Status codes: what the caller can do about a failure. The text that names the
 * subject is in the context (context.h). */
#ifndef NEURAXIS_STATUS_H
#define NEURAXIS_STATUS_H
#include <neuraxis/decls.h>
NAX_BEGIN_DECLS

/* One list; the enum, the names and the texts all come from it. Values are
 * frozen once released: retire a code, never renumber. */
#define NAX_STATUS_LIST(X)                                                               \
  X(NAX_OK, 0, "success")                                                                \
  X(NAX_EINVAL, 1, "argument out of its documented range")                               \
  X(NAX_EDIM, 2, "shapes do not agree")                                                  \
  X(NAX_ETYPE, 3, "element type or layout not supported")                                \
  X(NAX_EDATA, 4, "data contain values the method cannot use")                           \
  X(NAX_ENOMEM, 5, "out of memory")                                                      \
  X(NAX_EOVERFLOW, 6, "size does not fit the integer type of a dependency")              \
  X(NAX_ENUMERIC, 7, "numerical breakdown")                                              \
  X(NAX_EINTERRUPT, 8, "stopped by the caller")                                          \
  X(NAX_EIO, 9, "reading or writing a file failed")                                      \
  X(NAX_EFORMAT, 10, "file is not in the documented format")                             \
  X(NAX_ENOTSUP, 11, "not available in this build")                                      \
  X(NAX_EBUG, 12, "internal inconsistency; please report")

/** What a fallible function returns. */
typedef enum nax_status {
#define NAX_X(name, value, text) name = (value),
  NAX_STATUS_LIST(NAX_X)
#undef NAX_X
      NAX_STATUS_FORCE_INT = 0x7fffffff /* keeps the enum int-sized in the ABI */
} nax_status;

/** Name of a status, e.g. "NAX_EDIM"; "NAX_?" for unknown values. Static string. */
NAX_API const char *nax_status_name(nax_status s);

/** One general sentence for a status. Static string. */
NAX_API const char *nax_status_text(nax_status s);

NAX_END_DECLS
#endif
