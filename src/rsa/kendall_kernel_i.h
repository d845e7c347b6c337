/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Concordant minus discordant pairs with counts of one width: included once for each,
 * with COUNT (unsigned), VECTOR (32 bytes of them), LANES and NAME defined. Ranks are in
 * groups of 16 and these in blocks of 16: `rank` has for each rank the counts from it to
 * the end of its group, `group` for each group those of the groups behind it in its
 * block, `block` for each block those of the blocks behind it. All are raised by whole
 * vectors, without branches; those of blocks stay in registers and are stored for the
 * next look. */

typedef struct NAME(counters) {
  COUNT rank[MOST_RANKS + 17], group[MOST_RANKS / 16 + 17], block[MOST_RANKS / 256 + 17];
} NAME(counters);

/* How many of rank r or higher. */
static inline uint32_t
NAME(from)(const NAME(counters) * k, uint32_t r)
{
  return (uint32_t)k->rank[r] + k->group[r >> 4] + k->block[r >> 8];
}

/* `add` to the 16 counts that the window has set. */
static inline __attribute__((always_inline)) void
NAME(raise)(COUNT *to, const COUNT *window, COUNT add)
{
  VECTOR all = add - (VECTOR){0};
#pragma GCC unroll 2
  for (int v = 0; v < 16; v += LANES) {
    *(VECTOR *)(void *)(to + v) += all & *(const VECTOR *)(const void *)(window + v);
  }
}

/* `add` more of rank r. Windows into `few` and `many` are vectors with the first so many
 * lanes set. */
static inline __attribute__((always_inline)) void
NAME(insert)(NAME(counters) * k, VECTOR *behind, const COUNT *few, const COUNT *many,
             uint32_t r, COUNT add, const int vectors)
{
  const COUNT *blocks = many + (MOST_BLOCKS - (r >> 8));
  VECTOR all = add - (VECTOR){0};
  NAME(raise)(k->rank + (r & ~15U), few + (~r & 15), add);
  NAME(raise)(k->group + (r >> 8 << 4), few + (16 - (r >> 4 & 15)), add);
#pragma GCC unroll 4
  for (int v = 0; v < vectors; v++) {
    behind[v] += all & *(const VECTOR *)(const void *)(blocks + v * LANES);
    *(VECTOR *)(void *)(k->block + v * LANES) = behind[v];
  }
}

/* Pairs of different x less those of a larger or equal y before, and of a larger one.
 * `last` NULL: no two values of x are equal, and their number is left out; then `once` 1:
 * none of y either. `vectors` and `once` are constants at each call. */
static inline __attribute__((always_inline)) int64_t
NAME(body)(nax_index n, const int32_t *order, const int32_t *rank, const int32_t *count,
           const char *last, NAME(counters) * k, const int vectors, const int once)
{
  COUNT few[48] = {0}, many[2 * MOST_BLOCKS] = {0};
  VECTOR behind[4];
  uint64_t larger = 0, pairs = 0, before = 0;
  for (int i = 0; i < 16; i++) {
    few[i] = (COUNT)-1;
  }
  for (int i = 0; i < MOST_BLOCKS; i++) {
    many[i] = (COUNT)-1;
  }
  for (int v = 0; v < vectors; v++) {
    behind[v] = (VECTOR){0};
  }
  for (nax_index t = 0; last == NULL && t < n; t++) {
    uint32_t r = (uint32_t)rank[order[t]], c = (uint32_t)count[t];
    uint32_t f = NAME(from)(k, r);
    larger += (uint64_t)c * f;
    larger += once ? 0 : (uint64_t)c * NAME(from)(k, r + 1);
    NAME(insert)(k, behind, few, many, r, (COUNT)c, vectors);
  }
  larger *= last == NULL && once ? 2 : 1;
  for (nax_index start = 0, end; last != NULL && start < n; start = end) {
    uint64_t added = 0;
    for (end = start; end == start || !last[end - 1]; end++) {
      uint32_t r = (uint32_t)rank[order[end]], c = (uint32_t)count[end];
      larger += (uint64_t)c * NAME(from)(k, r) + (uint64_t)c * NAME(from)(k, r + 1);
      added += c;
    }
    for (nax_index t = start; t < end; t++) {
      NAME(insert)
      (k, behind, few, many, (uint32_t)rank[order[t]], (COUNT)count[t], vectors);
    }
    pairs += added * before;
    before += added;
  }
  return (int64_t)(pairs - larger);
}

NAX_I_CLONES static int64_t
NAME(score)(nax_index n, const int32_t *order, const int32_t *rank, const int32_t *count,
            const char *last, int32_t ranks, void *work)
{
  NAME(counters) *k = work;
  memset(k->rank, 0, ((size_t)ranks + 16) * sizeof *k->rank);
  memset(k->group, 0, sizeof k->group);
  memset(k->block, 0, sizeof k->block);
  int once = last == NULL && ranks == n;
  switch (ranks / 256 / LANES) {
  case 0:
    return once ? NAME(body)(n, order, rank, count, NULL, k, 1, 1)
                : NAME(body)(n, order, rank, count, last, k, 1, 0);
  case 1:
    return once ? NAME(body)(n, order, rank, count, NULL, k, 2, 1)
                : NAME(body)(n, order, rank, count, last, k, 2, 0);
  default:
    return once ? NAME(body)(n, order, rank, count, NULL, k, 4, 1)
                : NAME(body)(n, order, rank, count, last, k, 4, 0);
  }
}
