/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The header of a .npy: a Python dictionary literal, read by a tokenizer of our own that
 * never executes anything. */
#include "npy_i.h"
#include <stdlib.h>

/* NumPy itself refuses headers beyond 10000 bytes unless told otherwise. */
enum { MAX_HEADER = 1 << 20 };

typedef struct cursor {
  const char *p, *end;
} cursor;

static void
skip_blanks(cursor *c)
{
  while (c->p < c->end && (*c->p == ' ' || *c->p == '\t' || *c->p == '\n')) {
    c->p++;
  }
}

static int
take(cursor *c, char what)
{
  skip_blanks(c);
  if (c->p < c->end && *c->p == what) {
    c->p++;
    return 1;
  }
  return 0;
}

/* A string in either kind of quotes, perhaps with Python 2's u or b before it. 0 when
 * there is none, or one with escapes, or a longer one than any we know. */
static int
take_string(cursor *c, char *out, size_t size)
{
  skip_blanks(c);
  if (c->end - c->p > 1 && (*c->p == 'u' || *c->p == 'b') &&
      (c->p[1] == '\'' || c->p[1] == '"')) {
    c->p++;
  }
  if (c->p >= c->end || (*c->p != '\'' && *c->p != '"')) {
    return 0;
  }
  char quote = *c->p++;
  size_t n = 0;
  while (c->p < c->end && *c->p != quote) {
    if (*c->p == '\\' || *c->p == '\n' || n + 1 >= size) {
      return 0;
    }
    out[n++] = *c->p++;
  }
  out[n] = '\0';
  return take(c, quote);
}

static int
take_word(cursor *c, const char *word)
{
  size_t n = strlen(word);
  skip_blanks(c);
  if ((size_t)(c->end - c->p) >= n && memcmp(c->p, word, n) == 0) {
    c->p += n;
    return 1;
  }
  return 0;
}

/* Everything up to the bracket that closes the list at c->p. */
static int
skip_list(cursor *c)
{
  int depth = 0;
  char quote = '\0';
  for (; c->p < c->end; c->p++) {
    char x = *c->p;
    if (quote != '\0') {
      quote = x == quote ? '\0' : quote;
    } else if (x == '\'' || x == '"') {
      quote = x;
    } else if (x == '[' || x == '(') {
      depth++;
    } else if ((x == ']' || x == ')') && --depth == 0) {
      c->p++;
      return 1;
    }
  }
  return 0;
}

typedef struct literal {
  char descr[64]; /* "[" for a structured type */
  int has_descr, has_order, has_shape;
  int negative;     /* a length below zero */
  int too_large;    /* one that does not fit 63 bits */
  int32_t ndim;     /* also beyond NAX_MAX_NDIM */
  const char *from; /* the shape as written */
  size_t n_from;
} literal;

static int
take_shape(cursor *c, literal *l, nax_i_npy *h)
{
  skip_blanks(c);
  l->from = c->p;
  if (!take(c, '(')) {
    return 0;
  }
  while (!take(c, ')')) {
    int minus = take(c, '-');
    skip_blanks(c);
    if (c->p >= c->end || *c->p < '0' || *c->p > '9') {
      return 0;
    }
    nax_index v = 0;
    for (; c->p < c->end && *c->p >= '0' && *c->p <= '9'; c->p++) {
      if (__builtin_mul_overflow(v, 10, &v) ||
          __builtin_add_overflow(v, *c->p - '0', &v)) {
        l->too_large = 1;
        v = 0;
      }
    }
    (void)take(c, 'L'); /* Python 2 long */
    l->negative = l->negative || minus;
    if (l->ndim < NAX_MAX_NDIM) {
      h->dim[l->ndim] = v;
    }
    l->ndim = l->ndim < 1000 ? l->ndim + 1 : l->ndim;
    if (!take(c, ',')) {
      if (!take(c, ')')) {
        return 0;
      }
      break;
    }
  }
  l->n_from = (size_t)(c->p - l->from);
  l->has_shape = 1;
  return 1;
}

static int
take_descr(cursor *c, literal *l)
{
  skip_blanks(c);
  l->has_descr = 1;
  if (c->p < c->end && *c->p == '[') {
    l->descr[0] = '[';
    l->descr[1] = '\0';
    return skip_list(c);
  }
  return take_string(c, l->descr, sizeof l->descr);
}

/* The dictionary; NULL, or what is wrong with it. */
static const char *
parse_literal(cursor *c, literal *l, nax_i_npy *h)
{
  if (!take(c, '{')) {
    return "header is no Python dictionary";
  }
  while (!take(c, '}')) {
    char key[32];
    if (!take_string(c, key, sizeof key) || !take(c, ':')) {
      return "header is no Python dictionary";
    }
    if (strcmp(key, "descr") == 0 && !l->has_descr) {
      if (!take_descr(c, l)) {
        return "header has no readable `descr`";
      }
    } else if (strcmp(key, "fortran_order") == 0 && !l->has_order) {
      h->fortran = take_word(c, "True");
      if (!h->fortran && !take_word(c, "False")) {
        return "header has a `fortran_order` that is neither True nor False";
      }
      l->has_order = 1;
    } else if (strcmp(key, "shape") == 0 && !l->has_shape) {
      if (!take_shape(c, l, h)) {
        return "header has no readable `shape`";
      }
    } else {
      return "header has an unknown or a repeated key";
    }
    if (!take(c, ',')) {
      if (!take(c, '}')) {
        return "header is no Python dictionary";
      }
      break;
    }
  }
  skip_blanks(c);
  if (c->p < c->end) {
    return "header goes on after its dictionary";
  }
  if (!l->has_descr || !l->has_order || !l->has_shape) {
    return "header lacks `descr`, `fortran_order` or `shape`";
  }
  return NULL;
}

/* Type letters that are refused, and how to call them. */
static const char *
refused_type(const char *descr)
{
  const char *p = descr + (descr[0] != '\0' && strchr("<>|=", descr[0]) != NULL);
  switch (*p) {
  case '[':
    return "a structured type (records)";
  case 'V':
    return "a structured or void type";
  case 'O':
    return "Python objects (a pickle, which is never executed)";
  case 'c':
    return "complex numbers";
  case 'S':
  case 'a':
    return "byte strings";
  case 'U':
    return "Unicode strings";
  case 'M':
    return "dates";
  case 'm':
    return "time differences";
  case 'f':
  case 'g':
    return "floats of that size";
  default:
    return "an unknown type";
  }
}

static int
decode_descr(const char *descr, nax_i_npy *h)
{
  static const struct {
    const char *code;
    nax_dtype dtype;
  } known[] = {{"f8", NAX_F64}, {"f4", NAX_F32}, {"f2", NAX_F16}, {"i1", NAX_I8},
               {"i2", NAX_I16}, {"i4", NAX_I32}, {"i8", NAX_I64}, {"u1", NAX_U8},
               {"u2", NAX_U16}, {"u4", NAX_U32}, {"u8", NAX_U64}, {"b1", NAX_BOOL},
               {"?", NAX_BOOL}, {"?1", NAX_BOOL}};
  const uint16_t one = 1;
  int little = *(const unsigned char *)&one == 1;
  char order = '=';
  const char *p = descr;
  if (*p != '\0' && strchr("<>|=", *p) != NULL) {
    order = *p++;
  }
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
    if (strcmp(p, known[i].code) == 0) {
      h->dtype = known[i].dtype;
      h->swap = (order == '<' && !little) || (order == '>' && little);
      snprintf(h->descr, sizeof h->descr, "%.7s", descr);
      return nax_dtype_size(h->dtype) == 1 || order != '|';
    }
  }
  return 0;
}

nax_status
nax_i_npy_header_text(nax_ctx *ctx, nax_i_bytes *b, nax_i_npy *h, char **text)
{
  nax_status status = NAX_OK;
  char *t = NULL;
  unsigned char head[12] = {0};
  const char *m = b->member;
  *text = NULL;
  memset(h, 0, sizeof *h);
  size_t n_head = b->size < sizeof head ? (size_t)b->size : sizeof head;
  NAX_TRY(b->read(ctx, b, 0, head, n_head));
  NAX_REQUIRE_FILE(n_head >= 6 && memcmp(head, "\x93NUMPY", 6) == 0, NAX_EFORMAT, b->path,
                   "%snot a .npy file (found %llu bytes without the signature of one, "
                   "expected \\x93NUMPY first)",
                   m, (unsigned long long)b->size);
  h->major = head[6];
  h->minor = head[7];
  NAX_REQUIRE_FILE(n_head >= 8 && h->major >= 1 && h->major <= 3, NAX_EFORMAT, b->path,
                   "%sunknown .npy version (found %d.%d, expected 1.0 to 3.0)", m,
                   h->major, h->minor);
  size_t fixed = h->major == 1 ? 10 : 12;
  uint32_t length = head[8] | (uint32_t)head[9] << 8;
  if (h->major > 1) {
    length |= (uint32_t)head[10] << 16 | (uint32_t)head[11] << 24;
  }
  uint64_t need = fixed + length;
  NAX_REQUIRE_FILE(b->size >= need, NAX_EFORMAT, b->path,
                   "%sheader cut at byte %llu of %llu (found %llu bytes, expected at "
                   "least %llu)",
                   m, (unsigned long long)b->size, (unsigned long long)need,
                   (unsigned long long)b->size, (unsigned long long)need);
  NAX_REQUIRE_FILE(length <= MAX_HEADER, NAX_EFORMAT, b->path,
                   "%sheader is too long (found %u bytes, expected at most %d)", m,
                   (unsigned)length, (int)MAX_HEADER);
  NAX_TRY_ALLOC(t, length + 1u, 1);
  NAX_TRY(b->read(ctx, b, fixed, t, length));
  h->data_at = need;
  *text = t;
  t = NULL;
done:
  nax_i_free(t);
  return status;
}

nax_status
nax_i_npy_header(nax_ctx *ctx, nax_source *s, nax_i_bytes *b, nax_i_npy *h)
{
  nax_status status = NAX_OK;
  char *text = NULL;
  literal l = {0};
  const char *m = b->member;
  NAX_TRY(nax_i_npy_header_text(ctx, b, h, &text));
  cursor c = {text, text + (h->data_at - (h->major == 1 ? 10 : 12))};
  const char *wrong = parse_literal(&c, &l, h);
  NAX_REQUIRE_FILE(wrong == NULL, NAX_EFORMAT, b->path,
                   "%s%s (expected {'descr': ..., 'fortran_order': ..., 'shape': ...})",
                   m, wrong);
  NAX_REQUIRE_FILE(decode_descr(l.descr, h), NAX_ETYPE, b->path,
                   "%selements are %s (found dtype %s, expected integers, floats or "
                   "booleans)",
                   m, refused_type(l.descr), l.descr[0] == '[' ? "[...]" : l.descr);
  snprintf(h->shape, sizeof h->shape, "%.*s",
           (int)(l.n_from < sizeof h->shape ? l.n_from : sizeof h->shape - 1), l.from);
  NAX_REQUIRE_FILE(!l.negative, NAX_EFORMAT, b->path,
                   "%snegative length in the shape (found %s, expected lengths of at "
                   "least 0)",
                   m, h->shape);
  NAX_REQUIRE_FILE(l.ndim <= NAX_MAX_NDIM, NAX_EFORMAT, b->path,
                   "%stoo many axes (found %d, expected at most %d)", m, (int)l.ndim,
                   NAX_MAX_NDIM);
  h->ndim = l.ndim;
  size_t size = nax_dtype_size(h->dtype);
  NAX_REQUIRE_FILE(!l.too_large && nax_i_size_product(h->ndim, h->dim, size, &h->n),
                   NAX_EFORMAT, b->path,
                   "%sshape overflows (found %s of %s, expected at most 2^63 bytes)", m,
                   h->shape, h->descr);
  uint64_t have = b->size - h->data_at, want = (uint64_t)h->n * size;
  NAX_REQUIRE_FILE(
      have >= want, NAX_EFORMAT, b->path, "%sdata has %llu bytes, shape %s %s needs %llu",
      m, (unsigned long long)have, h->shape, h->descr, (unsigned long long)want);
  if (have > want) {
    const char *base = strrchr(b->path, '/');
    NAX_TRY(nax_i_source_violation(
        ctx, s, "io.trailing-bytes",
        "%s: %s%llu bytes follow the data (found %llu, shape %s %s needs %llu)",
        base ? base + 1 : b->path, m, (unsigned long long)(have - want),
        (unsigned long long)have, h->shape, h->descr, (unsigned long long)want));
  }
done:
  nax_i_free(text);
  return status;
}
