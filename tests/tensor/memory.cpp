// What tensors hold, what is kept for the next ones, and what happens when there is no more.
#include "heed/tensor/memory.h"

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <limits>
#include <new>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "heed/tensor/create.h"
#include "heed/tensor/error.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/matmul.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/ops/reduce.h"
#include "heed/tensor/random/random.h"
#include "support/catch.h"
#include "support/refused.h"

using namespace heed;
using test::refused;

namespace {

constexpr std::size_t mib = std::size_t{1} << 20;

Tensor of_bytes(std::size_t bytes) { return empty({static_cast<std::int64_t>(bytes / 4)}); }

// An empty cache with this limit, for the length of a scope.
class CacheLimit {
 public:
  explicit CacheLimit(std::size_t bytes) : before_(memory_cache_limit()) {
    release_cached_memory();
    set_memory_cache_limit(bytes);
  }
  ~CacheLimit() {
    release_cached_memory();
    set_memory_cache_limit(before_);
  }
  CacheLimit(const CacheLimit&) = delete;
  CacheLimit& operator=(const CacheLimit&) = delete;

 private:
  std::size_t before_;
};

}  // namespace

TEST_CASE("live bytes are those of the elements, shared ones once", "[tensor][memory]") {
  const std::size_t before = memory_stats().live_bytes;
  {
    const Tensor x = zeros({1000}), again = x, view = slice(x, 0, 0, 10), scalar = ones({}, DType::f64);
    CHECK(memory_stats().live_bytes - before == 4008);
    const Tensor large = of_bytes(3 * mib);
    CHECK(memory_stats().live_bytes - before == 4008 + 3 * mib);
  }
  CHECK(memory_stats().live_bytes == before);
}

TEST_CASE("live bytes count what one thread made and another freed", "[tensor][memory]") {
  const std::size_t before = memory_stats().live_bytes;
  for (int round = 0; round < 50; ++round) {  // more threads than there are counters
    Tensor x;
    std::thread([&] { x = zeros({100}); }).join();
    CHECK(memory_stats().live_bytes == before + 400);
  }
  CHECK(memory_stats().live_bytes == before);
}

TEST_CASE("the peak is the most there was at once since it was reset", "[tensor][memory]") {
  const std::size_t before = memory_stats().live_bytes;
  {
    const Tensor a = of_bytes(8 * mib);
  }
  reset_peak_memory();
  CHECK(memory_stats().peak_bytes == before);
  {
    const Tensor a = of_bytes(2 * mib), b = of_bytes(3 * mib);
  }
  {
    const Tensor a = of_bytes(4 * mib);
  }
  CHECK(memory_stats().peak_bytes == before + 5 * mib);
  reset_peak_memory();
  {
    std::vector<Tensor> small;
    for (int i = 0; i < 3000; ++i) small.push_back(of_bytes(400));
  }
  CHECK(memory_stats().peak_bytes <= before + 1200000);
  CHECK(memory_stats().peak_bytes + 65536 >= before + 1200000);
  CHECK(memory_stats().live_bytes == before);
}

TEST_CASE("the peak sees what other threads hold", "[tensor][memory]") {
  const std::size_t before = memory_stats().live_bytes;
  reset_peak_memory();
  for (int round = 0; round < 3; ++round) {  // up and down to the same height, each time beside something larger
    Tensor theirs;
    std::thread([&] { theirs = of_bytes((1 + static_cast<std::size_t>(round)) * mib); }).join();
    std::vector<Tensor> mine;
    for (int i = 0; i < 1000; ++i) mine.push_back(of_bytes(400));
  }
  CHECK(memory_stats().peak_bytes <= before + 3 * mib + 400000);
  CHECK(memory_stats().peak_bytes + 2 * 65536 >= before + 3 * mib + 400000);
}

TEST_CASE("a large block is kept and used again", "[tensor][memory]") {
  const CacheLimit limit(64 * mib);
  const void* block = nullptr;
  {
    const Tensor x = of_bytes(8 * mib);
    block = x.storage().get();
    CHECK(memory_stats().cached_bytes == 0);
  }
  CHECK(memory_stats().cached_bytes >= 8 * mib);
  CHECK(memory_stats().cached_bytes < 9 * mib);
  {
    const Tensor smaller = of_bytes(5 * mib);
    CHECK(smaller.storage().get() == block);
    CHECK(memory_stats().cached_bytes == 0);
    CHECK(smaller.storage()->bytes() == 5 * mib);
    CHECK(smaller.storage()->version() == 0);
    CHECK(smaller.storage().unique());
    std::memset(const_cast<float*>(smaller.data<float>()), 1, 5 * mib);
  }
  CHECK(memory_stats().cached_bytes >= 8 * mib);  // the whole block came back
  {
    const Tensor much_smaller = of_bytes(2 * mib), larger = of_bytes(9 * mib);
    CHECK(much_smaller.storage().get() != block);
    CHECK(larger.storage().get() != block);
  }
  release_cached_memory();
  CHECK(memory_stats().cached_bytes == 0);
}

TEST_CASE("of the kept blocks the smallest that fits is taken", "[tensor][memory]") {
  const CacheLimit limit(64 * mib);
  const void* four = nullptr;
  {
    const Tensor five = of_bytes(5 * mib), x = of_bytes(4 * mib), six = of_bytes(6 * mib);
    four = x.storage().get();
  }
  const Tensor y = of_bytes(7 * mib / 2);
  CHECK(y.storage().get() == four);
}

TEST_CASE("what is kept has a bound, and those freed longest ago go first", "[tensor][memory]") {
  const CacheLimit limit(10 * mib);
  CHECK(memory_cache_limit() == 10 * mib);
  const void *second = nullptr, *third = nullptr;
  {
    Tensor a = of_bytes(3 * mib), b = of_bytes(4 * mib), c = of_bytes(5 * mib);
    second = b.storage().get(), third = c.storage().get();
    a = Tensor(), b = Tensor(), c = Tensor();
    CHECK(memory_stats().cached_bytes >= 9 * mib);
    CHECK(memory_stats().cached_bytes <= 10 * mib);
  }
  {
    const Tensor c = of_bytes(5 * mib), b = of_bytes(4 * mib);
    CHECK(c.storage().get() == third);
    CHECK(b.storage().get() == second);
  }
  {
    const Tensor too_large = of_bytes(11 * mib);
  }
  CHECK(memory_stats().cached_bytes <= 10 * mib);
  CHECK(memory_stats().cached_bytes >= 9 * mib);
  set_memory_cache_limit(6 * mib);
  CHECK(memory_stats().cached_bytes <= 6 * mib);
  set_memory_cache_limit(0);
  CHECK(memory_stats().cached_bytes == 0);
  {
    const Tensor x = of_bytes(2 * mib);
  }
  CHECK(memory_stats().cached_bytes == 0);
}

TEST_CASE("many kept blocks are bounded in number too", "[tensor][memory]") {
  const CacheLimit limit(1024 * mib);
  {
    std::vector<Tensor> many;
    for (int i = 0; i < 300; ++i) many.push_back(of_bytes(mib));
  }
  CHECK(memory_stats().cached_bytes >= 256 * mib);
  CHECK(memory_stats().cached_bytes < 257 * mib);
}

TEST_CASE("threads may take and keep large blocks at once", "[tensor][memory]") {
  const CacheLimit limit(8 * mib);
  std::vector<std::thread> pool;
  std::vector<int> wrong(4, 0);
  for (std::size_t thread = 0; thread < wrong.size(); ++thread)
    pool.emplace_back([&, thread] {
      for (std::size_t i = 0; i < 200; ++i) {
        Tensor x = of_bytes((1 + (i * 7 + thread) % 4) * mib);
        float* numbers = x.mutable_data<float>();
        const auto mark = static_cast<float>(thread);
        numbers[0] = numbers[x.numel() - 1] = mark;
        std::this_thread::yield();
        if (numbers[0] != mark || numbers[x.numel() - 1] != mark) ++wrong[thread];
      }
    });
  for (std::thread& thread : pool) thread.join();
  CHECK(wrong == std::vector<int>(4, 0));
  CHECK(memory_stats().cached_bytes <= 8 * mib);
}

#ifndef HEED_PLAIN_MALLOC
namespace {

std::size_t resident_bytes() {
  std::size_t all = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> all >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace

TEST_CASE("what is not kept is given back to the system", "[tensor][memory][resident]") {
  for (std::size_t most : {16 * mib, std::size_t{0}}) {
    const CacheLimit limit(most);
    const std::size_t before = resident_bytes();
    for (int round = 0; round < 3; ++round) {
      std::vector<Tensor> tensors;
      for (std::size_t i = 0; i < 60; ++i) tensors.push_back(zeros({static_cast<std::int64_t>(700'000 + 47'000 * i)}));
      CHECK(resident_bytes() > before + 400 * mib);
    }
    CHECK(memory_stats().cached_bytes <= most);
    CHECK(resident_bytes() < before + most + 4 * mib);
  }
}

TEST_CASE("what is kept by default is a small part of the machine's memory", "[tensor][memory]") {
  const auto memory =
      static_cast<std::size_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  CHECK(memory_cache_limit() <= std::min(1024 * mib, memory / 8));
  CHECK(memory_cache_limit() > 0);
}
#endif

TEST_CASE("memory is aligned and may be taken and given back by any thread", "[tensor][memory]") {
  for (std::size_t bytes : {std::size_t{1}, std::size_t{64}, std::size_t{65}, std::size_t{1} << 20}) {
    void* memory = allocate_aligned(bytes);
    CHECK(reinterpret_cast<std::uintptr_t>(memory) % 64 == 0);
    std::memset(memory, 1, bytes);
    std::thread([&] { free_aligned(memory); }).join();
  }
  free_aligned(nullptr);
  CHECK_THROWS_AS(allocate_aligned(std::numeric_limits<std::size_t>::max()), std::bad_alloc);
}

#ifndef HEED_PLAIN_MALLOC  // the sanitizers' own allocator ends the program instead
TEST_CASE("without memory the operation, the shape and the bytes are named", "[tensor][memory]") {
  CHECK_THROWS_AS(allocate_aligned(std::size_t{1} << 60), std::bad_alloc);
  const MemoryStats before = memory_stats();
  CHECK(refused<MemoryError>([] { zeros({1000000, 1000000, 1000}); }) ==
        "zeros: no memory for f32 [1000000, 1000000, 1000]: 4000000000000000 bytes asked for");
  const std::int64_t most = std::numeric_limits<std::int64_t>::max();  // with its header too much to be counted
  CHECK(refused<MemoryError>([&] { empty({most}, DType::boolean, "pad"); }) ==
        "pad: no memory for bool [9223372036854775807]: 9223372036854775807 bytes asked for");
  CHECK(refused<MemoryError>([] { ones({1 << 30, 1 << 20}, DType::boolean); }) ==
        "ones: no memory for bool [1073741824, 1048576]: 1125899906842624 bytes asked for");
  CHECK(refused<MemoryError>([] { arange(std::int64_t{1} << 52); }).starts_with("arange: no memory for i64 ["));
  const Tensor wide = expand(ones({1}), {1 << 30, 1 << 20});
  CHECK(refused<MemoryError>([&] { wide.clone(); }).starts_with("clone: no memory for f32 [1073741824, 1048576]"));
  const auto named = [&](std::string_view operation, auto&& call) {
    INFO(operation);
    CHECK(refused<MemoryError>(call).starts_with(std::string(operation) + ": no memory for "));
  };
  Generator generator(1);
  named("exp", [&] { exp(wide); });
  named("add", [&] { add(wide, wide); });
  named("less", [&] { less(wide, wide); });
  named("where", [&] { where(less(ones({1}), ones({1})), wide, wide); });
  named("concat", [&] { concat({wide, wide}, 0); });
  named("sum", [&] { sum(unsqueeze(wide, -1), -1); });
  named("matmul", [&] { matmul(expand(ones({1, 1}), {1 << 30, 1}), expand(ones({1, 1}), {1, 1 << 20})); });
  named("uniform", [&] { uniform(generator, {1 << 30, 1 << 20}, 0, 1); });
  CHECK(memory_stats().live_bytes == before.live_bytes + 4);  // `wide` has one element
  CHECK(memory_stats().cached_bytes == 0);                    // given back before giving up
}
#endif
