#pragma once
#include <stdint.h>

#include "rows.hpp"

namespace portolan {

/** Rows that are compared with as many others at a time: two blocks of 512 channels are 128 KB, within the second-level cache. */
constexpr uint32_t BLOCK = 32;
/** In the place of an index: no sample. */
constexpr uint32_t NONE = 0xffffffff;

/** A thread's blocks of queries and of others, and the distances between them. */
struct Blocks {
  float* queries;
  float* others;
  float* distances;

  Blocks(float* scratch, uint32_t stride, int thread) {
    queries = scratch + static_cast<uint64_t>(thread) * (2 * BLOCK * stride + BLOCK * BLOCK);
    others = queries + BLOCK * stride;
    distances = others + BLOCK * stride;
  }
};

/** A zero row is at distance 0 from zero rows, 1 from all others; its products are 0 with all. */
inline float placed(const Rows& rows, uint32_t query, uint32_t other, float distance) {
  return rows.inverse && rows.inverse[query] == 0 && rows.inverse[other] == 0 ? -1 : distance;
}

inline bool before(float a, uint32_t i, float b, uint32_t j) { return a < b || (a == b && i < j); }

/** Takes a candidate among the `count` nearest, a heap with the farthest on top. */
inline void offer(float* distances, uint32_t* indices, uint32_t count, float distance, uint32_t index) {
  if (!before(distance, index, distances[0], indices[0])) return;
  uint32_t hole = 0;
  for (;;) {
    uint32_t child = 2 * hole + 1;
    if (child >= count) break;
    if (child + 1 < count && before(distances[child], indices[child], distances[child + 1], indices[child + 1])) child++;
    if (!before(distance, index, distances[child], indices[child])) break;
    distances[hole] = distances[child];
    indices[hole] = indices[child];
    hole = child;
  }
  distances[hole] = distance;
  indices[hole] = index;
}

}  // namespace portolan
