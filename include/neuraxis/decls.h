/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Attributes and linkage shared by every public header. */
#ifndef NEURAXIS_DECLS_H
#define NEURAXIS_DECLS_H

#ifdef __cplusplus
#define NAX_BEGIN_DECLS extern "C" {
#define NAX_END_DECLS   }
#else
#define NAX_BEGIN_DECLS
#define NAX_END_DECLS
#endif

#if defined(__GNUC__) || defined(__clang__)
#define NAX_API               __attribute__((visibility("default")))
#define NAX_NODISCARD         __attribute__((warn_unused_result))
#define NAX_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define NAX_API
#define NAX_NODISCARD
#define NAX_PRINTF(fmt, args)
#endif

#endif
