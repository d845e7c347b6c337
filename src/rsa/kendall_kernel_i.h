/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Concordant minus discordant pairs with counts of one width: included once for each,
 * with COUNT (unsigned), VECTOR (32 bytes of them), LANES and NAME defined. Ranks go in
 * words of 64; `inside` has for each rank the counts from it to the end of its word,
 * `after` for each word the counts of the words behind it. Both are raised by whole
 * vectors, without branches; those of `after` stay in registers and are stored for the
 * next look. */

/* Counts of ranks above r, twice, and of r. */
static inline int64_t
NAME(not_below)(const COUNT *inside, const COUNT *after, int32_t r)
{
  return (int64_t)((uint32_t)after[r >> 6] + inside[r]) +
         (int64_t)((uint32_t)after[(r + 1) >> 6] + inside[r + 1]);
}

/* `add` more of rank r. The windows are the vectors with the first so many lanes set. */
static inline __attribute__((always_inline)) void
NAME(insert)(COUNT *inside, COUNT *after, VECTOR *behind, const COUNT *few,
             const COUNT *many, int32_t r, COUNT add, const int vectors)
{
  const COUNT *in_word = few + 63 - (r & 63);
  const COUNT *in_words = many + VECTORS * LANES - (r >> 6);
  VECTOR *in = (VECTOR *)(void *)(inside + (r & ~63));
  VECTOR all = add - (VECTOR){0};
#pragma GCC unroll 8
  for (int v = 0; v < 64 / LANES; v++) {
    in[v] += all & *(const VECTOR *)(const void *)(in_word + v * LANES);
  }
#pragma GCC unroll 8
  for (int v = 0; v < vectors; v++) {
    behind[v] += all & *(const VECTOR *)(const void *)(in_words + v * LANES);
    *(VECTOR *)(void *)(after + v * LANES) = behind[v];
  }
}

/* `last` NULL: no two values are equal. `vectors` is a constant at each call. */
static inline __attribute__((always_inline)) int64_t
NAME(body)(nax_index n, const int32_t *rank, const int32_t *count, const char *last,
           COUNT *inside, COUNT *after, const int vectors)
{
  COUNT few[128] = {0}, many[2 * VECTORS * LANES] = {0};
  VECTOR behind[VECTORS];
  int64_t score = 0, before = 0;
  for (int i = 0; i < 64; i++) {
    few[i] = (COUNT)-1;
  }
  for (int i = 0; i < VECTORS * LANES; i++) {
    many[i] = (COUNT)-1;
  }
  for (int v = 0; v < vectors; v++) {
    behind[v] = (VECTOR){0};
  }
  for (nax_index t = 0; last == NULL && t < n; t++) {
    int32_t r = rank[t];
    score += count[t] * (before - NAME(not_below)(inside, after, r));
    NAME(insert)(inside, after, behind, few, many, r, (COUNT)count[t], vectors);
    before += count[t];
  }
  for (nax_index from = 0, to; last != NULL && from < n; from = to) {
    int64_t added = 0;
    for (to = from; to == from || !last[to - 1]; to++) {
      score += count[to] * (before - NAME(not_below)(inside, after, rank[to]));
      added += count[to];
    }
    for (nax_index t = from; t < to; t++) {
      NAME(insert)(inside, after, behind, few, many, rank[t], (COUNT)count[t], vectors);
    }
    before += added;
  }
  return score;
}

NAX_I_CLONES static int64_t
NAME(score)(nax_index n, const int32_t *rank, const int32_t *count, const char *last,
            int32_t ranks, COUNT *work)
{
  int words = ranks / 64 + 1;
  COUNT *after = work, *inside = work + VECTORS * LANES;
  memset(work, 0, (size_t)(VECTORS * LANES + words * 64) * sizeof *work);
  switch ((words + LANES - 1) / LANES) {
  case 1:
    return NAME(body)(n, rank, count, last, inside, after, 1);
  case 2:
    return NAME(body)(n, rank, count, last, inside, after, 2);
  case 3:
    return NAME(body)(n, rank, count, last, inside, after, 3);
  case 4:
    return NAME(body)(n, rank, count, last, inside, after, 4);
  case 5:
    return NAME(body)(n, rank, count, last, inside, after, 5);
  case 6:
    return NAME(body)(n, rank, count, last, inside, after, 6);
  default:
    return NAME(body)(n, rank, count, last, inside, after, VECTORS);
  }
}
