// Loops over chunks: every element once, bits that no number of threads can change, exceptions that arrive.
#include "heed/tensor/internal/parallel.h"

#include <atomic>
#include <cfenv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <functional>
#include <limits>
#include <mutex>
#include <numeric>
#include <set>
#include <string>
#include <thread>

#include "heed/tensor/error.h"
#include "support/catch.h"
#include "support/layouts.h"
#include "support/paths.h"
#include "support/refused.h"
#include "support/thread_count.h"

#ifdef __SSE2__
#include <xmmintrin.h>
#endif

using namespace heed;
using test::Numbers;
using test::refused;
using test::ThreadCount;

namespace {

using Chunk = std::pair<std::int64_t, std::int64_t>;

std::set<Chunk> visited(std::int64_t n, std::int64_t grain) {
  std::set<Chunk> chunks;
  std::mutex guard;
  parallel_chunks(n, grain, [&](std::int64_t begin, std::int64_t end) {
    std::lock_guard lock(guard);
    if (!chunks.emplace(begin, end).second) chunks.emplace(-1, -1);  // seen twice
  });
  return chunks;
}

struct Refusal {
  std::int64_t chunk;
};

}  // namespace

TEST_CASE("chunks cover the range once, whatever the number of threads", "[tensor][parallel]") {
  for (int count : {1, 2, 3, 8}) {
    const ThreadCount threads(count);
    for (std::int64_t n : {-5, 0, 1, 2, 9, 10, 11, 99, 100, 101, 1000})
      for (std::int64_t grain : {1, 2, 10, 100, 5000}) {
        std::set<Chunk> wanted;
        for (std::int64_t begin = 0; begin < n; begin += grain) wanted.emplace(begin, std::min(n, begin + grain));
        INFO(n << " by " << grain << " with " << count << " threads");
        CHECK(visited(n, grain) == wanted);
      }
  }
}

TEST_CASE("one chunk is run by the caller", "[tensor][parallel]") {
  std::thread::id runner;
  parallel_chunks(100, 100, [&](std::int64_t, std::int64_t) { runner = std::this_thread::get_id(); });
  CHECK(runner == std::this_thread::get_id());
  const ThreadCount one(1);
  std::set<std::thread::id> runners;  // no lock: with one thread there is only the caller
  parallel_chunks(100, 1, [&](std::int64_t, std::int64_t) { runners.insert(std::this_thread::get_id()); });
  CHECK(runners == std::set<std::thread::id>{std::this_thread::get_id()});
}

TEST_CASE("a body may be const and need not be copyable", "[tensor][parallel]") {
  struct Body {
    explicit Body(std::atomic<std::int64_t>& where) : total(where) {}
    Body(const Body&) = delete;
    Body& operator=(const Body&) = delete;
    void operator()(std::int64_t begin, std::int64_t end) const { total += end - begin; }
    std::atomic<std::int64_t>& total;
  };
  std::atomic<std::int64_t> total = 0;
  const Body body(total);
  parallel_chunks(1000, 7, body);
  parallel_chunks(1000, 7, Body(total));
  CHECK(total == 2000);
}

TEST_CASE("reduce_chunks adds up in one fixed tree", "[tensor][parallel]") {
  Numbers random(151);
  std::vector<float> numbers(10007);
  for (float& number : numbers) number = static_cast<float>(random.next(-2, 2));
  const auto partial = [&](std::int64_t begin, std::int64_t end) {
    return std::accumulate(numbers.begin() + begin, numbers.begin() + end, 0.0f);
  };
  for (std::int64_t grain : {1, 10, 100, 20000}) {
    std::vector<float> first;
    for (int count : {1, 2, 3, 8}) {
      const ThreadCount threads(count);
      first.push_back(reduce_chunks(10007, grain, 0.0f, partial, std::plus<>()));
      INFO(grain << " with " << count << " threads");
      CHECK(std::memcmp(&first[0], &first.back(), sizeof(float)) == 0);
    }
  }
  // The tree itself: pairs, pairs of pairs, ... and what is left over joins as it is.
  const auto name = [](std::int64_t begin, std::int64_t) { return std::to_string(begin); };
  const auto join = [](const std::string& a, const std::string& b) { return "(" + a + b + ")"; };
  CHECK(reduce_chunks(7, 1, std::string("nothing"), name, join) == "(((01)(23))((45)6))");
  CHECK(reduce_chunks(5, 2, std::string("nothing"), name, join) == "((02)4)");
  CHECK(reduce_chunks(5, 5, std::string("nothing"), name, join) == "0");
  CHECK(reduce_chunks(0, 5, std::string("nothing"), name, join) == "nothing");
}

TEST_CASE("an exception reaches the caller with its type, and loops go on working", "[tensor][parallel]") {
  Numbers random(152);
  for (int count : {1, 2, 8}) {
    const ThreadCount threads(count);
    for (int trial = 0; trial < 1500; ++trial) {
      const std::int64_t bad = random.uniform_int(40);
      std::int64_t caught = -1;
      try {
        parallel_chunks(40, 1, [&](std::int64_t begin, std::int64_t) {
          if (begin == bad) throw Refusal{begin};
        });
      } catch (const Refusal& refusal) {
        caught = refusal.chunk;
      }
      REQUIRE(caught == bad);
    }
    CHECK_THROWS_AS(
        reduce_chunks(10, 1, 0, [](std::int64_t, std::int64_t) -> int { throw Refusal{0}; }, std::plus<>()), Refusal);
    CHECK(reduce_chunks(
              1000, 10, std::int64_t{0}, [](std::int64_t begin, std::int64_t end) { return end - begin; },
              std::plus<>()) == 1000);
  }
}

TEST_CASE("exceptions cross nested loops", "[tensor][parallel]") {
  Numbers random(153);
  const ThreadCount threads(8);
  for (int trial = 0; trial < 300; ++trial) {
    const std::int64_t bad = random.uniform_int(6 * 6 * 6);
    std::int64_t caught = -1;
    try {
      parallel_chunks(6, 1, [&](std::int64_t i, std::int64_t) {
        parallel_chunks(6, 1, [&](std::int64_t j, std::int64_t) {
          parallel_chunks(6, 1, [&](std::int64_t k, std::int64_t) {
            if ((i * 6 + j) * 6 + k == bad) throw Refusal{bad};
          });
        });
      });
    } catch (const Refusal& refusal) {
      caught = refusal.chunk;
    }
    REQUIRE(caught == bad);
  }
}

TEST_CASE("loops may be nested, and a waiting thread takes up no other outer chunk", "[tensor][parallel]") {
  static thread_local int depth;
  for (int count : {1, 2, 3, 8}) {
    const ThreadCount threads(count);
    std::atomic<std::int64_t> total = 0, reentered = 0;
    parallel_chunks(200, 1, [&](std::int64_t, std::int64_t) {
      if (depth++ > 0) ++reentered;
      parallel_chunks(64, 1, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) ++total;
      });
      --depth;
    });
    CHECK(total == 200 * 64);
    CHECK(reentered == 0);
  }
}

TEST_CASE("several user threads may run loops at once", "[tensor][parallel]") {
  const ThreadCount threads(3);
  std::atomic<std::int64_t> total = 0;
  std::vector<std::thread> users;
  for (int user = 0; user < 6; ++user)
    users.emplace_back([&] {
      for (int i = 0; i < 100; ++i)
        parallel_chunks(50, 1, [&](std::int64_t begin, std::int64_t end) { total += end - begin; });
    });
  for (std::thread& user : users) user.join();
  CHECK(total == 6 * 100 * 50);
}

TEST_CASE("workers round as the caller does", "[tensor][parallel]") {
  const ThreadCount threads(4);
  const auto count_of = [](auto&& holds) {
    std::atomic<int> count = 0;
    parallel_chunks(200, 1, [&](std::int64_t, std::int64_t) {
      std::this_thread::sleep_for(std::chrono::microseconds(50));  // long enough for the others to join in
      count += holds();
    });
    return count.load();
  };
  for (int mode : {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO, FE_TONEAREST}) {
    REQUIRE(std::fesetround(mode) == 0);
    const int same = count_of([&] { return std::fegetround() == mode; }), own = std::fegetround();
    std::fesetround(FE_TONEAREST);
    CHECK(same == 200);
    CHECK(own == mode);
  }
#ifdef __SSE2__
  const unsigned before = _mm_getcsr(), flush = before | 0x8040;  // subnormal numbers count as 0, in and out
  _mm_setcsr(flush);
  const int flushing = count_of([] { return (_mm_getcsr() & 0x8040) == 0x8040; });
  _mm_setcsr(before);
  CHECK(flushing == 200);
  CHECK(count_of([] { return (_mm_getcsr() & 0x8040) == 0; }) == 200);
#endif
}

TEST_CASE("the number of threads is what was asked for, up to 64", "[tensor][parallel]") {
  const ThreadCount restore(1);
  for (const auto& [asked, wanted] :
       {std::pair{1, 1}, {2, 2}, {7, 7}, {64, 64}, {65, 64}, {std::numeric_limits<int>::max(), 64}}) {
    set_threads(asked);
    CHECK(threads() == wanted);
    CHECK(visited(100, 1).size() == 100);
  }
}

TEST_CASE("fewer threads than one are refused", "[tensor][parallel]") {
  const ThreadCount three(3);
  CHECK(refused<Error>([] { set_threads(0); }) == "set_threads: 0 threads asked for, at least 1 is needed");
  CHECK(refused<Error>([] { set_threads(-1); }) == "set_threads: -1 threads asked for, at least 1 is needed");
  CHECK_THROWS_AS(set_threads(std::numeric_limits<int>::min()), Error);
  CHECK(threads() == 3);
}

TEST_CASE("more threads than cores do run at once", "[tensor][parallel]") {
  constexpr int wanted = 6;
  const ThreadCount threads(wanted);
  std::atomic<int> arrived = 0;
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  parallel_chunks(wanted, 1, [&](std::int64_t, std::int64_t) {
    ++arrived;  // each waits for all others: nobody can run two
    while (arrived < wanted && std::chrono::steady_clock::now() < give_up) std::this_thread::yield();
    if (arrived < wanted) arrived = -1000;
  });
  CHECK(arrived == wanted);
}

TEST_CASE("loops run while threads are chosen anew", "[tensor][parallel]") {
  const ThreadCount restore(2);
  std::atomic<bool> done = false;
  std::thread chooser([&] {
    for (int i = 0; !done; ++i) set_threads(1 + i % 5);
  });
  std::atomic<std::int64_t> total = 0;
  for (int i = 0; i < 300; ++i)
    parallel_chunks(50, 1, [&](std::int64_t begin, std::int64_t end) { total += end - begin; });
  done = true;
  chooser.join();
  CHECK(total == 300 * 50);
}

TEST_CASE("static objects may compute when they are constructed and destroyed", "[tensor][parallel][programs]") {
  // With standard error: the library never prints, and oneTBB shall have no reason to.
  FILE* pipe = popen(("exec timeout 120 '" + static_objects_program().string() + "' 2>&1").c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string printed;
  for (int c; (c = std::fgetc(pipe)) != EOF;) printed += static_cast<char>(c);
  CHECK(pclose(pipe) == 0);
  CHECK(printed == "constructor: right\nmain: right\nfirst destructor: right\nlast destructor: right\n");
}
