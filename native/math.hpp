#pragma once
#include <stdint.h>

/*
 * Logarithm and exponential from additions, multiplications and divisions alone, all of which IEEE 754 defines to the
 * last bit: a layout then has the same bytes on every machine, whatever its library of mathematics.
 */
namespace portolan {

inline double bits_to_double(uint64_t bits) { return __builtin_bit_cast(double, bits); }
inline uint64_t double_to_bits(double x) { return __builtin_bit_cast(uint64_t, x); }

/** Base 2; x positive and normal. With s = (m − 1)/(m + 1), ln m = 2 (s + s³/3 + s⁵/5 …); relative error below 1e-13. */
inline double log2(double x) {
  const uint64_t bits = double_to_bits(x);
  int exponent = static_cast<int>(bits >> 52) - 1023;
  double m = bits_to_double((bits & 0x000fffffffffffffull) | 0x3ff0000000000000ull);
  // m in [1/√2, √2), where the series is shortest.
  if (m > 1.4142135623730951) {
    m *= 0.5;
    exponent++;
  }
  const double s = (m - 1) / (m + 1);
  const double q = s * s;
  double sum = 1.0 / 17;
  for (int odd = 15; odd > 0; odd -= 2) sum = sum * q + 1.0 / odd;
  return exponent + 2.8853900817779268 * s * sum;
}

/** Base 2; zero below the smallest normal number. Taylor's series of e^(f ln 2), f in [−½, ½]; relative error below 1e-12. */
inline double exp2(double x) {
  if (!(x > -1022)) return 0;
  if (x > 1023) x = 1023;
  const double whole = __builtin_floor(x + 0.5);
  const double f = (x - whole) * 0.6931471805599453;
  double sum = 1.0 / 3628800;
  sum = sum * f + 1.0 / 362880;
  sum = sum * f + 1.0 / 40320;
  sum = sum * f + 1.0 / 5040;
  sum = sum * f + 1.0 / 720;
  sum = sum * f + 1.0 / 120;
  sum = sum * f + 1.0 / 24;
  sum = sum * f + 1.0 / 6;
  sum = sum * f + 0.5;
  sum = sum * f + 1;
  sum = sum * f + 1;
  return sum * bits_to_double(static_cast<uint64_t>(static_cast<int>(whole) + 1023) << 52);
}

inline double exp(double x) { return exp2(x * 1.4426950408889634); }

}  // namespace portolan
