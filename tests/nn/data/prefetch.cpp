// Prefetch: the order and the bits of one thread, whatever the threads; errors where they happened; an end without
// waiting for ever.
#include "heed/nn/data/prefetch.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

#include "heed/nn/data/epoch_order.h"
#include "heed/tensor/error.h"
#include "heed/tensor/io/sha256.h"
#include "support/catch.h"
#include "support/failing_allocations.h"
#include "support/refused.h"

using namespace heed;
using namespace heed::nn;

namespace {

using Ids = std::vector<std::int64_t>;

// 0, 1, … count - 1, each delayed by another, unforeseeable time.
Prefetch<std::int64_t, std::int64_t> counting(std::int64_t count, const PrefetchConfig& config,
                                              std::function<void(std::int64_t)> before = {}) {
  return {
      [at = std::int64_t{0}, count]() mutable { return at < count ? std::optional(at++) : std::nullopt; },
      [before](const std::int64_t& i) {
        std::this_thread::sleep_for(std::chrono::microseconds(philox({static_cast<std::uint32_t>(i)}, {})[0] % 300));
        if (before) before(i);
        return i;
      },
      config};
}

// What three epochs of random batches are made of, and the state that is saved behind each batch.
std::string hash_of_three_epochs(int threads) {
  struct Work {
    EpochOrder::Batch batch;
    std::int64_t position;
  };
  EpochOrder order(203, 10, Generator(6));
  Prefetch<Work, Ids> batches(
      [&]() -> std::optional<Work> {
        if (order.epoch() == 3) return std::nullopt;
        EpochOrder::Batch batch = order.next();
        return Work{std::move(batch), order.position()};
      },
      [](const Work& work) {
        Ids numbers;  // what a reader makes of a batch: draws that belong to its examples alone
        for (const std::int64_t index : work.batch) {
          Generator example = Generator(1).split(static_cast<std::uint64_t>(index));
          for (int i = 0; i < 50; ++i) numbers.push_back(example.uniform_int(1'000'000));
        }
        numbers.push_back(work.position);
        return numbers;
      },
      {.threads = threads, .ahead = 5});
  Ids all;
  while (const auto batch = batches.next()) all.insert(all.end(), batch->begin(), batch->end());
  CHECK(all.size() == 3 * (203 * 50 + 21));
  return sha256(std::as_bytes(std::span(all)));
}

}  // namespace

TEST_CASE("prefetch: threads change neither order nor bits", "[nn][data][prefetch]") {  // guarantee G12
  const std::string expected = hash_of_three_epochs(0);
  for (int threads = 1; threads <= 8; ++threads) CHECK(hash_of_three_epochs(threads) == expected);
}

TEST_CASE("prefetch: items come in order, however long each one takes", "[nn][data][prefetch]") {
  for (const int threads : {0, 1, 3, 8}) {
    auto items = counting(200, {.threads = threads, .ahead = 7});
    for (std::int64_t i = 0; i < 200; ++i) CHECK(items.next() == i);
    CHECK(items.next() == std::nullopt);
    CHECK(items.next() == std::nullopt);
  }
}

TEST_CASE("prefetch: never further ahead than told, and all threads work", "[nn][data][prefetch]") {
  std::mutex mutex;
  std::int64_t begun = 0, taken = 0, most_ahead = 0;
  std::vector<std::thread::id> seen;
  auto items = counting(300, {.threads = 4, .ahead = 6}, [&](std::int64_t) {
    const std::lock_guard lock(mutex);
    most_ahead = std::max(most_ahead, ++begun - taken);
    if (std::find(seen.begin(), seen.end(), std::this_thread::get_id()) == seen.end())
      seen.push_back(std::this_thread::get_id());
  });
  while (items.next()) {
    if (taken < 5) std::this_thread::sleep_for(std::chrono::milliseconds(20));  // in which more could be begun
    const std::lock_guard lock(mutex);
    ++taken;
  }
  CHECK(begun == 300);
  CHECK(most_ahead <= 7);  // the one that next() is giving out, and six
  CHECK(std::find(seen.begin(), seen.end(), std::this_thread::get_id()) == seen.end());
}

TEST_CASE("prefetch: an exception comes at the item it happened at", "[nn][data][prefetch]") {
  for (const int threads : {0, 1, 4}) {
    auto items = counting(20, {.threads = threads}, [](std::int64_t i) {
      if (i == 5 || i == 7) throw FormatError("item " + std::to_string(i));
    });
    for (std::int64_t i = 0; i < 20; ++i) {
      if (i == 5 || i == 7)
        CHECK(test::refused<FormatError>([&] { items.next(); }) == "item " + std::to_string(i));
      else
        CHECK(items.next() == i);
    }
    CHECK(items.next() == std::nullopt);
  }
}

TEST_CASE("prefetch: an exception of the order comes behind the items before it, and ends them",
          "[nn][data][prefetch]") {
  for (const int threads : {0, 2}) {
    Prefetch<int, int> items(
        [at = 0]() mutable -> std::optional<int> {
          if (at == 3) throw IoError("gone");
          return at++;
        },
        [](const int& i) { return i; }, {.threads = threads});
    for (int i = 0; i < 3; ++i) CHECK(items.next() == i);
    CHECK(test::refused<IoError>([&] { items.next(); }) == "gone");
    CHECK(items.next() == std::nullopt);
  }
}

#ifndef HEED_PLAIN_MALLOC
TEST_CASE("prefetch: memory that runs out loses no item", "[nn][data][prefetch]") {
  for (const int threads : {0, 2}) {
    int failures = 0;
    for (std::int64_t n = 1; n <= 60; ++n) {
      auto items = counting(6, {.threads = threads, .ahead = 3});
      Ids taken;
      for (bool first = true;; first = false) {
        try {
          std::optional<test::FailingAllocation> failing;
          if (first) failing.emplace(n, test::Shortage::once);
          const auto item = items.next();
          failing.reset();
          if (!item) break;
          taken.push_back(*item);
        } catch (const std::bad_alloc&) {
          ++failures;
        }
      }
      CHECK(taken == Ids{0, 1, 2, 3, 4, 5});
    }
    CHECK(failures > 2);
  }
}
#endif

TEST_CASE("prefetch: it may end at any moment", "[nn][data][prefetch]") {
  for (int round = 0; round < 50; ++round) {
    std::atomic<int> running = 0;
    {
      auto items = counting(1'000'000, {.threads = 1 + round % 8, .ahead = 20}, [&](std::int64_t i) {
        ++running;
        std::this_thread::sleep_for(std::chrono::microseconds(200));
        if (i % 3 == 2) {
          --running;
          throw std::runtime_error("not taken by anybody");
        }
        --running;
      });
      for (int i = 0; i < round % 2; ++i) items.next();
    }
    CHECK(running == 0);  // nothing goes on in the background
  }
  counting(5, {.threads = 8});  // nothing was asked for
}

TEST_CASE("prefetch: items that can only be moved", "[nn][data][prefetch]") {
  Prefetch<int, std::unique_ptr<int>> items([at = 0]() mutable { return at < 3 ? std::optional(at++) : std::nullopt; },
                                            [](const int& i) { return std::make_unique<int>(i); }, {.threads = 2});
  for (int i = 0; i < 3; ++i) CHECK(**items.next() == i);
}

TEST_CASE("prefetch: settings out of their range", "[nn][data][prefetch]") {
  CHECK(test::refused<Error>([] { counting(1, {.threads = -1}); }) ==
        "prefetch: -1 threads and 4 items ahead, expected [0, 64] and [1, 1000000]");
  CHECK_THROWS_AS(counting(1, {.threads = 65}), Error);
  CHECK_THROWS_AS(counting(1, {.ahead = 0}), Error);
}
