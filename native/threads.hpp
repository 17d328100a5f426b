#pragma once
#include <stdint.h>

namespace portolan {

/** In shared memory, zero at first. */
struct Barrier {
  int32_t arrived;
  int32_t generation;
  /** Set from outside when a thread has failed: the others leave instead of waiting for it for ever. */
  int32_t aborted;
};

constexpr int SPINS = 2000;
constexpr int64_t WAIT_NANOSECONDS = 100'000'000;

/** Waits for all threads. @returns false when the work was aborted */
inline bool together(Barrier* barrier, int threads) {
  if (threads > 1) {
    const int32_t generation = __atomic_load_n(&barrier->generation, __ATOMIC_SEQ_CST);
    if (__atomic_add_fetch(&barrier->arrived, 1, __ATOMIC_SEQ_CST) == threads) {
      __atomic_store_n(&barrier->arrived, 0, __ATOMIC_SEQ_CST);
      __atomic_add_fetch(&barrier->generation, 1, __ATOMIC_SEQ_CST);
      __builtin_wasm_memory_atomic_notify(&barrier->generation, 0x7fffffff);
    } else {
      int spins = 0;
      while (__atomic_load_n(&barrier->generation, __ATOMIC_SEQ_CST) == generation) {
        if (__atomic_load_n(&barrier->aborted, __ATOMIC_SEQ_CST) != 0) return false;
        if (++spins > SPINS) __builtin_wasm_memory_atomic_wait32(&barrier->generation, generation, WAIT_NANOSECONDS);
      }
    }
  }
  return __atomic_load_n(&barrier->aborted, __ATOMIC_SEQ_CST) == 0;
}

/** The part of [0, n) that a thread owns. Results don't depend on the division. */
struct Part {
  uint32_t from;
  uint32_t to;
};

inline Part part_of(uint32_t n, int thread, int threads) {
  const uint64_t wide = n;
  return {static_cast<uint32_t>(wide * thread / threads), static_cast<uint32_t>(wide * (thread + 1) / threads)};
}

}  // namespace portolan
