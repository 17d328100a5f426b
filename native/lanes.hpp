#pragma once
#include <stdint.h>
#include <wasm_simd128.h>

/** Functions of four numbers at a time, from operations that IEEE 754 defines to the last bit. */
namespace portolan {

inline float sum_of(v128_t lanes) {
  return (wasm_f32x4_extract_lane(lanes, 0) + wasm_f32x4_extract_lane(lanes, 1)) +
         (wasm_f32x4_extract_lane(lanes, 2) + wasm_f32x4_extract_lane(lanes, 3));
}

/** a + b x */
inline v128_t linear(float a, v128_t b, v128_t x) { return wasm_f32x4_add(wasm_f32x4_splat(a), wasm_f32x4_mul(b, x)); }

/** Within ±most. */
inline v128_t within(float most, v128_t x) {
  return wasm_f32x4_pmax(wasm_f32x4_splat(-most), wasm_f32x4_pmin(wasm_f32x4_splat(most), x));
}

/** Base 2, of numbers that are positive and normal; error below 2e-5. A polynomial in m − 1, m in [1, 2). */
inline v128_t log2_of(v128_t x) {
  const v128_t exponent = wasm_i32x4_sub(wasm_i32x4_shr(x, 23), wasm_i32x4_splat(127));
  const v128_t m = wasm_v128_or(wasm_v128_and(x, wasm_i32x4_splat(0x007fffff)), wasm_f32x4_splat(1));
  const v128_t t = wasm_f32x4_sub(m, wasm_f32x4_splat(1));
  v128_t sum = linear(-0.1962846f, wasm_f32x4_splat(0.0463925f), t);
  sum = linear(0.4176062f, sum, t);
  sum = linear(-0.7096656f, sum, t);
  sum = linear(1.4419658f, sum, t);
  return wasm_f32x4_add(wasm_f32x4_convert_i32x4(exponent), wasm_f32x4_mul(sum, t));
}

/** Base 2, of exponents within ±126, beyond which it stays; relative error below 1e-5. A polynomial in the fraction. */
inline v128_t exp2_of(v128_t x) {
  const v128_t bounded = within(126, x);
  // Added, it leaves the nearest integer in the last bits.
  const v128_t shift = wasm_f32x4_splat(0x1.8p23f);
  const v128_t shifted = wasm_f32x4_add(bounded, shift);
  const v128_t f = wasm_f32x4_sub(bounded, wasm_f32x4_sub(shifted, shift));
  v128_t sum = linear(0.0559176f, wasm_f32x4_splat(0.0095700f), f);
  sum = linear(0.2402474f, sum, f);
  sum = linear(0.6931219f, sum, f);
  sum = linear(0.9999993f, sum, f);
  return wasm_i32x4_add(sum, wasm_i32x4_shl(shifted, 23));
}

}  // namespace portolan
