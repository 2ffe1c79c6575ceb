#include "heed/nn/data/batches.h"

#include <algorithm>

#include "heed/tensor/error.h"
#include "support/catch.h"

using namespace heed;
using namespace heed::nn;
using Ids = std::vector<std::int64_t>;

TEST_CASE("pad_batch: rows of one length", "[data]") {
  const std::vector<Ids> sequences{{5, 6, 7}, {}, {8}};
  const PaddedBatch batch = pad_batch(sequences);
  CHECK(batch.ids.shape() == Shape{3, 3});
  CHECK(batch.ids.dtype() == DType::i64);
  CHECK(batch.lengths == Ids{3, 0, 1});
  const std::int64_t* ids = batch.ids.data<std::int64_t>();
  CHECK(Ids(ids, ids + 9) == Ids{5, 6, 7, 0, 0, 0, 8, 0, 0});
  CHECK(pad_batch(sequences, -1).ids.data<std::int64_t>()[8] == -1);
  CHECK(pad_batch({}).ids.shape() == Shape{0, 0});
  CHECK(pad_batch(std::vector<Ids>{{}, {}}).ids.shape() == Shape{2, 0});
}

namespace {
std::vector<PairLength> random_lengths(std::int64_t n) {
  Generator generator(5);
  std::vector<PairLength> lengths(static_cast<std::size_t>(n));
  for (PairLength& length : lengths) length = {1 + generator.uniform_int(20), 1 + generator.uniform_int(20)};
  return lengths;
}
}  // namespace

TEST_CASE("bucket_batches: every example once, all batches but one full", "[data]") {
  const std::int64_t n = GENERATE(0, 1, 7, 8, 1000, 2501), batch_size = GENERATE(1, 8, 5000);
  CAPTURE(n, batch_size);
  const std::vector<PairLength> lengths = random_lengths(n);
  Generator generator(1);
  Ids all, sizes;
  for (const Ids& batch : bucket_batches(lengths, batch_size, generator)) {
    all.insert(all.end(), batch.begin(), batch.end());
    sizes.push_back(static_cast<std::int64_t>(batch.size()));
  }
  std::sort(all.begin(), all.end());
  Ids expected(static_cast<std::size_t>(n));
  for (std::size_t i = 0; i < expected.size(); ++i) expected[i] = static_cast<std::int64_t>(i);
  CHECK(all == expected);
  CHECK(static_cast<std::int64_t>(sizes.size()) == (n + batch_size - 1) / batch_size);
  CHECK(std::count(sizes.begin(), sizes.end(), batch_size) == n / batch_size);
}

TEST_CASE("bucket_batches: little padding, other neighbours each time, random order", "[data]") {
  const std::vector<PairLength> lengths = random_lengths(4096);
  Generator generator(1);
  const auto epoch = bucket_batches(lengths, 16, generator), next = bucket_batches(lengths, 16, generator);

  std::int64_t shortest_sum = 0, longest_sum = 0, falls = 0;
  std::int64_t before = 0;
  for (const Ids& batch : epoch) {
    const auto source = [&](std::int64_t i) { return lengths[static_cast<std::size_t>(i)].source; };
    const auto [shortest, longest] = std::minmax_element(
        batch.begin(), batch.end(), [&](std::int64_t a, std::int64_t b) { return source(a) < source(b); });
    shortest_sum += source(*shortest);
    longest_sum += source(*longest);
    falls += source(*longest) < before;
    before = source(*longest);
  }
  CHECK(static_cast<double>(longest_sum) < 1.1 * static_cast<double>(shortest_sum));
  CHECK(falls > 64);  // of 256 batches: their order is not that of the lengths

  CHECK(epoch != next);
  const auto holds = [](const Ids& batch, std::int64_t i) {
    return std::find(batch.begin(), batch.end(), i) != batch.end();
  };
  const auto batch_of = [&](const auto& batches, std::int64_t i) {
    return *std::find_if(batches.begin(), batches.end(), [&](const Ids& batch) { return holds(batch, i); });
  };
  Ids first = batch_of(epoch, 0), second = batch_of(next, 0);
  std::sort(first.begin(), first.end());
  std::sort(second.begin(), second.end());
  CHECK(first != second);
}

TEST_CASE("bucket_batches: the generator's state decides alone", "[data]") {
  const std::vector<PairLength> lengths = random_lengths(500);
  Generator a(9), b(9), c(10);
  CHECK(bucket_batches(lengths, 32, a) == bucket_batches(lengths, 32, b));
  CHECK(bucket_batches(lengths, 32, a) != bucket_batches(lengths, 32, c));
  CHECK_THROWS_AS(bucket_batches(lengths, 0, a), IndexError);
  CHECK_THROWS_AS(bucket_batches(lengths, -1, a), IndexError);
}
