#pragma once
#include <stdint.h>

#include "forces.hpp"
#include "random.hpp"

namespace portolan {

/**
 * Positions of random samples, from which those without an edge are drawn. It stays in the cache, where the positions of a
 * million samples do not, and is filled again so often that few samples are pushed by the same ones.
 */
template <int D>
class Pool {
 public:
  /** @param all [n, D] */
  [[gnu::noinline]] void fill(const float* all, uint32_t n, Stream random) {
    for (uint32_t p = 0; p < SIZE; p++) {
      const float* from = all + static_cast<uint64_t>(random.below(n)) * D;
      for (int d = 0; d < D; d++) at_[d][p] = from[d];
    }
    for (uint32_t p = SIZE; p < SIZE + 3; p++)
      for (int d = 0; d < D; d++) at_[d][p] = at_[d][p - SIZE];
  }

  /** Four that follow each other. */
  Four<D> draw(Stream& random) const {
    const uint32_t from = random.below(SIZE);
    Four<D> drawn;
    for (int d = 0; d < D; d++) drawn.x[d] = wasm_v128_load(at_[d] + from);
    return drawn;
  }

 private:
  static constexpr uint32_t SIZE = 1024;
  /** By coordinate; after the last come the first ones again. */
  float at_[D][SIZE + 3];
};

}  // namespace portolan
