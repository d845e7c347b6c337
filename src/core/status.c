/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <neuraxis/status.h>
#include <neuraxis/types.h>

const char *
nax_status_name(nax_status s)
{
  switch (s) {
#define NAX_X(name, value, text)                                                         \
  case name:                                                                             \
    return #name;
    NAX_STATUS_LIST(NAX_X)
#undef NAX_X
  case NAX_STATUS_FORCE_INT:
    break;
  }
  return "NAX_?";
}

const char *
nax_status_text(nax_status s)
{
  switch (s) {
#define NAX_X(name, value, text)                                                         \
  case name:                                                                             \
    return text;
    NAX_STATUS_LIST(NAX_X)
#undef NAX_X
  case NAX_STATUS_FORCE_INT:
    break;
  }
  return "unknown status";
}

static const struct {
  const char *name;
  size_t size;
} dtypes[] = {
    [NAX_F64] = {"float64", 8}, [NAX_F32] = {"float32", 4}, [NAX_I8] = {"int8", 1},
    [NAX_I16] = {"int16", 2},   [NAX_I32] = {"int32", 4},   [NAX_I64] = {"int64", 8},
    [NAX_U8] = {"uint8", 1},    [NAX_U16] = {"uint16", 2},  [NAX_U32] = {"uint32", 4},
    [NAX_U64] = {"uint64", 8},  [NAX_F16] = {"float16", 2}, [NAX_BOOL] = {"bool", 1},
    [NAX_TEXT] = {"text", 0},
};

static int
known(nax_dtype dtype)
{
  return (int)dtype >= NAX_F64 && (int)dtype <= NAX_TEXT;
}

size_t
nax_dtype_size(nax_dtype dtype)
{
  return known(dtype) ? dtypes[dtype].size : 0;
}

const char *
nax_dtype_name(nax_dtype dtype)
{
  return known(dtype) ? dtypes[dtype].name : "?";
}
