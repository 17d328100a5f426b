#pragma once
#include <stdint.h>

#include "math.hpp"

namespace portolan {

/** Nodes in each octave of a squared distance, and octaves from 2⁻⁴⁰ to 2²⁴. Between nodes the error is below 10⁻⁴. */
constexpr int NODE_BITS = 6;
constexpr int FIRST_OCTAVE = -40;
constexpr int OCTAVES = 64;
constexpr int NODES = OCTAVES << NODE_BITS;
constexpr int FRACTION_BITS = 23 - NODE_BITS;

/** A function of the squared distance as a table, linear between nodes that are spaced like the numbers of float32. */
struct Curve {
  float values[NODES + 1];

  float at(float squared) const {
    const int32_t bits = __builtin_bit_cast(int32_t, squared) - ((127 + FIRST_OCTAVE) << 23);
    if (bits < 0) return values[0];
    const int32_t node = bits >> FRACTION_BITS;
    if (node >= NODES) return values[NODES];
    const float fraction = static_cast<float>(bits & ((1 << FRACTION_BITS) - 1)) * (1.0f / (1 << FRACTION_BITS));
    return values[node] + fraction * (values[node + 1] - values[node]);
  }

  template <typename F>
  void fill(F f) {
    for (int node = 0; node <= NODES; node++) {
      const double power = FIRST_OCTAVE + (node >> NODE_BITS);
      const double within = static_cast<double>(node & ((1 << NODE_BITS) - 1)) / (1 << NODE_BITS);
      values[node] = static_cast<float>(f(portolan::exp2(power) * (1 + within)));
    }
  }
};

}  // namespace portolan
