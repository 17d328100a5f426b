#pragma once
#include <stdint.h>

namespace portolan {

/**
 * SplitMix64 (Steele, Lea and Flood 2014), started from a counter: the stream of a sample in an epoch depends on seed,
 * epoch and sample alone, and not on which thread draws it or when.
 */
class Stream {
 public:
  Stream(uint64_t seed, uint32_t epoch, uint32_t sample)
      : state_(mixed(mixed(seed + GOLDEN * (epoch + 1)) + GOLDEN * (static_cast<uint64_t>(sample) + 1))) {}

  /** Uniform in [0, n), to within n/2³². Two of every 64 bits. */
  uint32_t below(uint32_t n) {
    if (half_) {
      half_ = false;
      return static_cast<uint32_t>((static_cast<uint64_t>(n) * (last_ >> 32)) >> 32);
    }
    state_ += GOLDEN;
    last_ = mixed(state_);
    half_ = true;
    return static_cast<uint32_t>((static_cast<uint64_t>(n) * (last_ & 0xffffffffull)) >> 32);
  }

 private:
  static constexpr uint64_t GOLDEN = 0x9e3779b97f4a7c15ull;

  static uint64_t mixed(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
  }

  uint64_t state_;
  uint64_t last_ = 0;
  bool half_ = false;
};

}  // namespace portolan
