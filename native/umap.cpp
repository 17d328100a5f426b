/*
 * The optimisation of UMAP (McInnes, Healy and Melville 2018, §3.2) in one and two dimensions, of one view of the samples
 * or of several that are held together by springs.
 *
 * Each thread owns a range of samples and moves no others. An epoch has SUB_STEPS sub-steps; in each, one sample in
 * SUB_STEPS moves by the forces of its edges and negative samples, one after the other, while all others rest: close to
 * the sequential algorithm, in which every force sees all earlier moves, and yet the same for any number of threads.
 */
#include <stdint.h>
#include <wasm_simd128.h>

#include "curve.hpp"
#include "random.hpp"
#include "threads.hpp"

using namespace portolan;

namespace {

constexpr uint32_t SUB_STEPS = 4;
/** Of each edge that is sampled. */
constexpr int NEGATIVES = 5;
/** Of each coordinate of a force. */
constexpr float MAX_FORCE = 4;

}  // namespace

extern "C" {

/** One layout of the samples: those of one layer. Written by the caller, in the order of its fields. */
struct View {
  /** [n + 1], [entries], [entries]: the graph; entries are followed by 12 bytes that may be read. */
  const uint32_t* starts;
  const uint32_t* columns;
  const float* shares;
  /** [n, dimensions] */
  float* at;
  float* next;
  /** [n]: how firmly each sample is held to its position in the next view, around 1; 0 for the last view. */
  const float* springs;
};

struct Optimisation {
  uint32_t n;
  uint32_t dimensions;
  uint32_t views;
  const View* view;
  uint32_t epochs;
  float rate;
  /** Spring of the first epoch, and the share of the epochs after which it is 0. */
  float spring;
  float spring_until;
  uint32_t seed_low;
  uint32_t seed_high;
  const Curve* attraction;
  const Curve* repulsion;
  Barrier* barrier;
};

}  // extern "C"

namespace {

inline float clipped(float force) {
  return __builtin_wasm_min_f32(MAX_FORCE, __builtin_wasm_max_f32(-MAX_FORCE, force));
}

/** One sample's position while it moves. */
template <int D>
struct Mover {
  float x[D];

  /** Along the line to another position: towards it with a negative coefficient. */
  void move(const Curve& curve, const float* other, float rate) {
    float apart[D];
    float squared = 0;
    for (int d = 0; d < D; d++) {
      apart[d] = x[d] - other[d];
      squared += apart[d] * apart[d];
    }
    if (!(squared > 0)) return;
    const float coefficient = curve.at(squared);
    for (int d = 0; d < D; d++) x[d] += rate * clipped(coefficient * apart[d]);
  }
};

/** Sampled in this epoch: ⌊(epoch + 1) · share⌋ > ⌊epoch · share⌋, of four edges a bit each. */
inline uint32_t sampled(const float* shares, v128_t epoch, v128_t next) {
  const v128_t share = wasm_v128_load(shares);
  const v128_t before = wasm_f32x4_floor(wasm_f32x4_mul(share, epoch));
  const v128_t after = wasm_f32x4_floor(wasm_f32x4_mul(share, next));
  return wasm_i32x4_bitmask(wasm_f32x4_gt(after, before));
}

/*
 * Not inlined: an engine replaces a function by its optimised code when it is called again, not in the middle of a loop.
 */
template <int D>
[[gnu::noinline]] void move_sample(const Optimisation& o, const View& view, uint64_t seed, uint32_t epoch, float rate, uint32_t i) {
  const v128_t now = wasm_f32x4_splat(static_cast<float>(epoch));
  const v128_t next = wasm_f32x4_splat(static_cast<float>(epoch + 1));
  Stream random(seed, epoch, i);
  Mover<D> mover;
  for (int d = 0; d < D; d++) mover.x[d] = view.at[i * D + d];
  const uint32_t end = view.starts[i + 1];
  for (uint32_t block = view.starts[i]; block < end; block += 4) {
    uint32_t due = sampled(view.shares + block, now, next);
    if (end - block < 4) due &= (1u << (end - block)) - 1;
    for (; due != 0; due &= due - 1) {
      const float* other = view.at + view.columns[block + __builtin_ctz(due)] * D;
      // The edge is in both rows, and umap-learn moves both of its ends each time.
      mover.move(*o.attraction, other, rate);
      mover.move(*o.attraction, other, rate);
      for (int s = 0; s < NEGATIVES; s++) mover.move(*o.repulsion, view.at + random.below(o.n) * D, rate);
    }
  }
  for (int d = 0; d < D; d++) view.next[i * D + d] = mover.x[d];
}

/** Every position of a sample moves a share of the way to the mean of its positions in the adjacent views. */
template <int D>
void pull_together(const Optimisation& o, float spring, uint32_t i) {
  float before[D];
  for (uint32_t v = 0; v < o.views; v++) {
    float* at = o.view[v].at + i * D;
    const float back = v > 0 ? o.view[v - 1].springs[i] : 0;
    const float forth = v + 1 < o.views ? o.view[v].springs[i] : 0;
    const float sides = (v > 0) + (v + 1 < o.views);
    for (int d = 0; d < D; d++) {
      const float x = at[d];
      float pull = 0;
      if (v > 0) pull += back * (before[d] - x);
      if (v + 1 < o.views) pull += forth * (o.view[v + 1].at[i * D + d] - x);
      before[d] = x;
      at[d] = x + spring / sides * pull;
    }
  }
}

template <int D>
int run(const Optimisation& o, int thread, int threads, uint32_t from, uint32_t to) {
  const Part part = part_of(o.n, thread, threads);
  const uint64_t seed = static_cast<uint64_t>(o.seed_high) << 32 | o.seed_low;
  for (uint32_t epoch = from; epoch < to; epoch++) {
    const float rate = o.rate * (1 - static_cast<float>(epoch) / o.epochs);
    for (uint32_t step = 0; step < SUB_STEPS; step++) {
      const uint32_t first = part.from + (step + SUB_STEPS - part.from % SUB_STEPS) % SUB_STEPS;
      for (uint32_t v = 0; v < o.views; v++)
        for (uint32_t i = first; i < part.to; i += SUB_STEPS) move_sample<D>(o, o.view[v], seed, epoch, rate, i);
      if (!together(o.barrier, threads)) return 1;
      for (uint32_t v = 0; v < o.views; v++)
        for (uint32_t i = first; i < part.to; i += SUB_STEPS)
          for (int d = 0; d < D; d++) o.view[v].at[i * D + d] = o.view[v].next[i * D + d];
      if (!together(o.barrier, threads)) return 1;
    }
    if (o.views < 2) continue;
    const float left = 1 - static_cast<float>(epoch) / (o.spring_until * o.epochs);
    if (!(left > 0)) continue;
    for (uint32_t i = part.from; i < part.to; i++) pull_together<D>(o, o.spring * left, i);
    if (!together(o.barrier, threads)) return 1;
  }
  return 0;
}

}  // namespace

extern "C" {

/**
 * The forces of the low-dimensional similarity 1/(1 + a d^(2b)), divided by the distance: of an edge
 * −2ab d^(2(b − 1))/(1 + a d^(2b)), of a negative sample 2b/((.001 + d²)(1 + a d^(2b))).
 */
void curves(double a, double b, Curve* attraction, Curve* repulsion) {
  attraction->fill([=](double squared) {
    const double power = portolan::exp2(b * portolan::log2(squared));
    return -2 * a * b * power / squared / (1 + a * power);
  });
  repulsion->fill([=](double squared) {
    const double power = portolan::exp2(b * portolan::log2(squared));
    return 2 * b / ((0.001 + squared) * (1 + a * power));
  });
}

/** Bytes of a curve, for the caller to reserve. */
int curve_bytes() { return sizeof(Curve); }

/** Epochs `from` to `to` − 1, on one of several threads that all call this. @returns 0, or 1 when aborted */
int optimise(const Optimisation* o, uint32_t from, uint32_t to, int thread, int threads) {
  return o->dimensions == 1 ? run<1>(*o, thread, threads, from, to) : run<2>(*o, thread, threads, from, to);
}

}  // extern "C"
