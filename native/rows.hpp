#pragma once
#include <stdint.h>
#include <wasm_simd128.h>

#include "lanes.hpp"

namespace portolan {

extern "C" {

/** Activations of all samples, and how distances between them are measured. Written by the caller. */
struct Rows {
  /** [n, channels], float32, or float16 where `half` is 1; all finite. */
  const void* values;
  uint32_t half;
  uint32_t n;
  uint32_t channels;
  /** [n], 1/‖a‖, 0 for a zero row: of the cosine. Null: Euclidean. */
  const float* inverse;
};

}  // extern "C"

/** Channels of an unpacked row, a multiple of four; those beyond the row are zero. */
inline uint32_t stride_of(const Rows& rows) { return (rows.channels + 3) & ~3u; }

/** Four float16 as float32, exactly, also where they are subnormal. */
inline v128_t widened(const uint16_t* halves) {
  const v128_t bits = wasm_u32x4_load16x4(halves);
  const v128_t sign = wasm_i32x4_shl(wasm_v128_and(bits, wasm_i32x4_splat(0x8000)), 16);
  const v128_t magnitude = wasm_i32x4_shl(wasm_v128_and(bits, wasm_i32x4_splat(0x7fff)), 13);
  // The exponent's bias is 127 instead of 15.
  return wasm_v128_or(wasm_f32x4_mul(magnitude, wasm_f32x4_splat(0x1p112f)), sign);
}

/** A row as float32, times a factor. */
inline void unpack(const Rows& rows, uint32_t row, float factor, float* out) {
  const uint64_t from = static_cast<uint64_t>(row) * rows.channels;
  const uint32_t whole = rows.channels & ~3u;
  const uint32_t rest = rows.channels - whole;
  const v128_t by = wasm_f32x4_splat(factor);
  const float* single = static_cast<const float*>(rows.values) + from;
  const uint16_t* half = static_cast<const uint16_t*>(rows.values) + from;
  for (uint32_t c = 0; c < whole; c += 4)
    wasm_v128_store(out + c, wasm_f32x4_mul(rows.half ? widened(half + c) : wasm_v128_load(single + c), by));
  if (rest == 0) return;
  alignas(16) uint32_t last[4] = {0, 0, 0, 0};
  for (uint32_t c = 0; c < rest; c++)
    last[c] = rows.half ? half[whole + c] : __builtin_bit_cast(uint32_t, single[whole + c]);
  const uint16_t narrow[4] = {static_cast<uint16_t>(last[0]), static_cast<uint16_t>(last[1]),
                              static_cast<uint16_t>(last[2]), static_cast<uint16_t>(last[3])};
  wasm_v128_store(out + whole, wasm_f32x4_mul(rows.half ? widened(narrow) : wasm_v128_load(last), by));
}

/** As the metric compares it: of unit length for the cosine. */
inline void unpack_scaled(const Rows& rows, uint32_t row, float* out) {
  unpack(rows, row, rows.inverse ? rows.inverse[row] : 1, out);
}

/** Adds to four sums the products, or the squared differences, of four channels. */
template <bool PRODUCTS>
inline v128_t accumulated(v128_t sum, v128_t a, v128_t b) {
  if constexpr (PRODUCTS) return wasm_f32x4_add(sum, wasm_f32x4_mul(a, b));
  const v128_t apart = wasm_f32x4_sub(a, b);
  return wasm_f32x4_add(sum, wasm_f32x4_mul(apart, apart));
}

/**
 * Sums over the channels of 4 × 2 pairs of rows, or of 4 × 1; each sum is the same whatever the rows beside it.
 * @param a, b rows of `stride` channels
 * @param out  [4, width], of which COLUMNS are written
 */
template <bool PRODUCTS, int COLUMNS = 2>
inline void tile(const float* a, const float* b, uint32_t stride, float* out, uint32_t width) {
  v128_t sums[4][COLUMNS];
  for (auto& row : sums)
    for (auto& sum : row) sum = wasm_f32x4_splat(0);
  for (uint32_t c = 0; c < stride; c += 4) {
    v128_t column[COLUMNS];
    for (int s = 0; s < COLUMNS; s++) column[s] = wasm_v128_load(b + s * stride + c);
    for (int r = 0; r < 4; r++) {
      const v128_t x = wasm_v128_load(a + r * stride + c);
      for (int s = 0; s < COLUMNS; s++) sums[r][s] = accumulated<PRODUCTS>(sums[r][s], x, column[s]);
    }
  }
  for (int r = 0; r < 4; r++)
    for (int s = 0; s < COLUMNS; s++) out[r * width + s] = sum_of(sums[r][s]);
}

/** One pair, with the same bits as in a tile. */
template <bool PRODUCTS>
inline float pair(const float* a, const float* b, uint32_t stride) {
  v128_t sum = wasm_f32x4_splat(0);
  for (uint32_t c = 0; c < stride; c += 4)
    sum = accumulated<PRODUCTS>(sum, wasm_v128_load(a + c), wasm_v128_load(b + c));
  return sum_of(sum);
}

}  // namespace portolan
