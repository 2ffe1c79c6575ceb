#include "machine/speed.h"

#include <chrono>
#include <cstring>
#include <fstream>
#include <latch>
#include <thread>
#include <vector>

namespace heed::bench {
namespace {

using Floats4 [[gnu::vector_size(16)]] = float;
#if defined(__x86_64__)
using Floats8 [[gnu::vector_size(32)]] = float;
using Floats16 [[gnu::vector_size(64)]] = float;
#endif

template <class V>
void keep(V& value) {  // as if somebody looked at it
  asm volatile("" : "+m"(value) : : "memory");
}

// Twelve independent chains of fused multiply-adds: enough to fill two units of latency four. Each begins elsewhere, or
// the compiler would work out only one. A product and a sum become one instruction in this file alone
// (bench/CMakeLists.txt).
template <class V>
[[gnu::always_inline]] inline double chains(std::int64_t rounds) {
  V sum[12], factor = V{} + 0.999f, addend = V{} + 1e-3f;
  for (int i = 0; i < 12; ++i) sum[i] = V{} + static_cast<float>(i);
  keep(factor);
  keep(addend);
  const V f = factor, a = addend;
  for (std::int64_t i = 0; i < rounds; ++i)
    for (V& s : sum) s = s * f + a;
  for (V& s : sum) keep(s);
  return 2.0 * 12 * (sizeof(V) / sizeof(float)) * static_cast<double>(rounds);
}

template <class V>
[[gnu::always_inline]] inline void read(const float* from, std::size_t n) {
  V sum[8] = {};
  for (std::size_t i = 0; i < n; i += 8 * sizeof(V) / sizeof(float))
    for (std::size_t j = 0; j < 8; ++j) {
      V part;
      std::memcpy(&part, from + i + j * sizeof(V) / sizeof(float), sizeof(V));
      sum[j] += part;
    }
  for (V& s : sum) keep(s);
}

template <class V>
[[gnu::always_inline]] inline void update(float* x, const float* g, float* m, float* v, std::size_t n) {
  for (std::size_t i = 0; i < n; i += sizeof(V) / sizeof(float)) {
    V a, b, c, d;
    std::memcpy(&a, x + i, sizeof(V)), std::memcpy(&b, g + i, sizeof(V));
    std::memcpy(&c, m + i, sizeof(V)), std::memcpy(&d, v + i, sizeof(V));
    c += b, d += b, a += c;
    std::memcpy(x + i, &a, sizeof(V)), std::memcpy(m + i, &c, sizeof(V)), std::memcpy(v + i, &d, sizeof(V));
  }
}

struct Loops {
  double (*chains)(std::int64_t);
  void (*read)(const float*, std::size_t);
  void (*update)(float*, const float*, float*, float*, std::size_t);
};
#if defined(__x86_64__)
[[gnu::target("avx2,fma")]] double chains8(std::int64_t rounds) { return chains<Floats8>(rounds); }
[[gnu::target("avx2,fma")]] void read8(const float* from, std::size_t n) { read<Floats8>(from, n); }
[[gnu::target("avx2,fma")]] void update8(float* x, const float* g, float* m, float* v, std::size_t n) {
  update<Floats8>(x, g, m, v, n);
}
[[gnu::target("avx512f")]] double chains16(std::int64_t rounds) { return chains<Floats16>(rounds); }
[[gnu::target("avx512f")]] void read16(const float* from, std::size_t n) { read<Floats16>(from, n); }
[[gnu::target("avx512f")]] void update16(float* x, const float* g, float* m, float* v, std::size_t n) {
  update<Floats16>(x, g, m, v, n);
}
#endif

Loops loops() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) return {chains16, read16, update16};
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return {chains8, read8, update8};
#endif
  return {chains<Floats4>, read<Floats4>, update<Floats4>};
}

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

constexpr double long_enough = 0.005;  // seconds

// Passes per second over all parts together: every thread makes its part by prepare(), then runs it for some time.
template <class Prepare>
double passes_per_second(int threads, const Prepare& prepare) {
  std::latch ready(threads);
  std::vector<double> rates(static_cast<std::size_t>(threads));
  const auto run = [&](std::size_t thread) {
    auto pass = prepare();
    pass();  // a page that was never written is no memory yet
    ready.arrive_and_wait();
    const double start = now();
    std::int64_t count = 0;
    double seconds = 0;
    for (; seconds < 2 * long_enough; seconds = now() - start, ++count) pass();
    rates[thread] = static_cast<double>(count) / seconds;
  };
  std::vector<std::jthread> others;
  for (int i = 1; i < threads; ++i) others.emplace_back(run, static_cast<std::size_t>(i));
  run(0);
  others.clear();
  double sum = 0;
  for (const double rate : rates) sum += rate;
  return sum / threads;
}

// Elements of one thread's part, whole vectors.
std::size_t part(std::size_t elements, int threads) {
  constexpr std::size_t step = 8 * 16;
  return (elements / static_cast<std::size_t>(threads) + step - 1) / step * step;
}

}  // namespace

double fused_multiply_adds(std::int64_t rounds) { return loops().chains(rounds); }

double fma_peak() {
  const double start = now();
  double flops = 0, seconds = 0;
  for (; seconds < long_enough; seconds = now() - start) flops += fused_multiply_adds(100'000);
  return flops / seconds;
}

double read_bandwidth(std::size_t bytes, int threads) {
  const std::size_t n = part(bytes / sizeof(float), threads);
  const double passes = passes_per_second(
      threads, [&] { return [n, from = std::vector<float>(n, 1.0f), read = loops().read] { read(from.data(), n); }; });
  return passes * static_cast<double>(n * sizeof(float)) * threads;
}

double copy_bandwidth(std::size_t bytes, int threads) {
  const std::size_t n = part(bytes / sizeof(float), threads);
  const double passes = passes_per_second(threads, [&] {
    return [n, from = std::vector<float>(n, 1.0f), to = std::vector<float>(n)]() mutable {
      std::memcpy(to.data(), from.data(), n * sizeof(float));
      keep(to[0]);
    };
  });
  return passes * 2 * static_cast<double>(n * sizeof(float)) * threads;
}

double update_bandwidth(std::size_t elements, int threads) {
  const std::size_t n = part(elements, threads);
  const double passes = passes_per_second(threads, [&] {
    return [n, arrays = std::vector<std::vector<float>>(4, std::vector<float>(n)), update = loops().update]() mutable {
      update(arrays[0].data(), arrays[1].data(), arrays[2].data(), arrays[3].data(), n);
    };
  });
  return passes * 7 * static_cast<double>(n * sizeof(float)) * threads;
}

std::string processor() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);)
    if (line.starts_with("model name")) return line.substr(line.find(": ") + 2);
  return "unknown processor";
}

}  // namespace heed::bench
