/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parsing text tables in one pass over the bytes. */
#include "text_i.h"
#include "text_number_i.h"
#include <math.h>
#include <stdlib.h>

/* ------------------------------------------------------------- strings of a column */

static uint64_t
hash(const char *p, size_t n)
{
  uint64_t h = UINT64_C(14695981039346656037);
  for (size_t i = 0; i < n; i++) {
    h = (h ^ (unsigned char)p[i]) * UINT64_C(1099511628211);
  }
  return h ^ (h >> 29);
}

const char *
nax_i_dict_text(const nax_i_dict *d, int32_t k)
{
  return k >= 0 && k < d->n ? d->bytes + d->at[k] : "";
}

static int
dict_grow(nax_i_dict *d)
{
  size_t n = d->n_slots ? 2 * d->n_slots : 64;
  int32_t *slot = nax_i_calloc(n, sizeof *slot);
  if (slot == NULL) {
    return 0;
  }
  for (int32_t k = 0; k < d->n; k++) {
    const char *p = d->bytes + d->at[k];
    size_t i = (size_t)hash(p, strlen(p)) & (n - 1);
    while (slot[i] != 0) {
      i = (i + 1) & (n - 1);
    }
    slot[i] = k + 1;
  }
  nax_i_free(d->slot);
  d->slot = slot;
  d->n_slots = n;
  return 1;
}

static int
dict_append(nax_i_dict *d, const char *p, size_t n)
{
  if (d->n == d->cap) {
    int32_t cap = d->cap ? 2 * d->cap : 32;
    size_t *at =
        d->n < INT32_MAX / 2 ? nax_i_realloc(d->at, (size_t)cap, sizeof *at) : NULL;
    if (at == NULL) {
      return 0;
    }
    d->at = at;
    d->cap = cap;
  }
  if (d->cap_bytes - d->n_bytes <= n) {
    size_t cap = 2 * (d->cap_bytes + n + 64);
    char *b = nax_i_realloc(d->bytes, cap, 1);
    if (b == NULL) {
      return 0;
    }
    d->bytes = b;
    d->cap_bytes = cap;
  }
  memcpy(d->bytes + d->n_bytes, p, n);
  d->bytes[d->n_bytes + n] = '\0';
  d->at[d->n++] = d->n_bytes;
  d->n_bytes += n + 1;
  return 1;
}

/* Number of the string; -1 when out of memory. */
static int32_t
dict_intern(nax_i_dict *d, const char *p, size_t n)
{
  if ((size_t)d->n * 2 >= d->n_slots && !dict_grow(d)) {
    return -1;
  }
  size_t i = (size_t)hash(p, n) & (d->n_slots - 1);
  for (; d->slot[i] != 0; i = (i + 1) & (d->n_slots - 1)) {
    const char *have = d->bytes + d->at[d->slot[i] - 1];
    if (strlen(have) == n && memcmp(have, p, n) == 0) {
      return d->slot[i] - 1;
    }
  }
  if (!dict_append(d, p, n)) {
    return -1;
  }
  d->slot[i] = d->n;
  return d->n - 1;
}

static void
dict_free(nax_i_dict *d)
{
  if (d != NULL) {
    nax_i_free(d->bytes);
    nax_i_free(d->at);
    nax_i_free(d->slot);
    nax_i_free(d);
  }
}

/* --------------------------------------------------------------------------- cells */

typedef enum kind {
  MISSING = 1,
  NUMBER,
  INFINITE,
  TOO_LARGE,
  TEXT,
  OPEN_QUOTE,
  TAIL
} kind;

typedef struct parser {
  const char *p, *end;
  nax_index line; /* of p, from 1 */
  char separator, point;
  int ends_line;         /* the cell just read was the last of its row */
  int quoted;            /* it had quotes */
  const char *from, *to; /* its bytes, without blanks around or outer quotes */
  double x;
} parser;

static int
is_blank(const parser *q, char c)
{
  return c == ' ' || (c == '\t' && q->separator != '\t') || c == '\r';
}

/* After a cell: take the separator, or the end of the line. 0 when neither is here. */
static int
end_of_cell(parser *q)
{
  while (q->p < q->end && is_blank(q, *q->p)) {
    q->p++;
  }
  q->ends_line = q->p >= q->end || *q->p == '\n';
  if (q->ends_line) {
    q->line += q->p < q->end;
    q->p += q->p < q->end;
    return 1;
  }
  if (q->separator == ' ') {
    return q->p > q->from && is_blank(q, q->p[-1]);
  }
  if (*q->p == q->separator) {
    q->p++;
    return 1;
  }
  return 0;
}

static int
is_word(const parser *q, const char *word)
{
  size_t n = (size_t)(q->to - q->from);
  for (size_t i = 0; i < n; i++) {
    char c = q->from[i];
    c = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    if (c != word[i]) { /* also where word ends */
      return 0;
    }
  }
  return word[n] == '\0';
}

/* What a cell is that does not begin as a number does. */
static kind
classify(parser *q)
{
  static const char *const missing[] = {"",     "na",   "nan", "n/a", "#n/a",
                                        "null", "none", "-",   "-nan"};
  static const char *const infinite[] = {"inf", "+inf", "-inf", "infinity", "-infinity"};
  for (size_t i = 0; i < sizeof missing / sizeof missing[0]; i++) {
    if (is_word(q, missing[i])) {
      q->x = (double)NAN;
      return MISSING;
    }
  }
  for (size_t i = 0; i < sizeof infinite / sizeof infinite[0]; i++) {
    if (is_word(q, infinite[i])) {
      q->x = *q->from == '-' ? -(double)INFINITY : (double)INFINITY;
      return INFINITE;
    }
  }
  return TEXT;
}

static kind
quoted_cell(parser *q)
{
  nax_index lines = 0;
  q->quoted = 1;
  q->from = ++q->p;
  while (q->p < q->end) {
    if (*q->p == '"') {
      if (q->p + 1 < q->end && q->p[1] == '"') {
        q->p++; /* a doubled quote stands for one */
      } else {
        break;
      }
    }
    lines += *q->p == '\n';
    q->p++;
  }
  if (q->p >= q->end) {
    return OPEN_QUOTE;
  }
  q->to = q->p++;
  q->line += lines;
  const char *p = q->from, *to = q->to;
  nax_i_number got = nax_i_scan_number(&p, to, q->point, &q->x);
  kind k = p == to && got == NAX_I_NUMBER             ? NUMBER
           : p == to && got == NAX_I_NUMBER_TOO_LARGE ? TOO_LARGE
                                                      : classify(q);
  if (!end_of_cell(q)) {
    return TAIL;
  }
  return k;
}

/* One cell; leaves p behind its separator or line end. */
static kind
scan_cell(parser *q)
{
  while (q->p < q->end && is_blank(q, *q->p)) {
    q->p++;
  }
  q->quoted = 0;
  if (q->p < q->end && *q->p == '"') {
    return quoted_cell(q);
  }
  q->from = q->p;
  nax_i_number got = nax_i_scan_number(&q->p, q->end, q->point, &q->x);
  if (got != NAX_I_NUMBER_NOT) {
    q->to = q->p;
    if (end_of_cell(q)) {
      return got == NAX_I_NUMBER ? NUMBER : TOO_LARGE;
    }
  }
  q->p = q->from;
  while (q->p < q->end && *q->p != '\n' &&
         (q->separator == ' ' ? !is_blank(q, *q->p) : *q->p != q->separator)) {
    q->p++;
  }
  q->to = q->p;
  while (q->to > q->from && is_blank(q, q->to[-1])) {
    q->to--;
  }
  kind k = classify(q);
  (void)end_of_cell(q);
  return k;
}

/* Skip empty lines and comments; 0 at the end of the file. */
static int
next_row(parser *q)
{
  while (q->p < q->end) {
    const char *p = q->p;
    while (p < q->end && is_blank(q, *p)) {
      p++;
    }
    if (p < q->end && *p != '\n' && *p != '#' && *p != '%') {
      return 1;
    }
    p = p < q->end ? memchr(p, '\n', (size_t)(q->end - p)) : NULL;
    q->line++;
    q->p = p != NULL ? p + 1 : q->end;
  }
  return 0;
}

/* ----------------------------------------------------------------- the whole table */

typedef struct build {
  const char *path;
  nax_i_text *t;
  parser q;
  int allow_inf;
  size_t cap_cells, n_cells;
  nax_index cap_rows;
  unsigned char *type; /* per column: 0 nothing but missing yet, NUMBER, TEXT */
  char *scratch;       /* a cell without doubled quotes */
  size_t cap_scratch;
} build;

/* The bytes of the cell just read, quotes undoubled. NULL when out of memory. */
static const char *
cell_text(build *b, size_t *n)
{
  const parser *q = &b->q;
  *n = (size_t)(q->to - q->from);
  if (!q->quoted || memchr(q->from, '"', *n) == NULL) {
    return q->from;
  }
  if (*n > b->cap_scratch) {
    char *p = nax_i_realloc(b->scratch, *n, 1);
    if (p == NULL) {
      return NULL;
    }
    b->scratch = p;
    b->cap_scratch = *n;
  }
  size_t k = 0;
  for (const char *p = q->from; p < q->to; p++) {
    b->scratch[k++] = *p;
    p += *p == '"';
  }
  *n = k;
  return b->scratch;
}

static nax_status
cell_fault(nax_ctx *ctx, const build *b, kind k, nax_index line, nax_index column)
{
  const parser *q = &b->q;
  size_t n = k == OPEN_QUOTE ? 0 : (size_t)(q->to - q->from);
  int show = n < 40 ? (int)n : 40;
  long long row = (long long)line, col = (long long)column + 1;
  switch (k) {
  case OPEN_QUOTE:
    return nax_i_fail_file(ctx, NAX_EFORMAT, b->path,
                           "row %lld, column %lld: the quote is never closed", row, col);
  case TAIL:
    return nax_i_fail_file(
        ctx, NAX_EFORMAT, b->path,
        "row %lld, column %lld: text after the closing quote (found `%.*s` and more, "
        "expected a separator)",
        row, col, show, q->from);
  case TOO_LARGE:
    return nax_i_fail_file(
        ctx, NAX_EDATA, b->path,
        "row %lld, column %lld: number out of range (found %.*s, expected at most "
        "1.8e308 in size)",
        row, col, show, q->from);
  case INFINITE:
    return nax_i_fail_file(ctx, NAX_EDATA, b->path,
                           "row %lld, column %lld: infinite value (found %.*s, expected "
                           "finite values; option `allow-inf` accepts them)",
                           row, col, show, q->from);
  default:
    return nax_i_fail_file(
        ctx, NAX_EFORMAT, b->path,
        "row %lld, column %lld: text among numbers (found `%.*s`, expected a number)",
        row, col, show, q->from);
  }
}

static nax_status
make_room(nax_ctx *ctx, build *b)
{
  nax_status status = NAX_OK;
  nax_i_text *t = b->t;
  if (b->n_cells + (size_t)t->n_cols > b->cap_cells) {
    /* Each cell takes at least one more byte of the file. */
    size_t left = (size_t)(b->q.end - b->q.p) + 1, cap = b->cap_cells * 3 / 2 + 64;
    cap = cap > b->n_cells + left ? b->n_cells + left : cap;
    cap = cap < b->n_cells + (size_t)t->n_cols ? b->n_cells + (size_t)t->n_cols : cap;
    double *p = nax_i_realloc(t->cells, cap, sizeof *p);
    NAX_REQUIRE(p != NULL, NAX_ENOMEM, "out of memory (%zu cells)", cap);
    t->cells = p;
    b->cap_cells = cap;
  }
  if (t->n_rows == b->cap_rows) {
    nax_index cap = b->cap_rows * 3 / 2 + 64;
    nax_index *p = nax_i_realloc(t->line, (size_t)cap, sizeof *p);
    NAX_REQUIRE(p != NULL, NAX_ENOMEM, "out of memory");
    t->line = p;
    b->cap_rows = cap;
  }
done:
  return status;
}

/* A cell that is no plain number: text, missing, or a fault. */
static nax_status
store_odd(nax_ctx *ctx, build *b, kind k, nax_index line, nax_index c, double *to)
{
  nax_status status = NAX_OK;
  nax_i_text *t = b->t;
  *to = (double)NAN;
  if (k == MISSING) {
    goto done;
  }
  if (k == INFINITE && b->allow_inf && b->type[c] != TEXT) {
    b->type[c] = NUMBER;
    *to = b->q.x;
    goto done;
  }
  if (k == OPEN_QUOTE || k == TAIL || b->type[c] == NUMBER ||
      (k != TEXT && b->type[c] != TEXT)) {
    status = cell_fault(ctx, b, k, line, c);
    goto done;
  }
  if (t->dict == NULL) {
    NAX_TRY_ALLOC(t->dict, t->n_cols, sizeof *t->dict);
  }
  if (t->dict[c] == NULL) {
    NAX_TRY_ALLOC(t->dict[c], 1, sizeof **t->dict);
    b->type[c] = TEXT;
  }
  size_t n;
  const char *p = cell_text(b, &n);
  int32_t id = p != NULL ? dict_intern(t->dict[c], p, n) : -1;
  NAX_REQUIRE(id >= 0, NAX_ENOMEM, "out of memory");
  *to = id;
done:
  return status;
}

static nax_status
parse_rows(nax_ctx *ctx, build *b)
{
  nax_status status = NAX_OK;
  nax_i_text *t = b->t;
  parser *q = &b->q;
  while (next_row(q)) {
    nax_index line = q->line, c = 0;
    NAX_TRY(make_room(ctx, b));
    double *row = t->cells + b->n_cells;
    q->ends_line = 0;
    for (; !q->ends_line; c++) {
      kind k = scan_cell(q);
      if (c >= t->n_cols) {
        continue; /* only counted, for the message */
      }
      if (k == NUMBER && b->type[c] != TEXT) {
        b->type[c] = NUMBER;
        row[c] = q->x;
      } else {
        NAX_TRY(store_odd(ctx, b, k, line, c, &row[c]));
      }
    }
    NAX_REQUIRE_FILE(c == t->n_cols, NAX_EFORMAT, b->path,
                     "row %lld, column %lld: rows differ in length (found %lld cells, "
                     "expected %lld as in the first row)",
                     (long long)line, (long long)(c < t->n_cols ? c + 1 : t->n_cols + 1),
                     (long long)c, (long long)t->n_cols);
    b->n_cells += (size_t)t->n_cols;
    t->line[t->n_rows++] = line;
  }
done:
  return status;
}

/* Kinds of the cells of the row at q, and how many; p stays where it was. */
static nax_status
look_at_row(nax_ctx *ctx, const build *b, const parser *q, unsigned char **kinds,
            nax_index *n)
{
  nax_status status = NAX_OK;
  parser look = *q;
  nax_index cap = 0;
  *kinds = NULL;
  *n = 0;
  look.ends_line = 0;
  while (!look.ends_line) {
    if (*n == cap) {
      cap = 2 * cap + 64;
      unsigned char *p = nax_i_realloc(*kinds, (size_t)cap, 1);
      NAX_REQUIRE(p != NULL, NAX_ENOMEM, "out of memory");
      *kinds = p;
    }
    kind k = scan_cell(&look);
    (*kinds)[*n] = (unsigned char)k;
    if (k == OPEN_QUOTE || k == TAIL) {
      build copy = *b;
      copy.q = look;
      status = cell_fault(ctx, &copy, k, q->line, *n);
      goto done;
    }
    ++*n;
  }
done:
  return status;
}

/* The first row is a header when one of its cells is text where the second row has none,
 * or when it is nothing but text. */
static nax_status
decide_header(nax_ctx *ctx, build *b, int *has)
{
  nax_status status = NAX_OK;
  unsigned char *first = NULL, *second = NULL;
  nax_index n_second = 0;
  int all_text = 1;
  *has = 0;
  NAX_TRY(look_at_row(ctx, b, &b->q, &first, &b->t->n_cols));
  parser next = b->q;
  do {
    (void)scan_cell(&next);
  } while (!next.ends_line);
  if (next_row(&next)) {
    NAX_TRY(look_at_row(ctx, b, &next, &second, &n_second));
  }
  for (nax_index c = 0; c < b->t->n_cols; c++) {
    all_text = all_text && (first[c] == TEXT || first[c] == MISSING);
    *has = *has || (first[c] == TEXT && c < n_second && second[c] != TEXT);
  }
  int some_text = memchr(first, TEXT, (size_t)b->t->n_cols) != NULL;
  *has = *has || (all_text && some_text);
done:
  nax_i_free(first);
  nax_i_free(second);
  return status;
}

static nax_status
read_header(nax_ctx *ctx, build *b)
{
  nax_status status = NAX_OK;
  nax_i_text *t = b->t;
  nax_i_dict *seen = NULL;
  nax_index line = b->q.line;
  NAX_TRY_ALLOC(seen, 1, sizeof *seen);
  NAX_TRY_ALLOC(t->header, t->n_cols, sizeof *t->header);
  for (nax_index c = 0; c < t->n_cols; c++) {
    size_t n;
    (void)scan_cell(&b->q);
    const char *p = cell_text(b, &n);
    NAX_REQUIRE(p != NULL, NAX_ENOMEM, "out of memory");
    t->header[c] = nax_i_strndup(p, n);
    NAX_REQUIRE(t->header[c] != NULL, NAX_ENOMEM, "out of memory");
    nax_i_clean_utf8(t->header[c]);
    if (n == 0) {
      continue;
    }
    int32_t before = seen->n, id = dict_intern(seen, p, n);
    NAX_REQUIRE(id >= 0, NAX_ENOMEM, "out of memory");
    NAX_REQUIRE_FILE(id == before, NAX_EFORMAT, b->path,
                     "row %lld, column %lld: the name `%.40s` is used twice (expected "
                     "different column names)",
                     (long long)line, (long long)c + 1, t->header[c]);
  }
done:
  dict_free(seen);
  return status;
}

/* The separator that the first row has, and the second as well if there is one. */
static char
find_separator(const char *p, const char *end)
{
  static const char candidates[] = {'\t', ';', ',', ' '};
  parser q = {.p = p, .end = end, .line = 1, .separator = ','};
  int seen[4] = {0}, first[4] = {0}, rows = 0;
  for (; rows < 2 && next_row(&q); rows++) {
    int has[4] = {0}, quoted = 0, begun = 0;
    for (; q.p < q.end && (*q.p != '\n' || quoted); q.p++) {
      quoted ^= *q.p == '"';
      begun = begun || (*q.p != ' ' && *q.p != '\t');
      for (int k = 0; k < 4 && !quoted; k++) {
        int more = q.p + 1 < q.end && !strchr(" \t\r\n", q.p[1]);
        int inside = candidates[k] != ' ' || (begun && more);
        has[k] = has[k] || (*q.p == candidates[k] && inside);
      }
    }
    for (int k = 0; k < 4; k++) {
      seen[k] += has[k];
      first[k] = rows == 0 ? has[k] : first[k];
    }
  }
  for (int k = 0; k < 4; k++) {
    if (rows > 0 && seen[k] == rows) {
      return candidates[k];
    }
  }
  return first[0] ? '\t' : first[1] ? ';' : ',';
}

/* Where semicolons separate, the decimal point may be a comma: it is when some digits
 * have a comma between them and none a point. */
static char
decimal_point(const char *p, const char *end)
{
  int comma = 0;
  for (const char *q = p + 1; q + 1 < end; q++) {
    if ((*q == '.' || *q == ',') && q[-1] >= '0' && q[-1] <= '9' && q[1] >= '0' &&
        q[1] <= '9') {
      if (*q == '.') {
        return '.';
      }
      comma = 1;
    }
  }
  return comma ? ',' : '.';
}

static nax_status
refuse_nul(nax_ctx *ctx, const char *path, const char *data, size_t n)
{
  const char *nul = memchr(data, '\0', n), *start = data;
  long long row = 1;
  if (nul == NULL) {
    return NAX_OK;
  }
  for (const char *p = data; p < nul; p++) {
    if (*p == '\n') {
      row++;
      start = p + 1;
    }
  }
  return nax_i_fail_file(ctx, NAX_EFORMAT, path,
                         "row %lld, byte %lld: zero byte (expected text in UTF-8; "
                         "binary data and UTF-16 look like this)",
                         row, (long long)(nul - start) + 1);
}

nax_status
nax_i_text_read(nax_ctx *ctx, const char *path, int allow_inf, nax_i_text *t)
{
  nax_status status = NAX_OK;
  build b = {.path = path, .t = t, .allow_inf = allow_inf};
  char *data = NULL;
  size_t n = 0;
  int has_header = 0;
  *t = (nax_i_text){0};
  NAX_TRY(nax_i_read_file(ctx, path, (size_t)PTRDIFF_MAX - 1, &data, &n));
  NAX_REQUIRE_FILE(n > 0, NAX_EFORMAT, path, "is empty (0 bytes)");
  NAX_REQUIRE_FILE(n < 2 || (memcmp(data, "\xff\xfe", 2) && memcmp(data, "\xfe\xff", 2)),
                   NAX_EFORMAT, path, "is UTF-16 text (expected UTF-8)");
  NAX_TRY(refuse_nul(ctx, path, data, n));
  size_t skip = n >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
  t->separator = find_separator(data + skip, data + n);
  b.q = (parser){.p = data + skip,
                 .end = data + n,
                 .line = 1,
                 .separator = t->separator,
                 .point = '.'};
  if (t->separator == ';') {
    b.q.point = decimal_point(b.q.p, b.q.end);
  }
  NAX_REQUIRE_FILE(next_row(&b.q), NAX_EFORMAT, path,
                   "has no data (found %zu bytes of blanks or comments)", n);
  NAX_TRY(decide_header(ctx, &b, &has_header));
  if (has_header) {
    NAX_TRY(read_header(ctx, &b));
  }
  NAX_TRY_ALLOC(b.type, t->n_cols, 1);
  NAX_TRY(parse_rows(ctx, &b));
  if (b.cap_cells > b.n_cells && b.n_cells > 0) {
    double *less = nax_i_realloc(t->cells, b.n_cells, sizeof *less);
    NAX_REQUIRE(less != NULL, NAX_ENOMEM, "out of memory");
    t->cells = less;
  }
done:
  nax_i_free(b.type);
  nax_i_free(b.scratch);
  nax_i_free(data);
  if (status != NAX_OK) {
    nax_i_text_free(t);
  }
  return status;
}

void
nax_i_text_free(nax_i_text *t)
{
  for (nax_index c = 0; c < t->n_cols && t->dict != NULL; c++) {
    dict_free(t->dict[c]);
  }
  nax_i_free(t->dict);
  nax_i_free_strings(t->header, t->n_cols);
  nax_i_free(t->cells);
  nax_i_free(t->line);
  *t = (nax_i_text){0};
}

nax_index
nax_i_text_find(const nax_i_text *t, const char *name)
{
  for (nax_index c = 0; c < t->n_cols && t->header != NULL; c++) {
    if (strcmp(t->header[c], name) == 0) {
      return c;
    }
  }
  return -1;
}

nax_status
nax_i_text_to_table(nax_ctx *ctx, const nax_i_text *t, nax_index j, const char *name,
                    const char *unit, const nax_index *row, nax_table *table)
{
  nax_status status = NAX_OK;
  double *numbers = NULL;
  const char **text = NULL;
  char *all = NULL;
  nax_index n = nax_table_n_rows(table);
  const nax_i_dict *d = t->dict != NULL ? t->dict[j] : NULL;
  if (d == NULL) {
    NAX_TRY_ALLOC(numbers, n, sizeof *numbers);
  } else {
    NAX_TRY_ALLOC(text, n, sizeof *text);
    /* Labels go into files and pages: clean them once for all rows. */
    NAX_TRY_ALLOC(all, d->n_bytes + 1, 1);
    memcpy(all, d->bytes, d->n_bytes);
    for (int32_t k = 0; k < d->n; k++) {
      nax_i_clean_utf8(all + d->at[k]);
    }
  }
  for (nax_index i = 0; i < n; i++) {
    nax_index r = row != NULL ? row[i] : i;
    double x = r >= 0 ? t->cells[r * t->n_cols + j] : (double)NAN;
    if (d == NULL) {
      numbers[i] = x;
    } else {
      text[i] = isnan(x) ? "" : all + d->at[(int32_t)x];
    }
  }
  NAX_TRY(d == NULL ? nax_table_add_numbers(ctx, table, name, unit, numbers)
                    : nax_table_add_text(ctx, table, name, text));
done:
  nax_i_free(numbers);
  nax_i_free(text);
  nax_i_free(all);
  return status;
}

int
nax_i_text_looks(const unsigned char *head, size_t n)
{
  size_t numeric = 0, letters = 0, control = 0;
  size_t skip = n >= 3 && memcmp(head, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
  int comment = 0;
  for (size_t i = skip; i < n; i++) {
    unsigned char c = head[i];
    int line_start = i == skip || head[i - 1] == '\n';
    comment = line_start ? c == '#' || c == '%' : comment;
    if (c < 32 && c != '\n' && c != '\r' && c != '\t') {
      control++;
    } else if (!comment) {
      numeric += c < 128 && strchr("0123456789.,;+-eE \t\r\n", c) != NULL;
      letters += c >= 'A' && c != 'e' && c != 'E';
    }
  }
  return control == 0 && n > 0 && numeric > 3 * letters && memchr(head, '\n', n) != NULL;
}
