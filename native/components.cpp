/* Second moments and projections of samples, from which their principal components are computed. */
#include <stdint.h>

#include "rows.hpp"
#include "threads.hpp"

using namespace portolan;

namespace {

/** Rows whose products are added in float32, before they are added to sums in float64. */
constexpr uint32_t ROWS = 8;

}  // namespace

extern "C" {

/**
 * Σ x xᵀ of some samples, scaled as the metric compares them, on and above the diagonal. Threads take rows by turns, as
 * they become shorter.
 * @param chosen  [count], samples
 * @param moment  [stride, stride], stride the channels rounded up to a multiple of four: written
 * @param scratch [threads, 8 · stride]
 */
void second_moment(const Rows* rows, const uint32_t* chosen, uint32_t count, double* moment, float* scratch, int thread,
                   int threads) {
  const uint32_t stride = stride_of(*rows);
  float* block = scratch + static_cast<uint64_t>(thread) * ROWS * stride;
  for (uint32_t i = thread; i < stride; i += threads)
    for (uint32_t j = 0; j < stride; j++) moment[static_cast<uint64_t>(i) * stride + j] = 0;
  for (uint32_t first = 0; first < count; first += ROWS) {
    for (uint32_t r = 0; r < ROWS; r++)
      if (first + r < count) unpack_scaled(*rows, chosen[first + r], block + r * stride);
      else
        for (uint32_t c = 0; c < stride; c++) block[r * stride + c] = 0;
    for (uint32_t i = thread; i < stride; i += threads) {
      double* row = moment + static_cast<uint64_t>(i) * stride;
      v128_t left[ROWS];
      for (uint32_t r = 0; r < ROWS; r++) left[r] = wasm_f32x4_splat(block[r * stride + i]);
      for (uint32_t j = i & ~3u; j < stride; j += 4) {
        v128_t sum = wasm_f32x4_splat(0);
        for (uint32_t r = 0; r < ROWS; r++) sum = accumulated<true>(sum, left[r], wasm_v128_load(block + r * stride + j));
        wasm_v128_store(row + j, wasm_f64x2_add(wasm_v128_load(row + j), wasm_f64x2_promote_low_f32x4(sum)));
        wasm_v128_store(row + j + 2, wasm_f64x2_add(wasm_v128_load(row + j + 2),
                                                    wasm_f64x2_promote_low_f32x4(wasm_i64x2_shuffle(sum, sum, 1, 0))));
      }
    }
  }
}

/** Σ x of some samples, [channels]; by the first thread alone. */
void total(const Rows* rows, const uint32_t* chosen, uint32_t count, double* sums, float* scratch) {
  for (uint32_t c = 0; c < rows->channels; c++) sums[c] = 0;
  for (uint32_t s = 0; s < count; s++) {
    unpack_scaled(*rows, chosen[s], scratch);
    for (uint32_t c = 0; c < rows->channels; c++) sums[c] += scratch[c];
  }
}

/**
 * Coordinates along components, of samples scaled as the metric compares them.
 * @param components [axes, stride], with zeros beyond the channels; axes a multiple of two
 * @param offsets    [axes], what is subtracted: the components of the mean
 * @param out        [n, axes], written
 * @param scratch    [threads, 4 · stride + 4 · axes]
 */
void project(const Rows* rows, const float* components, const float* offsets, uint32_t axes, float* out, float* scratch,
             int thread, int threads) {
  const uint32_t stride = stride_of(*rows);
  const Part part = part_of((rows->n + 3) / 4, thread, threads);
  float* block = scratch + static_cast<uint64_t>(thread) * 4 * (stride + axes);
  float* along = block + 4 * stride;
  for (uint32_t four = part.from; four < part.to; four++) {
    const uint32_t first = 4 * four;
    const uint32_t height = rows->n - first < 4 ? rows->n - first : 4;
    for (uint32_t r = 0; r < height; r++) unpack_scaled(*rows, first + r, block + r * stride);
    for (uint32_t a = 0; a < axes; a += 2) tile<true>(block, components + a * stride, stride, along + a, axes);
    for (uint32_t r = 0; r < height; r++)
      for (uint32_t a = 0; a < axes; a++) out[static_cast<uint64_t>(first + r) * axes + a] = along[r * axes + a] - offsets[a];
  }
}

}  // extern "C"
