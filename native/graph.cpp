/*
 * The fuzzy graph of UMAP (McInnes, Healy and Melville 2018, §3.1; umap-learn, `fuzzy_simplicial_set`), from the nearest
 * neighbours of every sample, in compressed rows.
 */
#include <stdint.h>

#include "math.hpp"
#include "threads.hpp"

using namespace portolan;

namespace {

constexpr int BISECTIONS = 64;
constexpr double TOLERANCE = 1e-5;
/** σ is at least this share of the mean distance. */
constexpr double MIN_SCALE = 1e-3;

double mean_of(const float* values, uint32_t count) {
  double sum = 0;
  for (uint32_t j = 0; j < count; j++) sum += values[j];
  return sum / count;
}

/** σ with Σ_j exp(−max(0, d_j − ρ)/σ) = log₂ k, k the number of neighbours with the sample itself. */
[[gnu::noinline]] double bandwidth(const float* distances, uint32_t k, double nearest, double target) {
  double low = 0;
  double high = __builtin_inf();
  double middle = 1;
  for (int round = 0; round < BISECTIONS; round++) {
    double sum = 0;
    for (uint32_t j = 0; j < k; j++) {
      const double beyond = distances[j] - nearest;
      sum += beyond > 0 ? portolan::exp(-beyond / middle) : 1;
    }
    const double off = sum - target;
    if (off < TOLERANCE && off > -TOLERANCE) break;
    if (off > 0) {
      high = middle;
      middle = (low + high) / 2;
    } else {
      low = middle;
      middle = high == __builtin_inf() ? middle * 2 : (low + high) / 2;
    }
  }
  return middle;
}

/** By column; rows are short. */
void sort_row(uint32_t* columns, float* values, uint32_t k) {
  for (uint32_t j = 1; j < k; j++) {
    const uint32_t column = columns[j];
    const float value = values[j];
    uint32_t at = j;
    for (; at > 0 && columns[at - 1] > column; at--) {
      columns[at] = columns[at - 1];
      values[at] = values[at - 1];
    }
    columns[at] = column;
    values[at] = value;
  }
}

/** a + b − ab, each 0 where a row lacks the column: what either side says, as if independent. */
template <typename Each>
void united(const uint32_t* ca, const float* va, uint32_t na, const uint32_t* cb, const float* vb, uint32_t nb, Each each) {
  uint32_t p = 0;
  uint32_t q = 0;
  while (p < na || q < nb) {
    const uint32_t column = q >= nb || (p < na && ca[p] < cb[q]) ? ca[p] : cb[q];
    float a = 0;
    float b = 0;
    if (p < na && ca[p] == column) a = va[p++];
    if (q < nb && cb[q] == column) b = vb[q++];
    each(column, a + b - a * b);
  }
}

}  // namespace

extern "C" {

/**
 * Membership strengths exp(−max(0, d − ρ)/σ) of a thread's samples, ρ the smallest positive distance. Rows are then
 * ordered by column.
 * @param indices    [n, k], others only, nearest first; ordered by column afterwards
 * @param distances  [n, k]; overwritten by the strengths
 * @param everywhere mean of all distances, the scale of σ where a sample equals all of its neighbours
 */
void memberships(uint32_t n, uint32_t k, uint32_t* indices, float* distances, double everywhere, int thread, int threads) {
  const Part part = part_of(n, thread, threads);
  const double target = portolan::log2(k + 1);
  for (uint32_t i = part.from; i < part.to; i++) {
    float* row = distances + static_cast<uint64_t>(i) * k;
    double nearest = 0;
    for (uint32_t j = 0; j < k && nearest == 0; j++) nearest = row[j];
    double sigma = bandwidth(row, k, nearest, target);
    // The sample itself, at distance 0, counts in the mean.
    const double floor = MIN_SCALE * (nearest > 0 ? mean_of(row, k) * k / (k + 1) : everywhere);
    if (sigma < floor) sigma = floor;
    for (uint32_t j = 0; j < k; j++) {
      const double beyond = row[j] - nearest;
      row[j] = beyond > 0 && sigma > 0 ? static_cast<float>(portolan::exp(-beyond / sigma)) : 1;
    }
    sort_row(indices + static_cast<uint64_t>(i) * k, row, k);
  }
}

/**
 * Transpose of a matrix with k entries in each row.
 * @param starts [n + 1], written; places [n], scratch
 * @param rows, strengths [n · k], written: of each column its rows, ascending
 */
void transpose(uint32_t n, uint32_t k, const uint32_t* indices, const float* values, uint32_t* starts, uint32_t* places,
               uint32_t* rows, float* strengths) {
  const uint32_t entries = n * k;
  for (uint32_t i = 0; i <= n; i++) starts[i] = 0;
  for (uint32_t e = 0; e < entries; e++) starts[indices[e] + 1]++;
  for (uint32_t i = 0; i < n; i++) {
    starts[i + 1] += starts[i];
    places[i] = starts[i];
  }
  for (uint32_t i = 0; i < n; i++)
    for (uint32_t e = i * k; e < (i + 1) * k; e++) {
      const uint32_t at = places[indices[e]]++;
      rows[at] = i;
      strengths[at] = values[e];
    }
}

/**
 * The symmetric graph, its weights divided by the largest; entries that would not be sampled once in all epochs are left
 * out, as in umap-learn.
 * @param starts, rows, strengths  from `transpose`
 * @param row_starts [n + 1], columns and shares with room for 2nk: written
 * @returns entries
 */
uint32_t symmetric(uint32_t n, uint32_t k, const uint32_t* indices, const float* values, const uint32_t* starts,
                   const uint32_t* rows, const float* strengths, uint32_t epochs, uint32_t* row_starts,
                   uint32_t* columns, float* shares) {
  float largest = 0;
  const auto row = [&](uint32_t i, auto each) {
    united(indices + i * k, values + i * k, k, rows + starts[i], strengths + starts[i], starts[i + 1] - starts[i], each);
  };
  for (uint32_t i = 0; i < n; i++)
    row(i, [&](uint32_t, float weight) { largest = weight > largest ? weight : largest; });
  const float least = 1.0f / epochs;
  uint32_t at = 0;
  for (uint32_t i = 0; i < n; i++) {
    row_starts[i] = at;
    row(i, [&](uint32_t column, float weight) {
      const float share = weight / largest;
      if (!(share >= least)) return;
      columns[at] = column;
      shares[at++] = share;
    });
  }
  row_starts[n] = at;
  return at;
}

}  // extern "C"
