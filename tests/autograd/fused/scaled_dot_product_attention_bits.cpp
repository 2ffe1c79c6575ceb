// Scaled dot-product attention: bits that do not depend on what is not seen, on threads or on strides; memory that
// grows with the length; dropout drawn as nn::dropout draws it; layouts of results.
#include "heed/autograd/backward.h"
#include "heed/autograd/fused/scaled_dot_product_attention.h"
#include "heed/autograd/fused/softmax.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/matmul.h"
#include "heed/autograd/ops/movement.h"
#include "heed/nn/dropout.h"
#include "heed/tensor/create.h"
#include "heed/tensor/memory.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/movement.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/every_target.h"
#include "support/layouts.h"
#include "support/thread_count.h"

using namespace heed;
using test::Numbers, test::same_bits;

namespace {

// y, then the gradients of query, key and value.
std::vector<Tensor> run(const std::vector<Tensor>& in, const AttentionOptions& options, const Tensor& dy) {
  const std::vector<Variable> x{Variable(in[0], true), Variable(in[1], true), Variable(in[2], true)};
  const Variable y = scaled_dot_product_attention(x[0], x[1], x[2], options);
  std::vector<Tensor> results{y.value()};
  for (const Tensor& gradient : gradients(y, x, dy)) results.push_back(gradient);
  return results;
}

std::vector<Tensor> random_inputs(std::int64_t batch, std::int64_t heads, std::int64_t queries, std::int64_t keys) {
  Numbers numbers(1);
  std::vector<Tensor> in{to(numbers.uniform({batch, heads, queries, 16}), DType::f32)};
  for (int i = 0; i < 2; ++i) in.push_back(to(numbers.uniform({batch, heads, keys, 16}), DType::f32));
  return in;
}

bool all_same(const std::vector<Tensor>& a, const std::vector<Tensor>& b) {
  bool same = a.size() == b.size();
  for (std::size_t i = 0; same && i < a.size(); ++i) same = same_bits(a[i], b[i]);
  return same;
}

}  // namespace

TEST_CASE("causal attention does not know the future, bit for bit", "[autograd][attention]") {
  const std::int64_t size = 600;
  const std::vector<Tensor> in = random_inputs(1, 2, size, size);
  const Tensor dy = to(Numbers(2).uniform({1, 2, size, 16}), DType::f32);
  for (const std::int64_t now : {1, 47, 48, 255, 256, 257, 599}) {
    CAPTURE(now);
    const auto past = [&](const Tensor& x) { return slice(x, 2, 0, now); };
    const std::vector<Tensor> whole = run(in, {.causal = true}, dy);
    const std::vector<Tensor> alone = run({past(in[0]), past(in[1]), past(in[2])}, {.causal = true}, past(dy));
    CHECK(same_bits(past(whole[0]), alone[0]));
    CHECK(same_bits(past(whole[1]), alone[1]));
    // One query at a time, as in decoding.
    const Tensor last = slice(in[0], 2, now - 1, now);
    const Variable step = scaled_dot_product_attention(Variable(last), Variable(past(in[1])), Variable(past(in[2])));
    CHECK(same_bits(step.value(), slice(whole[0], 2, now - 1, now)));
  }
}

TEST_CASE("a padded batch has the bits of its examples alone", "[autograd][attention]") {
  const std::int64_t lengths[] = {300, 1, 256, 37};
  const std::vector<Tensor> in = random_inputs(4, 2, 50, 300);
  const Tensor dy = to(Numbers(2).uniform({4, 2, 50, 16}), DType::f32);
  const Tensor ends = reshape(tensor(std::vector<std::int64_t>(lengths, lengths + 4), {4}), {4, 1, 1, 1});
  const std::vector<Tensor> batch = run(in, {.mask = less(arange(300), ends)}, dy);
  for (std::int64_t b = 0; b < 4; ++b) {
    const auto example = [&](const Tensor& x) { return slice(x, 0, b, b + 1); };
    const auto keys = [&](const Tensor& x) { return slice(example(x), 2, 0, lengths[b]); };
    const std::vector<Tensor> alone = run({example(in[0]), keys(in[1]), keys(in[2])}, {}, example(dy));
    CHECK(same_bits(example(batch[0]), alone[0]));
    CHECK(same_bits(example(batch[1]), alone[1]));
    CHECK(same_bits(keys(batch[2]), alone[2]));
    CHECK(same_bits(keys(batch[3]), alone[3]));
  }
}

TEST_CASE("attention has the same bits on any number of threads and any instruction set", "[autograd][attention]") {
  const std::vector<Tensor> in = random_inputs(1, 1, 500, 1100);
  const Tensor dy = to(Numbers(2).uniform({1, 1, 500, 16}), DType::f32);
  const auto here = [&] {
    Generator generator(4);
    return run(in, {.causal = true, .dropout = 0.1, .generator = &generator}, dy);
  };
  const std::vector<Tensor> wanted = here();
  const bool fused = test::fuses();
  for (const int threads : {1, 2, 3, 8}) {
    const test::ThreadCount count(threads);
    CHECK(all_same(here(), wanted));
  }
  test::for_every_target([&](const std::string& target) {
    CAPTURE(target);
    if (test::fuses() == fused) CHECK(all_same(here(), wanted));
  });
}

TEST_CASE("heads are read in place", "[autograd][attention]") {
  const std::int64_t batch = 2, size = 70, heads = 3, width = 16;
  const Tensor packed = to(Numbers(3).uniform({batch, size, 3, heads, width}), DType::f32);
  std::vector<Tensor> views, copies;
  for (const std::int64_t part : {0, 1, 2}) views.push_back(permute(select(packed, 2, part), {0, 2, 1, 3}));
  for (const Tensor& view : views) copies.push_back(view.clone());
  const Tensor dy = to(Numbers(2).uniform({batch, heads, size, width}), DType::f32);
  const std::vector<Tensor> results = run(views, {}, dy);
  CHECK(all_same(results, run(copies, {}, dy)));
  for (const Tensor& result : results) {  // [B, T, H·D] is a view of each
    const Tensor joined = reshape(transpose(result, 1, 2), {batch, size, heads * width});
    CHECK(joined.storage()->data() == result.storage()->data());
    CHECK(joined.is_contiguous());
  }
}

TEST_CASE("attention drops what nn::dropout drops", "[autograd][attention]") {
  const std::vector<Tensor> in = random_inputs(2, 3, 20, 300);
  const Tensor dy = to(Numbers(2).uniform({2, 3, 20, 16}), DType::f32);
  for (const double p : {0.1, 0.5, 1.0}) {
    CAPTURE(p);
    Generator ours(6), theirs(6);
    ours.set_counter(11), theirs.set_counter(11);
    const std::vector<Tensor> got = run(in, {.dropout = p, .generator = &ours}, dy);
    const std::vector<Variable> x{Variable(in[0], true), Variable(in[1], true), Variable(in[2], true)};
    const Variable y = matmul(nn::dropout(attention_weights(x[0], x[1]), p, theirs), x[2]);
    CHECK(ours.counter() == theirs.counter());
    CHECK(test::difference(got[0], test::to_array(y.value()), 64, 1) == "");
    const std::vector<Tensor> wanted = gradients(y, x, dy);
    for (std::size_t i = 0; i < 3; ++i) CHECK(test::difference(got[i + 1], test::to_array(wanted[i]), 64, 2) == "");
  }
}

namespace {

std::size_t peak_of(std::int64_t size, bool fused) {
  Generator generator(1);
  std::vector<Variable> x;
  for (int i = 0; i < 3; ++i) x.emplace_back(uniform(generator, {1, 8, size, 32}), true);
  const Tensor dy = uniform(generator, {1, 8, size, 32});
  const test::ThreadCount two(2);
  const std::size_t before = memory_stats().live_bytes;
  reset_peak_memory();
  const Variable y = fused ? scaled_dot_product_attention(x[0], x[1], x[2])
                           : matmul(softmax(matmul(x[0] * 0.1767766952966369, mT(x[1]))), x[2]);
  gradients(y, x, dy);
  return memory_stats().peak_bytes - before;
}

}  // namespace

TEST_CASE("memory of attention grows with the length, not with its square", "[autograd][attention]") {
  const std::size_t at_512 = peak_of(512, true), at_1024 = peak_of(1024, true), at_2048 = peak_of(2048, true);
  CAPTURE(at_512, at_1024, at_2048);
  CHECK(10 * at_2048 < 22 * at_1024);  // about twice
  CHECK(10 * at_1024 < 22 * at_512);
  const std::size_t unfused = peak_of(1024, false);
  CAPTURE(unfused);
  CHECK(8 * at_1024 < unfused);
}
