// Indexing by tensors of indices, against loops.
#include "heed/tensor/ops/index.h"

#include <limits>

#include "heed/tensor/create.h"
#include "heed/tensor/memory.h"
#include "heed/tensor/mutate.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/movement.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/refused.h"
#include "support/strided.h"
#include "support/thread_count.h"

using namespace heed;
using test::Array;
using test::Index;
using test::Numbers;
using test::refused;

namespace {

// A view of indices in [-size, size), laid out anyhow. Nothing can be indexed on an axis without elements.
Tensor random_indices(Numbers& random, Shape shape, std::int64_t size) {
  if (size == 0 && shape.numel() > 0) shape[0] = 0;
  const Tensor dense = size == 0 ? empty(shape, DType::i64) : random.index(shape, size);
  return test::laid_out(dense, test::all_layouts[to_size(static_cast<int>(random.uniform_int(4)))]);
}

Tensor any_layout(Numbers& random, const Shape& shape, DType dtype) { return test::random_view(random, shape, dtype); }

// [A.., I.., B..] split into the index of x (with `axis` to be filled in) and that of the indices.
std::pair<Index, Index> split(const Index& index, int axis, int indices_rank) {
  Index outer(index.begin(), index.begin() + axis), own(index.begin() + axis, index.begin() + axis + indices_rank);
  outer.push_back(0);
  outer.insert(outer.end(), index.begin() + axis + indices_rank, index.end());
  return {outer, own};
}

std::int64_t wrapped(double index, std::int64_t size) {
  const auto i = static_cast<std::int64_t>(index);
  return i < 0 ? i + size : i;
}

struct Case {
  Tensor x, indices;
  int axis, asked_axis;
  Shape selected;  // [A.., I.., B..]

  Case(Numbers& random, DType dtype) {
    const int rank = 1 + static_cast<int>(random.uniform_int(3));
    x = any_layout(random, test::random_shape(random, rank, 5), dtype);
    axis = static_cast<int>(random.uniform_int(rank));
    asked_axis = random.uniform_int(2) == 0 ? axis : axis - rank;
    indices = random_indices(random, test::random_shape(random, 1 + static_cast<int>(random.uniform_int(2)), 4),
                             x.shape()[axis]);
    selected = x.shape();
    selected.erase(axis);
    for (int i = 0; i < indices.rank(); ++i) selected.insert(axis + i, indices.shape()[i]);
  }
};

// x's shape with another size along `axis`.
Shape alongside(Numbers& random, const Shape& shape, int axis) {
  Shape result = shape;
  result[axis] = shape[axis] == 0 ? 0 : random.uniform_int(6);
  return result;
}

}  // namespace

TEST_CASE("index_select picks slices", "[tensor][index]") {
  Numbers random(111);
  for (int trial = 0; trial < 800; ++trial) {
    const Case c(random, test::all_dtypes[to_size(static_cast<int>(random.uniform_int(4)))]);
    const Array numbers = test::to_array(c.x), ids = test::to_array(c.indices);
    Array wanted(c.selected);
    for (const Index& index : test::indices(c.selected)) {
      auto [place, own] = split(index, c.axis, c.indices.rank());
      place[to_size(c.axis)] = wrapped(ids[own], c.x.shape()[c.axis]);
      wanted[index] = numbers[place];
    }
    INFO(trial << ": " << c.x.shape().str() << " axis " << c.axis << " by " << c.indices.shape().str());
    const Tensor y = index_select(c.x, c.asked_axis, c.indices);
    CHECK(test::difference(y, wanted, 0) == "");
    CHECK(y.dtype() == c.x.dtype());
  }
  const Tensor table = reshape(arange(6, DType::f32), {3, 2});
  CHECK(index_select(table, 0, tensor({2}, {}, DType::i64)).shape() == Shape{2});
  CHECK(index_select(table, 0, tensor({}, {0, 4}, DType::i64)).shape() == Shape{0, 4, 2});
}

TEST_CASE("index_add adds slices in the order of the indices", "[tensor][index]") {
  Numbers random(112);
  for (int trial = 0; trial < 800; ++trial) {
    const DType dtype = random.uniform_int(3) == 0 ? DType::i64 : random.uniform_int(2) == 0 ? DType::f32 : DType::f64;
    const Case c(random, dtype);
    const Tensor source = any_layout(random, c.selected, dtype);
    const Array ids = test::to_array(c.indices), added = test::to_array(source);
    Array wanted = test::to_array(c.x);
    for (const Index& index : test::indices(c.selected)) {
      auto [place, own] = split(index, c.axis, c.indices.rank());
      place[to_size(c.axis)] = wrapped(ids[own], c.x.shape()[c.axis]);
      const double total = wanted[place] + added[index];
      wanted[place] = dtype == DType::f32 ? static_cast<double>(static_cast<float>(total)) : total;
    }
    const auto before = test::fingerprint(c.x);
    INFO(trial << ": " << c.x.shape().str() << " axis " << c.axis << " by " << c.indices.shape().str());
    CHECK(test::difference(index_add(c.x, c.asked_axis, c.indices, source), wanted, 0) == "");
    CHECK(test::fingerprint(c.x) == before);
  }
}

TEST_CASE("gather and scatter_add go along an axis", "[tensor][index]") {
  Numbers random(113);
  for (int trial = 0; trial < 800; ++trial) {
    const int rank = 1 + static_cast<int>(random.uniform_int(4)), axis = static_cast<int>(random.uniform_int(rank));
    const DType dtype = random.uniform_int(3) == 0 ? DType::i64 : random.uniform_int(2) == 0 ? DType::f32 : DType::f64;
    const Tensor x = any_layout(random, test::random_shape(random, rank, 4), dtype);
    const Shape shape = alongside(random, x.shape(), axis);
    const Tensor ids = random_indices(random, shape, x.shape()[axis]), source = any_layout(random, shape, dtype);
    const Array numbers = test::to_array(x), places = test::to_array(ids), added = test::to_array(source);
    Array gathered(shape), scattered = numbers;
    for (const Index& index : test::indices(shape)) {
      Index place = index;
      place[to_size(axis)] = wrapped(places[index], x.shape()[axis]);
      gathered[index] = numbers[place];
      const double total = scattered[place] + added[index];
      scattered[place] = dtype == DType::f32 ? static_cast<double>(static_cast<float>(total)) : total;
    }
    const auto before = test::fingerprint(x);
    INFO(trial << ": " << x.shape().str() << " axis " << axis << " by " << shape.str());
    CHECK(test::difference(gather(x, axis, ids), gathered, 0) == "");
    CHECK(test::difference(scatter_add(x, axis - rank, ids, source), scattered, 0) == "");
    CHECK(test::fingerprint(x) == before);
  }
  const Tensor flags = tensor({0, 1}, {2}, DType::boolean);
  CHECK(test::to_array(gather(flags, 0, tensor({1, 0, -1}, {3}, DType::i64))).numbers == std::vector<double>{1, 0, 1});
}

TEST_CASE("adding at indices has the same bits for any number of threads", "[tensor][index]") {
  Numbers random(114);
  const Tensor table = to(random.uniform({50, 300}), DType::f32), ids = random.index({400}, 50),
               source = to(random.uniform({400, 300}), DType::f32), wide = random.index({400, 300}, 50);
  std::vector<Tensor> first;
  for (int count : {1, 2, 3, 8}) {
    const test::ThreadCount threads(count);
    const std::vector<Tensor> results = {index_select(table, 0, ids), index_add(table, 0, ids, source),
                                         index_add(mT(table), 1, ids, mT(source)), gather(table, 0, wide),
                                         scatter_add(table, 0, wide, source)};
    if (first.empty()) first = results;
    for (std::size_t i = 0; i < first.size(); ++i) CHECK(test::same_bits(first[i], results[i]));
  }
  CHECK(test::same_bits(first[1], mT(first[2])));
}

TEST_CASE("integers added at indices wrap around", "[tensor][index]") {
  const std::int64_t largest = std::numeric_limits<std::int64_t>::max();
  const std::vector<std::int64_t> top = {largest}, two = {1, 1};
  const Tensor x = tensor(std::span<const std::int64_t>(top), {1}),
               more = tensor(std::span<const std::int64_t>(two), {2});
  const Tensor ids = zeros({2}, DType::i64);
  CHECK(index_add(x, 0, ids, more).data<std::int64_t>()[0] == std::numeric_limits<std::int64_t>::min() + 1);
  CHECK(scatter_add(x, 0, ids, more).data<std::int64_t>()[0] == std::numeric_limits<std::int64_t>::min() + 1);
}

TEST_CASE("indexing refuses what it does not take and changes nothing", "[tensor][index]") {
  const Tensor x = ones({3, 2}), good = tensor({0, -3}, {2}, DType::i64), source = ones({2, 2}),
               flags = ones({3, 2}, DType::boolean);
  const auto before = test::fingerprint(x), source_before = test::fingerprint(source);
  for (std::int64_t wrong : {std::int64_t{3}, std::int64_t{-4}, std::numeric_limits<std::int64_t>::min(),
                             std::numeric_limits<std::int64_t>::max()}) {
    const std::vector<std::int64_t> values = {0, wrong};
    const Tensor bad = tensor(std::span<const std::int64_t>(values), {2}),
                 bad_column = expand(unsqueeze(bad, 1), {2, 2});
    const std::string rest = ": index " + std::to_string(wrong) + " is outside an axis of size 3";
    CHECK(refused<IndexError>([&] { index_select(x, 0, bad); }) == "index_select" + rest);
    CHECK(refused<IndexError>([&] { index_add(x, 0, bad, source); }) == "index_add" + rest);
    CHECK(refused<IndexError>([&] { gather(x, 0, bad_column); }) == "gather" + rest);
    CHECK(refused<IndexError>([&] { scatter_add(x, 0, bad_column, source); }) == "scatter_add" + rest);
  }
  CHECK(refused<IndexError>([&] { index_select(x, 2, good); }) == "index_select: axis 2 is outside rank 2");
  CHECK(refused<IndexError>([&] { index_add(x, -3, good, source); }) == "index_add: axis -3 is outside rank 2");
  CHECK_THROWS_AS(gather(ones({}), 0, zeros({}, DType::i64)), IndexError);
  CHECK_THROWS_AS(index_select(empty({0, 2}), 0, good), IndexError);
  CHECK(refused<DTypeError>([&] { index_select(x, 0, ones({2})); }) ==
        "index_select: indices: dtype is f32, expected i64");
  CHECK(refused<DTypeError>([&] { gather(x, 0, x); }) == "gather: indices: dtype is f32, expected i64");
  CHECK(refused<ShapeError>([&] { index_add(x, 0, good, ones({3, 2})); }) ==
        "index_add: source has shape [3, 2], expected [2, 2]");
  CHECK(refused<ShapeError>([&] { gather(x, 0, good); }) == "gather: indices has shape [2], expected [3, 2]");
  CHECK(refused<ShapeError>([&] { gather(x, 0, zeros({2, 3}, DType::i64)); }) ==
        "gather: indices has shape [2, 3], expected [2, 2]");
  CHECK(refused<ShapeError>([&] { scatter_add(x, 0, zeros({2, 2}, DType::i64), x); }) ==
        "scatter_add: source has shape [3, 2], expected [2, 2]");
  CHECK(refused<DTypeError>([&] { index_add(x, 0, good, ones({2, 2}, DType::f64)); }) ==
        "index_add: dtypes differ: lhs f32, rhs f64");
  CHECK(refused<DTypeError>([&] { index_add(flags, 0, good, ones({2, 2}, DType::boolean)); }) ==
        "index_add: dtype is bool, expected f32, f64 or i64");
  CHECK_THROWS_AS(scatter_add(flags, 0, zeros({2, 2}, DType::i64), ones({2, 2}, DType::boolean)), DTypeError);
  CHECK_THROWS_AS(index_select(ones({1, 1, 1, 1, 1, 1, 1, 1}), 0, zeros({1, 1}, DType::i64)), ShapeError);  // rank 9
  CHECK(test::fingerprint(x) == before);
  CHECK(test::fingerprint(source) == source_before);
}

TEST_CASE("few additions to a large tensor need no second large one", "[tensor][index]") {
  const std::int64_t places = 3'000'000;
  for (std::int64_t count : {63, 64, 200}) {
    const Tensor x = zeros({places, 1}), indices = full({count}, places - 1, DType::i64);
    const auto peak = [&](auto&& call) {
      reset_peak_memory();
      const std::size_t before = memory_stats().live_bytes;
      const Tensor y = call();
      CHECK(y.size(0) == places);
      CHECK(slice(y, 0, -1, to_end).item() == static_cast<double>(count));
      return memory_stats().peak_bytes - before;
    };
    CHECK(peak([&] { return index_add(x, 0, indices, ones({count, 1})); }) < 16'000'000);
    CHECK(peak([&] { return scatter_add(x, 0, unsqueeze(indices, 1), ones({count, 1})); }) < 16'000'000);
  }
}

TEST_CASE("add_indexed and add_scattered are index_add and scatter_add in place", "[tensor][index]") {
  Numbers random(61);
  for (const DType dtype : {DType::f32, DType::f64, DType::i64})
    for (const std::int64_t count : {0, 3, 70}) {
      CAPTURE(name(dtype), count);
      const Tensor rows = random_indices(random, {count}, 5), places = random_indices(random, {2, count, 3}, 5);
      const Tensor x = to(random.uniform({2, 5, 3}), dtype), added = to(random.uniform({2, count, 3}), dtype);
      Tensor whole = concat({x, x}, 0), beside = slice(whole, 0, 2, 4).clone(), y = slice(whole, 0, 0, 2);
      add_indexed(y, 1, rows, added);
      CHECK(test::same_bits(y, index_add(x, 1, rows, added)));
      copy_from(y, x);
      add_scattered(y, -2, places, added);
      CHECK(test::same_bits(y, scatter_add(x, 1, places, added)));
      CHECK(test::same_bits(slice(whole, 0, 2, 4), beside));
    }
  const Tensor start = tensor({1, 2, 3, 4}, {2, 2}), swapped = tensor({1, 0}, {2}, DType::i64);
  Tensor y = start.clone();
  add_indexed(y, 0, swapped, y);
  CHECK(test::same_bits(y, tensor({4, 6, 4, 6}, {2, 2})));
  y = start.clone();
  add_scattered(y, 0, expand(unsqueeze(swapped, 1), {2, 2}), y);
  CHECK(test::same_bits(y, tensor({4, 6, 4, 6}, {2, 2})));
  Tensor transposed = mT(start.clone());
  const std::size_t before = test::fingerprint(transposed);
  CHECK(refused<ShapeError>([&] { add_indexed(transposed, 0, swapped, start); }) ==
        "add_indexed: the target [2, 2] is not contiguous");
  CHECK(refused<ShapeError>([&] { add_scattered(transposed, 0, zeros({2, 2}, DType::i64), start); }) ==
        "add_scattered: the target [2, 2] is not contiguous");
  CHECK(refused<IndexError>([&] { add_indexed(transposed, 0, tensor({0, 2}, {2}, DType::i64), start); }) ==
        "add_indexed: index 2 is outside an axis of size 2");
  CHECK(test::fingerprint(transposed) == before);
}
