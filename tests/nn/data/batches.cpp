#include "heed/nn/data/batches.h"

#include <algorithm>

#include <cmath>

#include "heed/autograd/fused/cross_entropy.h"
#include "heed/nn/mask.h"
#include "heed/nn/rnn/gru.h"
#include "heed/tensor/create.h"
#include "heed/tensor/error.h"
#include "heed/tensor/mutate.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/ops/reduce.h"
#include "support/array.h"
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

namespace {
Ids ids_of(const Tensor& x) {
  const Tensor row_major = x.contiguous();
  return {row_major.data<std::int64_t>(), row_major.data<std::int64_t>() + x.numel()};
}
std::vector<double> flags(const Tensor& x) { return test::to_array(x).numbers; }

// Of uniform logits over V classes, a sum over the masked targets.
double uniform_loss(const NextTokenBatch& batch, std::int64_t classes) {
  const Shape& shape = batch.targets.shape();
  Tensor weights = empty(shape, DType::f64);
  copy_from(weights, batch.mask);
  const Variable logits(zeros({shape[0], shape[1], classes}, DType::f64));
  return cross_entropy(logits, batch.targets, weights).value().item() * sum(weights).item();
}
}  // namespace

TEST_CASE("masks come from lengths: the id of padding may be a word", "[data]") {  // trap D1
  const std::vector<Ids> sequences{{5, 0, 5, 0}, {0}};
  const PaddedBatch padded = pad_batch(std::vector<Ids>{{0, 5, 0}, {5}});
  CHECK(padded.lengths == Ids{3, 1});
  CHECK(flags(length_mask(padded.lengths, 3)) == std::vector<double>{1, 1, 1, 1, 0, 0});  // three allowed keys
  const NextTokenBatch batch = next_token_batch(sequences);
  CHECK(ids_of(batch.targets) == Ids{0, 5, 0, 0, 0, 0});
  CHECK(flags(batch.mask) == std::vector<double>{1, 1, 1, 0, 0, 0});  // three terms of the loss
  CHECK(uniform_loss(batch, 6) == Approx(3 * std::log(6.0)));
}

TEST_CASE("a limit that cuts nothing changes nothing; what is cut is counted and teaches no stop",
          "[data]") {  // trap D5
  constexpr std::int64_t n = 5;
  const std::vector<Ids> whole{{1, 7, 8, 9, 2}, {1, 7, 2}};
  const NextTokenBatch unlimited = next_token_batch(whole);
  std::vector<Ids> sequences = whole;
  CHECK(cut_sequences(sequences, n) == 0);
  CHECK(sequences == whole);
  const NextTokenBatch limited = next_token_batch(sequences);
  CHECK(ids_of(limited.targets) == ids_of(unlimited.targets));
  CHECK(flags(limited.mask) == flags(unlimited.mask));
  CHECK(cut_sequences(sequences, n - 1) == 1);
  CHECK(sequences == std::vector<Ids>{{1, 7, 8, 9}, {1, 7, 2}});
  CHECK(ids_of(next_token_batch(sequences).targets) == Ids{7, 8, 9, 7, 2, 0});  // row 0 has no end symbol
  CHECK_THROWS_AS(cut_sequences(sequences, 0), IndexError);
}

TEST_CASE("the last id goes, not the last column", "[data]") {  // trap D6
  constexpr std::int64_t s = 1, e = 2, a = 5, b = 6, p = 0;
  const NextTokenBatch batch = next_token_batch(std::vector<Ids>{{s, a, b, e}, {s, a, e}});
  CHECK(ids_of(batch.inputs) == Ids{s, a, b, s, a, p});
  CHECK(ids_of(batch.targets) == Ids{a, b, e, a, e, p});
  CHECK(batch.lengths == Ids{3, 2});
  CHECK(uniform_loss(batch, 7) == Approx(9.729551).epsilon(1e-6));
  CHECK_THROWS_AS(next_token_batch(std::vector<Ids>{{s, e}, {}}), ShapeError);
  CHECK(next_token_batch(std::vector<Ids>{{s}}).targets.shape() == Shape{1, 0});
}

TEST_CASE("outputs come in the order of the inputs, whatever the lengths", "[data]") {  // trap D7
  Generator generator(8);
  const Gru gru({.cell = {.input = 3, .hidden = 4, .dtype = DType::f64}}, generator);
  const Tensor x = normal(generator, {3, 3, 3}, 0, 1, DType::f64);
  const Ids lengths{1, 3, 2};  // a cycle of three: sorted and put back by the sorting itself, rows would change places
  const Gru::Output read = gru.forward({.x = Variable(x), .lengths = lengths});
  for (std::int64_t row = 0; row < 3; ++row) {
    const std::int64_t length = lengths[to_size(row)];
    const Tensor alone = slice(slice(x, 0, row, row + 1), 1, 0, length);
    const Tensor output = gru.forward({.x = Variable(alone)}).output.value();
    const Tensor in_batch = slice(slice(read.output.value(), 0, row, row + 1), 1, 0, length);
    CHECK(test::difference(in_batch, test::to_array(output), 16, 1) == "");
  }
}
