/*
 * The optimisation of UMAP (McInnes, Healy and Melville 2018, §3.2) in one and two dimensions, of one view of the samples
 * or of several that are held together by springs.
 *
 * Each thread owns groups of samples and moves no others. An epoch has SUB_STEPS sub-steps, over which the edges are spread;
 * in each, every sample moves by its edges of that sub-step and by negative samples, one after the other, from where all others
 * were before: the same for any number of threads. Both ends of an edge move in the same sub-step, by opposite forces, as in the
 * sequential algorithm. Where one end moves and the other rests, the middle of the two moves as well, and at a rate of 1 these
 * random moves add up: maps of several seeds then differ ten times as much (Procrustes .3 in place of .03, 10,000 samples).
 */
#include <stdint.h>

#include "forces.hpp"
#include "movers.hpp"
#include "pool.hpp"
#include "random.hpp"
#include "threads.hpp"

using namespace portolan;

namespace {

/** Samples that follow each other and share a stream of random numbers. */
constexpr uint32_t GROUP = 512;
/** Of the way to an adjacent view's position, at most: two views then meet halfway. Beyond all of it each would overshoot the other. */
constexpr float MAX_PULL = 0.5f;
/** Groups whose negative samples are from one pool. */
constexpr uint32_t GROUPS_OF_A_POOL = 8;

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
  Similarity similarity;
  Barrier* barrier;
};

}  // extern "C"

namespace {

/** A sub-step of a view, of the groups of one thread. */
template <int D>
void sub_step(const Optimisation& o, const View& view, Pool<D>& pool, uint64_t seed, uint32_t epoch, uint32_t step, Part groups,
              float rate) {
  const Surroundings<D> around{view.starts, view.columns, view.shares, view.at, pool, o.similarity, epoch, step, rate};
  Movers<D> movers;
  for (uint32_t group = groups.from; group < groups.to; group++) {
    if (group == groups.from || group % GROUPS_OF_A_POOL == 0)
      pool.fill(view.at, o.n, Stream(~seed, epoch * SUB_STEPS + step, group / GROUPS_OF_A_POOL));
    const uint32_t from = group * GROUP;
    const uint32_t end = from + GROUP < o.n ? from + GROUP : o.n;
    movers.move(around, from, end, Stream(seed, epoch * SUB_STEPS + step, group), view.next);
  }
}

inline float bounded(float pull) { return __builtin_wasm_min_f32(MAX_PULL, pull); }

/** Every position of a sample moves a share of the way to the mean of its positions in the adjacent views. */
template <int D>
void pull_together(const Optimisation& o, float spring, uint32_t i) {
  float before[D];
  for (uint32_t v = 0; v < o.views; v++) {
    float* at = o.view[v].at + i * D;
    const float back = v > 0 ? bounded(spring * o.view[v - 1].springs[i]) : 0;
    const float forth = v + 1 < o.views ? bounded(spring * o.view[v].springs[i]) : 0;
    const float sides = (v > 0) + (v + 1 < o.views);
    for (int d = 0; d < D; d++) {
      const float x = at[d];
      float pull = 0;
      if (v > 0) pull += back * (before[d] - x);
      if (v + 1 < o.views) pull += forth * (o.view[v + 1].at[i * D + d] - x);
      before[d] = x;
      at[d] = x + pull / sides;
    }
  }
}

template <int D>
int run(const Optimisation& o, int thread, int threads, uint32_t from, uint32_t to) {
  const Part groups = part_of((o.n + GROUP - 1) / GROUP, thread, threads);
  const Part part = {groups.from * GROUP, groups.to * GROUP < o.n ? groups.to * GROUP : o.n};
  const uint64_t seed = static_cast<uint64_t>(o.seed_high) << 32 | o.seed_low;
  Pool<D> pool;
  for (uint32_t epoch = from; epoch < to; epoch++) {
    const float rate = o.rate * (1 - static_cast<float>(epoch) / o.epochs);
    for (uint32_t step = 0; step < SUB_STEPS; step++) {
      for (uint32_t v = 0; v < o.views; v++) sub_step<D>(o, o.view[v], pool, seed, epoch, step, groups, rate);
      if (!together(o.barrier, threads)) return 1;
      for (uint32_t v = 0; v < o.views; v++)
        for (uint32_t i = part.from * D; i < part.to * D; i++) o.view[v].at[i] = o.view[v].next[i];
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

/** Epochs `from` to `to` − 1, on one of several threads that all call this. @returns 0, or 1 when aborted */
int optimise(const Optimisation* o, uint32_t from, uint32_t to, int thread, int threads) {
  return o->dimensions == 1 ? run<1>(*o, thread, threads, from, to) : run<2>(*o, thread, threads, from, to);
}

}  // extern "C"
