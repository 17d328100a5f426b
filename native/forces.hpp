#pragma once
#include <wasm_simd128.h>

#include "lanes.hpp"

namespace portolan {

/** Of each coordinate of a force. */
constexpr float MAX_FORCE = 4;

/** The low-dimensional similarity 1/(1 + a d^(2b)), and its forces divided by the distance, of four squared distances. */
struct Similarity {
  float a;
  float b;

  /** Of an edge: −2ab d^(2(b − 1))/(1 + a d^(2b)). */
  v128_t attraction(v128_t squared) const {
    // Together there is no direction, and the force is none.
    const v128_t positive = wasm_f32x4_pmax(wasm_f32x4_splat(1e-30f), squared);
    const v128_t power = power_of(positive);
    const v128_t below = wasm_f32x4_mul(positive, linear(1, wasm_f32x4_splat(a), power));
    return wasm_f32x4_div(wasm_f32x4_mul(wasm_f32x4_splat(-2 * a * b), power), below);
  }

  /** Of two samples without an edge: 2b/((.001 + d²)(1 + a d^(2b))). */
  v128_t repulsion(v128_t squared) const {
    const v128_t softened = wasm_f32x4_add(wasm_f32x4_splat(0.001f), squared);
    const v128_t below = wasm_f32x4_mul(softened, linear(1, wasm_f32x4_splat(a), power_of(squared)));
    return wasm_f32x4_div(wasm_f32x4_splat(2 * b), below);
  }

 private:
  /** d^(2b) */
  v128_t power_of(v128_t squared) const { return exp2_of(wasm_f32x4_mul(wasm_f32x4_splat(b), log2_of(squared))); }
};

/** Positions of four samples, by coordinate. */
template <int D>
struct Four {
  v128_t x[D];

  /** Along the lines to four others, by a force of the squared distance: `towards` them where it is negative. */
  template <typename Force>
  void move(const Four& others, v128_t rate, Force force) {
    v128_t apart[D];
    v128_t squared = wasm_f32x4_splat(0);
    for (int d = 0; d < D; d++) {
      apart[d] = wasm_f32x4_sub(x[d], others.x[d]);
      squared = wasm_f32x4_add(squared, wasm_f32x4_mul(apart[d], apart[d]));
    }
    const v128_t coefficient = force(squared);
    for (int d = 0; d < D; d++)
      x[d] = wasm_f32x4_add(x[d], wasm_f32x4_mul(rate, within(MAX_FORCE, wasm_f32x4_mul(coefficient, apart[d]))));
  }
};

}  // namespace portolan
