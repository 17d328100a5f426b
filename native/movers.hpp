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

/** Parts of an epoch, over which its edges are spread. */
constexpr uint32_t SUB_STEPS = 2;

/** The sub-step of an epoch in which an edge moves both of its ends, whichever of them comes first. */
inline uint32_t sub_step_of(uint32_t one, uint32_t other, uint32_t epoch) {
  const uint32_t low = one < other ? one : other;
  const uint32_t high = one < other ? other : one;
  uint32_t mixed = low * 0x9e3779b1u ^ (high * 0x85ebca77u + epoch * 0xc2b2ae3du);
  mixed = (mixed ^ mixed >> 15) * 0x2c1b3c6du;
  return (mixed ^ mixed >> 13) % SUB_STEPS;
}

/** Of each edge that is sampled, for each of its ends. */
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
  uint32_t step;
  float rate;
};

/**
 * Samples that move side by side, one in each lane, from where all others were before. A sample moves by the forces of its
 * sampled edges and of their negative samples, one after the other; a lane whose sample is finished takes the next.
 */
template <int D>
class Movers {
 public:
  /**
   * Moves the samples from `first` to `end` − 1.
   * Not inlined: an engine replaces a function by its optimised code when it is called again, not in the middle of a loop.
   * @param next [n, D], where the moved positions are written
   */
  [[gnu::noinline]] void move(const Surroundings<D>& around, uint32_t first, uint32_t end, Stream random, float* next) {
    waiting_ = first;
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
    // Twice the force: the edge is in both rows, and umap-learn moves both of its ends for each.
    for (uint32_t v = 0; v < VECTORS; v++)
      moved[v].move(others[v], wasm_f32x4_add(rates[v], rates[v]), [&](v128_t squared) { return similarity.attraction(squared); });
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
      waiting_++;
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

  /** Gathers the lane's next sampled edges of the sub-step. @returns whether there are any */
  bool gather(const Surroundings<D>& around, uint32_t lane) {
    const uint32_t sample = sample_[lane];
    uint32_t found = 0;
    uint32_t entry = row_[lane];
    const uint32_t end = row_end_[lane];
    for (; entry < end && found + 4 <= GATHERED; entry += 4) {
      uint32_t due = sampled(around.shares + entry, around.epoch);
      if (end - entry < 4) due &= (1u << (end - entry)) - 1;
      for (; due != 0; due &= due - 1) {
        const uint32_t other = around.columns[entry + __builtin_ctz(due)];
        others_[lane][found] = other;
        found += sub_step_of(sample, other, around.epoch) == around.step;
      }
    }
    row_[lane] = entry;
    followed_[lane] = 0;
    found_[lane] = found;
    return found > 0;
  }

  uint32_t waiting_;
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
