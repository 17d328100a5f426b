/*
 * Distances between samples: nearest neighbours by comparing all, exact distances of candidates, and ranks.
 * Every sum is computed by one thread in a fixed order, so that results depend neither on the threads nor on the machine.
 */
#include <stdint.h>

#include "rows.hpp"
#include "search.hpp"
#include "threads.hpp"

using namespace portolan;

namespace {

/** [BLOCK, BLOCK] distances in the order of the metric: of the cosine −a·b of unit rows, else ‖a − b‖². */
[[gnu::noinline]] void compare(const float* a, const float* b, uint32_t stride, bool cosine, float* out) {
  for (uint32_t r = 0; r < BLOCK; r += 4)
    for (uint32_t s = 0; s < BLOCK; s += 2) {
      float* to = out + r * BLOCK + s;
      if (cosine) tile<true>(a + r * stride, b + s * stride, stride, to, BLOCK);
      else tile<false>(a + r * stride, b + s * stride, stride, to, BLOCK);
    }
  if (cosine)
    for (uint32_t p = 0; p < BLOCK * BLOCK; p++) out[p] = -out[p];
}

/** Runs over all other rows for a block of queries: each(query's place in the block, other, distance). */
template <typename Each>
void scan(const Rows& rows, const uint32_t* queries, uint32_t count, const Blocks& blocks, Each each) {
  const uint32_t stride = stride_of(rows);
  for (uint32_t first = 0; first < rows.n; first += BLOCK) {
    const uint32_t width = rows.n - first < BLOCK ? rows.n - first : BLOCK;
    for (uint32_t s = 0; s < width; s++) unpack_scaled(rows, first + s, blocks.others + s * stride);
    compare(blocks.queries, blocks.others, stride, rows.inverse != nullptr, blocks.distances);
    for (uint32_t r = 0; r < count; r++)
      for (uint32_t s = 0; s < width; s++)
        if (first + s != queries[r])
          each(r, first + s, placed(rows, queries[r], first + s, blocks.distances[r * BLOCK + s]));
  }
}

/** Σ a·b or Σ (a − b)² in float64, of rows as they are. */
double exact_sum(const float* a, const float* b, uint32_t stride, bool product) {
  v128_t low = wasm_f64x2_splat(0);
  v128_t high = wasm_f64x2_splat(0);
  for (uint32_t c = 0; c < stride; c += 4) {
    const v128_t x = wasm_v128_load(a + c);
    const v128_t y = wasm_v128_load(b + c);
    v128_t x0 = wasm_f64x2_promote_low_f32x4(x);
    v128_t x1 = wasm_f64x2_promote_low_f32x4(wasm_i64x2_shuffle(x, x, 1, 0));
    v128_t y0 = wasm_f64x2_promote_low_f32x4(y);
    v128_t y1 = wasm_f64x2_promote_low_f32x4(wasm_i64x2_shuffle(y, y, 1, 0));
    if (!product) {
      x0 = y0 = wasm_f64x2_sub(x0, y0);
      x1 = y1 = wasm_f64x2_sub(x1, y1);
    }
    low = wasm_f64x2_add(low, wasm_f64x2_mul(x0, y0));
    high = wasm_f64x2_add(high, wasm_f64x2_mul(x1, y1));
  }
  const v128_t sum = wasm_f64x2_add(low, high);
  return wasm_f64x2_extract_lane(sum, 0) + wasm_f64x2_extract_lane(sum, 1);
}

/** Cosine: 1 − a·b/√(‖a‖²‖b‖²), between two zero rows 0, between a zero row and another 1. Euclidean: ‖a − b‖. */
[[gnu::noinline]] double exact_distance(const float* a, const float* b, uint32_t stride, double square_a, double square_b,
                                        bool cosine) {
  if (!cosine) return __builtin_sqrt(exact_sum(a, b, stride, false));
  if (square_a == 0 || square_b == 0) return square_a == square_b ? 0 : 1;
  const double distance = 1 - exact_sum(a, b, stride, true) / __builtin_sqrt(square_a * square_b);
  return distance > 0 ? distance : 0;
}

}  // namespace

extern "C" {

/** Floats of scratch for each thread. */
uint32_t scratch_floats(const Rows* rows) { return 2 * BLOCK * stride_of(*rows) + BLOCK * BLOCK; }

/** Squared lengths in float64, [n], and their inverse roots. A row is summed as `exact_distances` sums. */
void lengths(const Rows* rows, double* squares, float* inverse, float* scratch, int thread, int threads) {
  const Blocks blocks(scratch, stride_of(*rows), thread);
  const Part part = part_of(rows->n, thread, threads);
  for (uint32_t i = part.from; i < part.to; i++) {
    unpack(*rows, i, 1, blocks.queries);
    squares[i] = exact_sum(blocks.queries, blocks.queries, stride_of(*rows), true);
    inverse[i] = squares[i] > 0 ? static_cast<float>(1 / __builtin_sqrt(squares[i])) : 0;
  }
}

/**
 * The m nearest others of some samples among all, in float32; equal distances by index.
 * @param queries    [count], samples
 * @param distances, indices [count, m], written, in the order of a heap; m below n
 */
void nearest(const Rows* rows, const uint32_t* queries, uint32_t count, uint32_t m, float* distances, uint32_t* indices,
             float* scratch, int thread, int threads) {
  const uint32_t stride = stride_of(*rows);
  const Blocks blocks(scratch, stride, thread);
  const Part part = part_of((count + BLOCK - 1) / BLOCK, thread, threads);
  for (uint32_t block = part.from; block < part.to; block++) {
    const uint32_t first = block * BLOCK;
    const uint32_t height = count - first < BLOCK ? count - first : BLOCK;
    for (uint32_t r = 0; r < height; r++) unpack_scaled(*rows, queries[first + r], blocks.queries + r * stride);
    for (uint64_t p = static_cast<uint64_t>(first) * m; p < static_cast<uint64_t>(first + height) * m; p++) {
      distances[p] = __builtin_inff();
      indices[p] = NONE;
    }
    scan(*rows, queries + first, height, blocks, [&](uint32_t r, uint32_t other, float distance) {
      const uint64_t row = static_cast<uint64_t>(first + r) * m;
      offer(distances + row, indices + row, m, distance, other);
    });
  }
}

/**
 * The k nearest of each sample's candidates, by distances in float64, equal ones by index.
 * @param queries    [count], samples
 * @param candidates [count, m], others; NONE where there are fewer
 * @param indices, distances [count, k], written, nearest first; NONE where there are fewer
 * @returns samples of this thread with fewer than k candidates
 */
uint32_t exact_distances(const Rows* rows, const double* squares, const uint32_t* queries, uint32_t count,
                         const uint32_t* candidates, uint32_t m, uint32_t k, uint32_t* indices, double* distances,
                         float* scratch, int thread, int threads) {
  const uint32_t stride = stride_of(*rows);
  const Blocks blocks(scratch, stride, thread);
  const Part part = part_of(count, thread, threads);
  const bool cosine = rows->inverse != nullptr;
  uint32_t few = 0;
  for (uint32_t q = part.from; q < part.to; q++) {
    const uint32_t i = queries[q];
    uint32_t* found = indices + static_cast<uint64_t>(q) * k;
    double* apart = distances + static_cast<uint64_t>(q) * k;
    uint32_t filled = 0;
    unpack(*rows, i, 1, blocks.queries);
    for (uint32_t c = 0; c < m; c++) {
      const uint32_t j = candidates[static_cast<uint64_t>(q) * m + c];
      if (j >= rows->n || j == i) continue;
      unpack(*rows, j, 1, blocks.others);
      const double distance = exact_distance(blocks.queries, blocks.others, stride, squares[i], squares[j], cosine);
      uint32_t at = filled < k ? filled++ : k;
      if (at == k) {
        if (!(distance < apart[k - 1] || (distance == apart[k - 1] && j < found[k - 1]))) continue;
        at = k - 1;
      }
      for (; at > 0 && (distance < apart[at - 1] || (distance == apart[at - 1] && j < found[at - 1])); at--) {
        apart[at] = apart[at - 1];
        found[at] = found[at - 1];
      }
      apart[at] = distance;
      found[at] = j;
    }
    if (filled < k) few++;
    for (; filled < k; filled++) {
      apart[filled] = __builtin_inf();
      found[filled] = NONE;
    }
  }
  return few;
}

/**
 * Ranks of k chosen others of some samples among all others by distance in float32, from 1; equal distances by index.
 * @param queries [count]; @param chosen [count, k]; @param ranks [count, k], written
 */
void ranks(const Rows* rows, const uint32_t* queries, uint32_t count, const uint32_t* chosen, uint32_t k,
           uint32_t* ranks, float* scratch, int thread, int threads) {
  const uint32_t stride = stride_of(*rows);
  const Blocks blocks(scratch, stride, thread);
  const Part part = part_of((count + BLOCK - 1) / BLOCK, thread, threads);
  constexpr uint32_t MOST = 64;
  for (uint32_t block = part.from; block < part.to; block++) {
    const uint32_t first = block * BLOCK;
    const uint32_t height = count - first < BLOCK ? count - first : BLOCK;
    float apart[BLOCK][MOST];
    float farthest[BLOCK];
    for (uint32_t r = 0; r < height; r++) {
      const uint32_t i = queries[first + r];
      float* query = blocks.queries + r * stride;
      unpack_scaled(*rows, i, query);
      farthest[r] = -__builtin_inff();
      for (uint32_t j = 0; j < k; j++) {
        const uint32_t other = chosen[(first + r) * k + j];
        unpack_scaled(*rows, other, blocks.others);
        const float sum = rows->inverse ? -pair<true>(query, blocks.others, stride) : pair<false>(query, blocks.others, stride);
        apart[r][j] = placed(*rows, i, other, sum);
        farthest[r] = apart[r][j] > farthest[r] ? apart[r][j] : farthest[r];
        ranks[(first + r) * k + j] = 1;
      }
    }
    scan(*rows, queries + first, height, blocks, [&](uint32_t r, uint32_t other, float distance) {
      if (distance > farthest[r]) return;
      for (uint32_t j = 0; j < k; j++)
        if (before(distance, other, apart[r][j], chosen[(first + r) * k + j])) ranks[(first + r) * k + j]++;
    });
  }
}

}  // extern "C"
