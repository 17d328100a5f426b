#pragma once
#include <stdint.h>
#include <wasm_simd128.h>

#include "forces.hpp"
#include "pool.hpp"
#include "random.hpp"

namespace portolan {

/** Edges of four entries of a row that are sampled in an epoch: ⌊(epoch + 1) · share⌋ > ⌊epoch · share⌋, a bit each. */
inline uint32_t sampled(const float* shares, uint32_t epoch) {
  const v128_t share = wasm_v128_load(shares);
  const v128_t before = wasm_f32x4_floor(wasm_f32x4_mul(share, wasm_f32x4_splat(static_cast<float>(epoch))));
  const v128_t after = wasm_f32x4_floor(wasm_f32x4_mul(share, wasm_f32x4_splat(static_cast<float>(epoch + 1))));
  return wasm_i32x4_bitmask(wasm_f32x4_gt(after, before));
}

/** Of each edge that is sampled. */
constexpr int NEGATIVES = 5;

/** What samples move by in a sub-step. */
template <int D>
struct Surroundings {
  /** [n + 1], [entries], [entries]: the graph; entries are followed by 12 bytes that may be read. */
  const uint32_t* starts;
  const uint32_t* columns;
  const float* shares;
  /** [n, D] */
  const float* at;
  const Pool<D>& pool;
  Similarity similarity;
  uint32_t epoch;
  float rate;
};

/**
 * Samples that move side by side, one in each lane, while all others rest. A sample moves by the forces of its sampled edges
 * and of their negative samples, one after the other; a lane whose sample is finished takes the next.
 */
template <int D>
class Movers {
 public:
  /**
   * Moves the samples first, first + step, … below `end`.
   * Not inlined: an engine replaces a function by its optimised code when it is called again, not in the middle of a loop.
   * @param next [n, D], where the moved positions are written
   */
  [[gnu::noinline]] void move(const Surroundings<D>& around, uint32_t first, uint32_t step, uint32_t end, Stream random, float* next) {
    waiting_ = first;
    step_ = step;
    end_ = end;
    next_ = next;
    moving_ = LANES;
    for (uint32_t lane = 0; lane < LANES; lane++) take(around, lane);
    while (moving_ > 0) {
      follow_edges(around, random);
      for (uint32_t lane = 0; lane < LANES; lane++)
        if (++followed_[lane] >= found_[lane]) go_on(around, lane);
    }
  }

 private:
  /** Enough for a processor to have something to do while it waits for a result. */
  static constexpr uint32_t VECTORS = 4;
  static constexpr uint32_t LANES = 4 * VECTORS;
  /** Sampled edges of a sample that are gathered at a time. */
  static constexpr uint32_t GATHERED = 32;
  static constexpr uint32_t NO_SAMPLE = 0xffffffff;

  /** The next edge of each lane, and its negative samples. */
  void follow_edges(const Surroundings<D>& around, Stream& random) {
    Four<D> moved[VECTORS];
    Four<D> others[VECTORS];
    v128_t rates[VECTORS];
    for (uint32_t v = 0; v < VECTORS; v++) {
      rates[v] = wasm_v128_load(rates_ + 4 * v);
      const uint32_t ends[4] = {other(4 * v), other(4 * v + 1), other(4 * v + 2), other(4 * v + 3)};
      for (int d = 0; d < D; d++) {
        moved[v].x[d] = wasm_v128_load(x_[d] + 4 * v);
        others[v].x[d] = wasm_f32x4_make(around.at[ends[0] * D + d], around.at[ends[1] * D + d], around.at[ends[2] * D + d],
                                         around.at[ends[3] * D + d]);
      }
    }
    const Similarity similarity = around.similarity;
    // The edge is in both rows, and umap-learn moves both of its ends each time.
    for (int end = 0; end < 2; end++)
      for (uint32_t v = 0; v < VECTORS; v++)
        moved[v].move(others[v], rates[v], [&](v128_t squared) { return similarity.attraction(squared); });
    for (int s = 0; s < NEGATIVES; s++)
      for (uint32_t v = 0; v < VECTORS; v++)
        moved[v].move(around.pool.draw(random), rates[v], [&](v128_t squared) { return similarity.repulsion(squared); });
    for (uint32_t v = 0; v < VECTORS; v++)
      for (int d = 0; d < D; d++) wasm_v128_store(x_[d] + 4 * v, moved[v].x[d]);
  }

  uint32_t other(uint32_t lane) const { return others_[lane][followed_[lane]]; }

  /** With the sample's next edges or, where there are none, with another sample. */
  [[gnu::noinline]] void go_on(const Surroundings<D>& around, uint32_t lane) {
    if (sample_[lane] == NO_SAMPLE) {
      followed_[lane] = 0;
      return;
    }
    if (gather(around, lane)) return;
    put(lane);
    take(around, lane);
  }

  /** The next sample that has edges to follow; the lane is idle where there is none. */
  void take(const Surroundings<D>& around, uint32_t lane) {
    for (; waiting_ < end_; put(lane)) {
      const uint32_t sample = waiting_;
      waiting_ += step_;
      sample_[lane] = sample;
      rates_[lane] = around.rate;
      for (int d = 0; d < D; d++) x_[d][lane] = around.at[sample * D + d];
      row_[lane] = around.starts[sample];
      row_end_[lane] = around.starts[sample + 1];
      if (gather(around, lane)) return;
    }
    sample_[lane] = NO_SAMPLE;
    rates_[lane] = 0;
    others_[lane][0] = 0;
    for (int d = 0; d < D; d++) x_[d][lane] = 0;
    followed_[lane] = 0;
    found_[lane] = 1;
    moving_--;
  }

  void put(uint32_t lane) {
    for (int d = 0; d < D; d++) next_[sample_[lane] * D + d] = x_[d][lane];
  }

  /** Gathers the lane's next sampled edges. @returns whether there are any */
  bool gather(const Surroundings<D>& around, uint32_t lane) {
    uint32_t found = 0;
    uint32_t entry = row_[lane];
    const uint32_t end = row_end_[lane];
    for (; entry < end && found + 4 <= GATHERED; entry += 4) {
      uint32_t due = sampled(around.shares + entry, around.epoch);
      if (end - entry < 4) due &= (1u << (end - entry)) - 1;
      for (uint32_t e = 0; e < 4; e++) {
        others_[lane][found] = around.columns[entry + e];
        found += due >> e & 1;
      }
    }
    row_[lane] = entry;
    followed_[lane] = 0;
    found_[lane] = found;
    return found > 0;
  }

  uint32_t waiting_;
  uint32_t step_;
  uint32_t end_;
  float* next_;
  /** Lanes that have a sample. */
  uint32_t moving_;
  /** By coordinate. */
  float x_[D][LANES];
  float rates_[LANES];
  uint32_t sample_[LANES];
  /** Entries of its row that are still to be looked at. */
  uint32_t row_[LANES];
  uint32_t row_end_[LANES];
  /** The other ends of its sampled edges, their number, and how many of them it has followed. */
  uint32_t others_[LANES][GATHERED];
  uint32_t found_[LANES];
  uint32_t followed_[LANES];
};

}  // namespace portolan
