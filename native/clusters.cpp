/*
 * Clusters of samples along their principal components (k-means), and the nearest others of a sample among those in the
 * clusters around it: an inverted file (Jégou, Douze and Schmid 2011), searched by many queries of a cluster at a time.
 */
#include <stdint.h>

#include "rows.hpp"
#include "search.hpp"
#include "threads.hpp"

using namespace portolan;

namespace {

constexpr uint32_t MOST_CENTRES = 64;
/** Queries that share what is gathered for them: 128 KB of 64 axes, within the second-level cache. */
constexpr uint32_t GROUP = 512;

/** Copies rows of coordinates next to each other. @param chosen null: the rows from `first` on */
void gather(const float* coordinates, uint32_t axes, const uint32_t* chosen, uint32_t first, uint32_t count, float* out) {
  for (uint32_t r = 0; r < count; r++) {
    const float* row = coordinates + static_cast<uint64_t>(chosen ? chosen[first + r] : first + r) * axes;
    for (uint32_t a = 0; a < axes; a += 4) wasm_v128_store(out + r * axes + a, wasm_v128_load(row + a));
  }
}

/** [BLOCK, BLOCK] products. */
[[gnu::noinline]] void products(const float* a, const float* b, uint32_t axes, float* out) {
  for (uint32_t r = 0; r < BLOCK; r += 4)
    for (uint32_t s = 0; s < BLOCK; s += 2) tile<true>(a + r * axes, b + s * axes, axes, out + r * BLOCK + s, BLOCK);
}

/** Rows next to each other, and the products between them. */
struct Room {
  float* queries;
  float* others;
  float* apart;
  float* squares;

  Room(float* scratch, uint32_t axes) {
    queries = scratch;
    others = queries + GROUP * axes;
    apart = others + BLOCK * axes;
    squares = apart + BLOCK * BLOCK;
  }
};

constexpr uint32_t room_floats(uint32_t axes) { return (GROUP + BLOCK) * axes + BLOCK * BLOCK + BLOCK; }

/** A thread's scratch of `nearest_in_clusters`, with the queries of each cluster. */
constexpr uint64_t search_floats(uint32_t axes, uint32_t clusters, uint32_t queries, uint32_t reach) {
  return room_floats(axes) + clusters + 1 + static_cast<uint64_t>(queries) * reach;
}

/** Sorts a heap of `offer`, nearest first. */
void sort(float* distances, uint32_t* indices, uint32_t count) {
  for (uint32_t i = 1; i < count; i++) {
    const float distance = distances[i];
    const uint32_t index = indices[i];
    uint32_t at = i;
    for (; at > 0 && before(distance, index, distances[at - 1], indices[at - 1]); at--) {
      distances[at] = distances[at - 1];
      indices[at] = indices[at - 1];
    }
    distances[at] = distance;
    indices[at] = index;
  }
}

}  // namespace

extern "C" {


/**
 * The nearest centres of each of some samples, nearest first; equally near ones in their order.
 * @param coordinates [n, axes]
 * @param chosen      [count], samples; null: the first `count`
 * @param centres     [size, axes], size a multiple of 32; @param squares [size], their squared lengths
 * @param reach       how many, at most 64
 * @param found       [count, reach], written
 * @param scratch     `room_floats` for each thread; axes, here and below, are a multiple of four
 */
void nearest_centres(const float* coordinates, uint32_t axes, const uint32_t* chosen, uint32_t count, const float* centres,
                     const float* squares, uint32_t size, uint32_t reach, uint32_t* found, float* scratch, int thread,
                     int threads) {
  const Room room(scratch + static_cast<uint64_t>(thread) * room_floats(axes), axes);
  const Part part = part_of((count + BLOCK - 1) / BLOCK, thread, threads);
  float best[BLOCK * MOST_CENTRES];
  for (uint32_t block = part.from; block < part.to; block++) {
    const uint32_t first = block * BLOCK;
    const uint32_t height = count - first < BLOCK ? count - first : BLOCK;
    uint32_t* indices = found + static_cast<uint64_t>(first) * reach;
    gather(coordinates, axes, chosen, first, height, room.queries);
    for (uint32_t p = 0; p < height * reach; p++) {
      best[p] = __builtin_inff();
      indices[p] = NONE;
    }
    for (uint32_t centre = 0; centre < size; centre += BLOCK) {
      products(room.queries, centres + static_cast<uint64_t>(centre) * axes, axes, room.apart);
      for (uint32_t r = 0; r < height; r++)
        for (uint32_t s = 0; s < BLOCK; s++) {
          const float distance = squares[centre + s] - 2 * room.apart[r * BLOCK + s];
          if (distance < best[r * reach]) offer(best + r * reach, indices + r * reach, reach, distance, centre + s);
        }
    }
    for (uint32_t r = 0; r < height; r++) sort(best + r * reach, indices + r * reach, reach);
  }
}

/**
 * Moves each centre to the mean of its members; one without members stays.
 * @param members samples by centre, those of centre c at [starts[c], starts[c + 1])
 * @param centres [size, axes] and squares [size], written
 */
void move_centres(const float* coordinates, uint32_t axes, const uint32_t* members, const uint32_t* starts, uint32_t size,
                  float* centres, float* squares, int thread, int threads) {
  const Part part = part_of(size, thread, threads);
  for (uint32_t c = part.from; c < part.to; c++) {
    float* centre = centres + static_cast<uint64_t>(c) * axes;
    const uint32_t count = starts[c + 1] - starts[c];
    for (uint32_t a = 0; count > 0 && a < axes; a++) {
      double sum = 0;
      for (uint32_t m = starts[c]; m < starts[c + 1]; m++) sum += coordinates[static_cast<uint64_t>(members[m]) * axes + a];
      centre[a] = static_cast<float>(sum / count);
    }
    squares[c] = pair<true>(centre, centre, axes);
  }
}

/**
 * The m nearest others of some samples along the axes, among the members of some clusters each; equal distances by index.
 * @param queries   [count], samples
 * @param searched  [n, reach], clusters that a sample is compared with the members of
 * @param members   samples by cluster, those of cluster c at [starts[c], starts[c + 1])
 * @param distances less the query's squared length; indices [count, m], written, in the order of a heap; NONE where there are fewer
 * @param scratch   `search_floats` for each thread, of ⌈count/threads⌉ queries
 */
void nearest_in_clusters(const float* coordinates, uint32_t axes, const uint32_t* queries, uint32_t count,
                         const uint32_t* searched, uint32_t reach, const uint32_t* members, const uint32_t* starts,
                         uint32_t clusters, uint32_t m, float* distances, uint32_t* indices, float* scratch, int thread,
                         int threads) {
  const uint32_t share = (count + threads - 1) / threads;
  float* own = scratch + static_cast<uint64_t>(thread) * search_floats(axes, clusters, share, reach);
  const Room room(own, axes);
  uint32_t* ends = reinterpret_cast<uint32_t*>(own + room_floats(axes));
  uint32_t* searching = ends + clusters + 1;
  const Part part = part_of(count, thread, threads);
  for (uint64_t p = static_cast<uint64_t>(part.from) * m; p < static_cast<uint64_t>(part.to) * m; p++) {
    distances[p] = __builtin_inff();
    indices[p] = NONE;
  }
  // Queries by the clusters that they search: many of them are compared with what is gathered once.
  const auto each = [&](auto visit) {
    for (uint32_t q = part.from; q < part.to; q++)
      for (uint32_t a = 0; a < reach; a++) {
        const uint32_t cluster = searched[static_cast<uint64_t>(queries[q]) * reach + a];
        if (cluster < clusters) visit(q, cluster);
      }
  };
  for (uint32_t c = 0; c <= clusters; c++) ends[c] = 0;
  each([&](uint32_t, uint32_t cluster) { ends[cluster + 1]++; });
  for (uint32_t c = 0; c < clusters; c++) ends[c + 1] += ends[c];
  each([&](uint32_t q, uint32_t cluster) { searching[ends[cluster]++] = q; });
  for (uint32_t cluster = 0; cluster < clusters; cluster++) {
    const uint32_t end = ends[cluster];
    for (uint32_t first = cluster == 0 ? 0 : ends[cluster - 1]; first < end; first += GROUP) {
      const uint32_t height = end - first < GROUP ? end - first : GROUP;
      for (uint32_t r = 0; r < height; r++) gather(coordinates, axes, queries, searching[first + r], 1, room.queries + r * axes);
      for (uint32_t other = starts[cluster]; other < starts[cluster + 1]; other += BLOCK) {
        const uint32_t width = starts[cluster + 1] - other < BLOCK ? starts[cluster + 1] - other : BLOCK;
        gather(coordinates, axes, members, other, width, room.others);
        for (uint32_t s = 0; s < width; s++)
          room.squares[s] = pair<true>(room.others + s * axes, room.others + s * axes, axes);
        for (uint32_t block = 0; block < height; block += BLOCK) {
          products(room.queries + block * axes, room.others, axes, room.apart);
          const uint32_t rows = height - block < BLOCK ? height - block : BLOCK;
          for (uint32_t r = 0; r < rows; r++) {
            const uint32_t query = searching[first + block + r];
            float* apart = distances + static_cast<uint64_t>(query) * m;
            uint32_t* found = indices + static_cast<uint64_t>(query) * m;
            for (uint32_t s = 0; s < width; s++) {
              const float distance = room.squares[s] - 2 * room.apart[r * BLOCK + s];
              if (distance > apart[0] || members[other + s] == queries[query]) continue;
              offer(apart, found, m, distance, members[other + s]);
            }
          }
        }
      }
    }
  }
}

}  // extern "C"
