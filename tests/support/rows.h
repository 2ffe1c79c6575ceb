// Raw rows for tests of kernels: memory whose end cannot be crossed unseen, samples, and comparison by bits and by
// ulps.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <new>
#include <random>
#include <type_traits>
#include <vector>

namespace heed::test {

/// n numbers that end where readable memory ends: reading or writing behind them is a fault, and writing before them
/// shows in intact(). How the row is aligned changes with n.
template <class T>
class EdgeRow {
 public:
  explicit EdgeRow(std::size_t n) : n_(n) {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    readable_ = (n * sizeof(T) / page + 1) * page;
    bytes_ = readable_ + page;
    void* memory = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    memory_ = static_cast<unsigned char*>(memory);
    mprotect(memory_ + readable_, page, PROT_NONE);
    std::fill_n(memory_, before(), guard);
  }
  explicit EdgeRow(const std::vector<T>& numbers) : EdgeRow(numbers.size()) {
    std::copy(numbers.begin(), numbers.end(), data());
  }
  EdgeRow(const EdgeRow&) = delete;
  EdgeRow& operator=(const EdgeRow&) = delete;
  ~EdgeRow() { munmap(memory_, bytes_); }

  T* data() { return reinterpret_cast<T*>(memory_ + before()); }
  T& operator[](std::size_t i) { return data()[i]; }
  std::size_t size() const { return n_; }
  std::vector<T> numbers() { return std::vector<T>(data(), data() + n_); }
  bool intact() const {
    return std::all_of(memory_, memory_ + before(), [](unsigned char byte) { return byte == guard; });
  }

 private:
  static constexpr unsigned char guard = 0xA5;
  std::size_t before() const { return readable_ - n_ * sizeof(T); }

  std::size_t n_, readable_, bytes_;
  unsigned char* memory_;
};

/// Every way a row can divide into vectors, and a few long rows.
inline std::vector<std::size_t> row_lengths() {
  std::vector<std::size_t> lengths = {255, 1000, 4099};
  for (std::size_t n = 0; n <= 70; ++n) lengths.push_back(n);
  return lengths;
}

template <class T>
std::vector<T> random_row(std::size_t n, double low, double high, std::uint64_t seed) {
  std::mt19937_64 engine(seed);
  std::vector<T> row(n);
  for (T& x : row) x = static_cast<T>(low + (high - low) * (static_cast<double>(engine() >> 11) * 0x1p-53));
  return row;
}

/// Bit patterns an equal distance apart: every exponent and both signs, subnormal numbers, infinities, NaN.
template <class T>
std::vector<T> all_magnitudes(std::size_t count) {
  using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
  const Bits step = std::numeric_limits<Bits>::max() / static_cast<Bits>(count) | 1;
  std::vector<T> x(count);
  Bits bits = 0;
  for (T& number : x) {
    std::memcpy(&number, &bits, sizeof(T));
    bits += step;
  }
  return x;
}

/// Zeros, subnormals, infinities, NaN, and numbers around the places where exp, tanh and sigmoid change their ways.
template <class T>
std::vector<T> special_numbers() {
  using limits = std::numeric_limits<T>;
  std::vector<T> numbers = {limits::quiet_NaN()};
  for (double size : {0.0,  1e-30, 0.2,   0.5,   1.0,   3.0,   9.4,   9.6,   19.9,  30.0,  86.0,  87.9,   88.5,
                      88.8, 90.0,  103.0, 105.0, 200.0, 707.0, 709.5, 710.5, 740.0, 745.0, 747.0, 2000.0, 1e30})
    for (double sign : {1.0, -1.0}) numbers.push_back(static_cast<T>(sign * size));
  for (T size : {limits::infinity(), limits::max(), limits::min(), limits::denorm_min()})
    for (T sign : {T{1}, T{-1}}) numbers.push_back(sign * size);
  return numbers;
}

template <class T>
bool same_bits(const T& a, const T& b) {
  return std::memcmp(&a, &b, sizeof(T)) == 0;
}

template <class T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0);
}

/// |got - wanted| in units in the last place of T around `wanted`; 0 when both are NaN, or both infinite once `wanted`
/// is rounded to T; HUGE_VAL when only one is.
template <class T>
double ulps(T got, long double wanted) {
  using limits = std::numeric_limits<T>;
  const T rounded = static_cast<T>(wanted);
  if (std::isnan(wanted) || std::isnan(got)) return std::isnan(wanted) && std::isnan(got) ? 0 : HUGE_VAL;
  if (std::isinf(rounded) || std::isinf(got)) return got == rounded ? 0 : HUGE_VAL;
  const int exponent = wanted == 0 ? limits::min_exponent : std::max(std::ilogb(wanted), limits::min_exponent - 1);
  return static_cast<double>(std::fabs(got - wanted) / std::ldexp(1.0L, exponent - (limits::digits - 1)));
}

}  // namespace heed::test
