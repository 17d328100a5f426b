/* A round of NN-descent (Dong, Charikar and Li 2011): a neighbour of a neighbour is probably a neighbour. */
#include <stdint.h>

#include "rows.hpp"
#include "search.hpp"
#include "threads.hpp"

using namespace portolan;

namespace {

/** Candidates that are compared at a time: the rows of a tile. */
constexpr uint32_t FOUR = 4;

/** The nearest of the candidates of one sample. */
struct Query {
  const Rows& rows;
  const Blocks& blocks;
  uint32_t sample;
  uint32_t m;
  float* distances;
  uint32_t* indices;
  uint32_t pending[FOUR];
  uint32_t waiting = 0;

  void add(uint32_t candidate) {
    unpack_scaled(rows, candidate, blocks.others + waiting * stride_of(rows));
    pending[waiting++] = candidate;
    if (waiting == FOUR) compare();
  }

  void compare() {
    const uint32_t stride = stride_of(rows);
    const bool cosine = rows.inverse != nullptr;
    if (cosine) tile<true, 1>(blocks.others, blocks.queries, stride, blocks.distances, 1);
    else tile<false, 1>(blocks.others, blocks.queries, stride, blocks.distances, 1);
    for (uint32_t c = 0; c < waiting; c++) {
      const float distance = cosine ? -blocks.distances[c] : blocks.distances[c];
      offer(distances, indices, m, placed(rows, sample, pending[c], distance), pending[c]);
    }
    waiting = 0;
  }
};

/** What a round compares samples with. */
struct Lists {
  const uint32_t* own;
  uint32_t n;
  uint32_t k;
  uint32_t reach;
  const uint32_t* followed;
  uint32_t width;
};

/** A sample's neighbours, and what its nearest lead to: each(sample), which may come several times. */
template <typename Each>
void around(const Lists& lists, uint32_t sample, Each each) {
  const uint32_t* own = lists.own + static_cast<uint64_t>(sample) * lists.k;
  for (uint32_t a = 0; a < lists.k; a++)
    if (own[a] < lists.n) each(own[a]);
  for (uint32_t a = 0; a < lists.reach; a++) {
    if (own[a] >= lists.n) continue;
    const uint32_t* theirs = lists.followed + static_cast<uint64_t>(own[a]) * lists.width;
    for (uint32_t b = 0; b < lists.reach; b++)
      if (theirs[b] < lists.n) each(theirs[b]);
  }
}

}  // namespace

extern "C" {

/**
 * The m nearest of each sample's neighbours and of what these lead to, in float32; equal distances by index.
 * @param lists     [n, k], neighbours of all samples, nearest first; here and below, what is no sample is passed over
 * @param followed  [n, width], what a neighbour leads to: its own neighbours, or those that it is a neighbour of
 * @param reach     how many of a sample's neighbours are followed, and to how many samples each; at most k and width
 * @param queries   [count], samples
 * @param distances, indices [count, m], written, in the order of a heap; NONE where there are fewer
 * @param seen      [threads, ⌈n/32⌉], zero before and afterwards
 */
void nearest_by_neighbours(const Rows* rows, const uint32_t* lists, uint32_t k, const uint32_t* followed, uint32_t width,
                           uint32_t reach, const uint32_t* queries, uint32_t count, uint32_t m, float* distances,
                           uint32_t* indices, uint32_t* seen, float* scratch, int thread, int threads) {
  const uint32_t n = rows->n;
  const Lists given{lists, n, k, reach, followed, width};
  const Blocks blocks(scratch, stride_of(*rows), thread);
  const Part part = part_of(count, thread, threads);
  uint32_t* marks = seen + static_cast<uint64_t>(thread) * ((n + 31) / 32);
  for (uint32_t q = part.from; q < part.to; q++) {
    const uint32_t i = queries[q];
    const uint64_t row = static_cast<uint64_t>(q) * m;
    Query query{*rows, blocks, i, m, distances + row, indices + row, {}};
    unpack_scaled(*rows, i, blocks.queries);
    for (uint64_t p = row; p < row + m; p++) {
      distances[p] = __builtin_inff();
      indices[p] = NONE;
    }
    marks[i / 32] |= 1u << (i % 32);
    around(given, i, [&](uint32_t j) {
      if (marks[j / 32] >> (j % 32) & 1) return;
      marks[j / 32] |= 1u << (j % 32);
      query.add(j);
    });
    query.compare();
    marks[i / 32] = 0;
    around(given, i, [&](uint32_t j) { marks[j / 32] = 0; });
  }
}

}  // extern "C"
