/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Concordant minus discordant pairs with counts of one width: included once for each,
 * with COUNT (unsigned), VECTOR (64 bytes of them), LANES and NAME defined. Ranks go in
 * words of 64; `inside` has for each rank the counts from it to the end of its word,
 * `after` for each word the counts of the words behind it. Both are raised by whole
 * vectors, without branches; those of `after` stay in registers and are stored for the
 * next look. */

static inline __attribute__((always_inline)) int64_t
NAME(body)(nax_index n, const int32_t *rank, const int32_t *count, const char *last,
           COUNT *inside, COUNT *after, const int vectors)
{
  VECTOR lane[64 / LANES], behind[4];
  int64_t score = 0, before = 0;
  for (int v = 0; v < 64 / LANES; v++) {
    for (int i = 0; i < LANES; i++) {
      lane[v][i] = (COUNT)(v * LANES + i);
    }
  }
  for (int v = 0; v < vectors; v++) {
    behind[v] = (VECTOR){0};
  }
  for (nax_index from = 0, to; from < n; from = to) {
    int64_t added = 0;
    for (to = from; to == from || !last[to - 1]; to++) {
      int32_t r = rank[to];
      int64_t not_smaller = (int64_t)after[r >> 6] + inside[r];
      int64_t larger = (int64_t)after[(r + 1) >> 6] + inside[r + 1];
      score += count[to] * (before - not_smaller - larger);
    }
    for (nax_index t = from; t < to; t++) {
      int32_t r = rank[t];
      COUNT add = (COUNT)count[t], word = (COUNT)(r >> 6), place = (COUNT)(r & 63);
      VECTOR *in = (VECTOR *)(void *)(inside + (r & ~63));
      VECTOR *out = (VECTOR *)(void *)after;
      VECTOR all = add - (VECTOR){0};
      for (int v = 0; v < 64 / LANES; v++) {
        in[v] += all & (VECTOR)(lane[v] <= place);
      }
      for (int v = 0; v < vectors; v++) {
        behind[v] += all & (VECTOR)(lane[0] + (COUNT)(v * LANES) < word);
        out[v] = behind[v];
      }
      added += count[t];
    }
    before += added;
  }
  return score;
}

KENDALL_CLONES static int64_t
NAME(score)(nax_index n, const int32_t *rank, const int32_t *count, const char *last,
            int32_t ranks, COUNT *work)
{
  int words = ranks / 64 + 1, vectors = (words + LANES - 1) / LANES;
  COUNT *after = work, *inside = work + 4 * LANES;
  memset(work, 0, (size_t)(4 * LANES + words * 64) * sizeof *work);
  switch (vectors) {
  case 1:
    return NAME(body)(n, rank, count, last, inside, after, 1);
  case 2:
    return NAME(body)(n, rank, count, last, inside, after, 2);
  case 3:
    return NAME(body)(n, rank, count, last, inside, after, 3);
  default:
    return NAME(body)(n, rank, count, last, inside, after, 4);
  }
}
