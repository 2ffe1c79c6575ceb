// Multi-head attention: grouped heads, masks, NaN under a mask, causal order, dropout, gradients, refusals. Its numbers
// beside PyTorch's: tests/parity/multi_head.cpp.
#include "heed/nn/attention/multi_head.h"

#include <cmath>
#include <limits>

#include "heed/autograd/backward.h"
#include "heed/autograd/fused/softmax.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/movement.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/nn/training.h"
#include "heed/tensor/create.h"
#include "heed/tensor/mutate.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/layouts.h"
#include "support/module_gradcheck.h"
#include "support/refused.h"

using namespace heed;
using nn::MultiHeadAttention;

namespace {

constexpr std::int64_t B = 2, T = 4, E = 8, H = 4;

MultiHeadAttention make(std::int64_t kv_heads, double dropout = 0) {
  Generator generator(3);
  return {{.embed = E, .heads = H, .kv_heads = kv_heads, .dropout = dropout, .dtype = DType::f64}, generator};
}

// Rows begin.. of K = 2 for head h of `from`.
Tensor head_rows(const Tensor& from, std::int64_t begin, std::int64_t h) {
  return slice(from, 0, begin + 2 * h, begin + 2 * h + 2);
}

}  // namespace

TEST_CASE("grouped heads are heads with repeated key and value rows", "[nn][multi_head]") {
  test::Numbers numbers(4);
  const Tensor x = numbers.uniform({B, T, E});
  for (const std::int64_t groups : {1, 2}) {
    const MultiHeadAttention grouped = make(groups);
    MultiHeadAttention full = make(H);
    const Tensor w = grouped.in_proj_weight.value();
    std::vector<Tensor> rows{slice(w, 0, 0, E)};
    for (const std::int64_t begin : {E, E + 2 * groups})
      for (std::int64_t h = 0; h < H; ++h) rows.push_back(head_rows(w, begin, h / (H / groups)));
    full.in_proj_weight = nn::Parameter(concat(rows, 0));
    full.out_proj = grouped.out_proj;
    const auto got = grouped.forward({.query = x, .causal = true, .need_weights = true}),
               wanted = full.forward({.query = x, .causal = true, .need_weights = true});
    CHECK(test::difference(got.y.value(), test::to_array(wanted.y.value()), 64, 1) == "");
    CHECK(test::difference(got.weights.value(), test::to_array(wanted.weights.value()), 64, 1) == "");
    CHECK(got.weights.shape() == Shape{B, H, T, T});
  }
}

TEST_CASE("fewer key heads are the means of those that there were", "[nn][multi_head]") {
  test::Numbers numbers(4);
  const MultiHeadAttention full = make(H);
  const Tensor x = numbers.uniform({B, T, E});
  CHECK(test::same_bits(nn::with_kv_heads(full, H).forward({.query = x}).y.value(),
                        full.forward({.query = x}).y.value()));
  const MultiHeadAttention one = nn::with_kv_heads(full, 1);
  const Tensor keys = slice(full.in_proj_weight.value(), 0, E, 2 * E),
               got = slice(one.in_proj_weight.value(), 0, E, E + 2);
  CHECK(test::difference(got, test::to_array(mean(reshape(keys, {H, 2, E}), {0})), 4, 1) == "");
  // Heads that are equal already lose nothing.
  MultiHeadAttention tied = make(2);
  const MultiHeadAttention from = make(1);
  const auto twice = [](const Tensor& all, std::int64_t e) {
    const Tensor key = slice(all, 0, e, e + 2), value = slice(all, 0, e + 2, e + 4);
    return nn::Parameter(concat({slice(all, 0, 0, e), key, key, value, value}, 0));
  };
  tied.in_proj_weight = twice(from.in_proj_weight.value(), E);
  tied.in_proj_bias = twice(from.in_proj_bias.value(), E);
  tied.out_proj = from.out_proj;
  const Tensor wanted = from.forward({.query = x}).y.value();
  CHECK(test::difference(nn::with_kv_heads(tied, 1).forward({.query = x}).y.value(), test::to_array(wanted), 16, 1) ==
        "");
  CHECK_THROWS_AS(nn::with_kv_heads(tied, 4), ShapeError);
  CHECK_THROWS_AS(nn::with_kv_heads(tied, 0), ShapeError);
}

TEST_CASE("the gradient of a shared key head is the sum of those of its copies", "[nn][multi_head]") {
  test::Numbers numbers(4);
  const MultiHeadAttention one = make(1);
  MultiHeadAttention full = make(H);
  const Tensor x = numbers.uniform({B, T, E}), w = one.in_proj_weight.value();
  std::vector<Tensor> rows{slice(w, 0, 0, E)};
  for (const std::int64_t begin : {E, E + 2})
    for (std::int64_t h = 0; h < H; ++h) rows.push_back(slice(w, 0, begin, begin + 2));
  full.in_proj_weight = nn::Parameter(concat(rows, 0));
  full.out_proj = one.out_proj;
  for (const MultiHeadAttention* attention : {&one, static_cast<const MultiHeadAttention*>(&full)}) {
    const Variable y = attention->forward({.query = x, .causal = true}).y;
    backward(sum(y * y));
  }
  const Tensor copies = slice(full.in_proj_weight.grad(), 0, E, 2 * E);
  const Tensor wanted = sum(reshape(copies, {H, 2, E}), {0});
  CHECK(max(abs(wanted)).item() > 1e-3);
  CHECK(test::difference(slice(one.in_proj_weight.grad(), 0, E, E + 2), test::to_array(wanted), 64, 1) == "");
}

TEST_CASE("a later token changes no earlier output of causal attention, bit for bit", "[nn][multi_head]") {
  test::Numbers numbers(5);
  const MultiHeadAttention attention = make(2);
  const Tensor x = numbers.uniform({B, T, E});
  const Tensor other = concat({slice(x, 1, 0, 2), numbers.uniform({B, T - 2, E})}, 1);
  const Tensor a = attention.forward({.query = x, .causal = true}).y.value();
  const Tensor b = attention.forward({.query = other, .causal = true}).y.value();
  CHECK(test::same_bits(slice(a, 1, 0, 2), slice(b, 1, 0, 2)));
  CHECK_FALSE(test::same_bits(slice(a, 1, 2, T), slice(b, 1, 2, T)));
}

TEST_CASE("causal attention of fewer queries than keys sees all keys from the last query", "[nn][multi_head]") {
  test::Numbers numbers(5);
  const MultiHeadAttention attention = make(H);
  const Tensor w = attention
                       .forward({.query = numbers.uniform({1, 2, E}),
                                 .key = numbers.uniform({1, 5, E}),
                                 .causal = true,
                                 .need_weights = true})
                       .weights.value();
  const test::Array got = test::to_array(w);
  for (const test::Index& at : test::indices(got.shape)) CHECK((got[at] > 0) == (at[3] <= at[2] + 3));
}

TEST_CASE("NaN in padding reaches no output and no gradient", "[nn][multi_head]") {
  test::Numbers numbers(6);
  const MultiHeadAttention attention = make(2);
  const Tensor real = numbers.uniform({1, 3, E}), asked = numbers.uniform({1, 2, E});
  const Tensor x = concat({real, full({1, 2, E}, std::numeric_limits<double>::quiet_NaN(), DType::f64)}, 1);
  const std::vector<std::int64_t> lengths{3};
  const Tensor mask = nn::length_mask(lengths, 5);
  const Variable padded(x, true), alone(real, true);
  const Variable y = attention.forward({.query = asked, .key = padded, .mask = mask}).y;
  const Variable wanted = attention.forward({.query = asked, .key = alone}).y;
  CHECK(test::difference(y.value(), test::to_array(wanted.value()), 64, 1) == "");
  backward(sum(y * y));
  for (const Variable& parameter : nn::parameters(attention))
    for (const double number : test::to_array(parameter.grad()).numbers) CHECK(std::isfinite(number));
  backward(sum(wanted * wanted));
  CHECK(test::difference(slice(padded.grad(), 1, 0, 3), test::to_array(alone.grad()), 256, 1) == "");
  CHECK(test::same_bits(slice(padded.grad(), 1, 3, 5), zeros({1, 2, E}, DType::f64)));

  const Variable self(x, true);
  const MultiHeadAttention other = attention;  // without gradients
  const Variable read = slice(other.forward({.query = self, .mask = mask}).y, 1, 0, 3);
  CHECK(test::difference(read.value(), test::to_array(attention.forward({.query = real}).y.value()), 64, 1) == "");
  backward(sum(read * read));
  for (const Variable& parameter : nn::parameters(other))
    for (const double number : test::to_array(parameter.grad()).numbers) CHECK(std::isfinite(number));
  CHECK(test::same_bits(slice(self.grad(), 1, 3, 5), zeros({1, 2, E}, DType::f64)));
}

TEST_CASE("NaN behind a mask whose sizes are 1 reaches no gradient", "[nn][multi_head]") {
  test::Numbers numbers(6);
  const MultiHeadAttention attention = make(2);
  const Tensor nothing = full({1, 3, E}, std::numeric_limits<double>::quiet_NaN(), DType::f64);
  const auto found = attention.forward(
      {.query = numbers.uniform({1, 2, E}), .key = nothing, .mask = zeros({1, 1, 1}, DType::boolean)});
  backward(sum(found.y));
  for (const Variable& parameter : nn::parameters(attention)) CHECK(all_finite(parameter.grad()));
}

TEST_CASE("NaN that one query may not see and another may reaches only that one", "[nn][multi_head]") {
  test::Numbers numbers(6);
  const MultiHeadAttention attention = make(2);
  const Tensor asked = numbers.uniform({1, 2, E}), keys = numbers.uniform({1, 3, E});
  Tensor poisoned = keys.clone(), last = slice(poisoned, 1, 2, 3);
  fill(last, std::numeric_limits<double>::quiet_NaN());
  const Tensor mask = tensor({1, 1, 0, 1, 1, 1}, {2, 3}) > 0;
  const Tensor y = attention.forward({.query = asked, .key = poisoned, .mask = mask}).y.value();
  const Tensor wanted = attention.forward({.query = asked, .key = keys, .mask = mask}).y.value();
  CHECK(test::same_bits(slice(y, 1, 0, 1), slice(wanted, 1, 0, 1)));
  CHECK(std::isnan(sum(slice(y, 1, 1, 2)).item()));
}

TEST_CASE("asking for the weights does not change a bit of the output", "[nn][multi_head]") {
  test::Numbers numbers(6);
  Generator first(1), second(1);
  const MultiHeadAttention attention = make(2, 0.5);
  const Tensor x = numbers.uniform({B, T, E});
  const auto plain = attention.forward({.query = x, .causal = true, .generator = &first});
  const auto both = attention.forward({.query = x, .causal = true, .generator = &second, .need_weights = true});
  CHECK_FALSE(plain.weights.defined());
  CHECK(test::same_bits(plain.y.value(), both.y.value()));
  CHECK(max(abs(sum(both.weights.value(), {3}) - 1.0)).item() < 1e-14);
}

TEST_CASE("a bias is added to the scores, and learns", "[nn][multi_head]") {
  test::Numbers numbers(6);
  const MultiHeadAttention attention = make(2);
  const Tensor x = numbers.uniform({B, T, E}), mask = nn::causal_mask(T, T);
  const Tensor hidden = where(mask, 0.0, full({1, T, T}, -std::numeric_limits<double>::infinity(), DType::f64));
  const Tensor y = attention.forward({.query = x, .bias = hidden}).y.value();
  CHECK(test::difference(y, test::to_array(attention.forward({.query = x, .mask = mask}).y.value()), 4, 1) == "");
  const Variable bias(numbers.uniform({1, H, T, T}), true);
  const auto found = attention.forward({.query = x, .bias = bias, .need_weights = true});
  CHECK(max(abs(found.weights.value() - attention.forward({.query = x, .need_weights = true}).weights.value())).item() >
        0.01);
  backward(sum(found.y * found.y));
  CHECK(max(abs(bias.grad())).item() > 1e-4);
}

TEST_CASE("one head is a softmax of projected queries and keys", "[nn][multi_head]") {
  test::Numbers numbers(6);
  Generator generator(5);
  const MultiHeadAttention attention({.embed = E, .heads = 1, .dtype = DType::f64}, generator);
  const Tensor x = numbers.uniform({B, T, E}), w = attention.in_proj_weight.value();
  const auto part = [&](std::int64_t i) { return matmul(x, mT(slice(w, 0, i * E, (i + 1) * E))); };
  const Tensor mixed = matmul(softmax(Variable(matmul(part(0), mT(part(1))) / std::sqrt(double{E}))).value(), part(2));
  const Tensor wanted = matmul(mixed, mT(attention.out_proj.weight.value()));
  CHECK(test::difference(attention.forward({.query = x}).y.value(), test::to_array(wanted), 64, 1) == "");
}

TEST_CASE("block-diagonal weights are attentions side by side", "[nn][multi_head]") {
  test::Numbers numbers(6);
  Generator generator(5);
  MultiHeadAttention joined({.embed = E, .heads = 2, .dtype = DType::f64}, generator);
  Tensor in = zeros({3 * E, E}, DType::f64), out = zeros({E, E}, DType::f64);
  const Tensor x = numbers.uniform({B, T, E});
  std::vector<Tensor> alone;
  for (const std::int64_t h : {0, 1}) {
    const std::int64_t begin = h * E / 2, end = begin + E / 2;
    const MultiHeadAttention one({.embed = E / 2, .heads = 1, .dtype = DType::f64}, generator);
    for (const std::int64_t part : {0, 1, 2}) {
      Tensor block = slice(slice(in, 0, part * E + begin, part * E + end), 1, begin, end);
      copy_from(block, slice(one.in_proj_weight.value(), 0, part * E / 2, (part + 1) * E / 2));
    }
    Tensor block = slice(slice(out, 0, begin, end), 1, begin, end);
    copy_from(block, one.out_proj.weight.value());
    alone.push_back(one.forward({.query = slice(x, 2, begin, end)}).y.value());
  }
  joined.in_proj_weight = nn::Parameter(in);
  joined.out_proj.weight = nn::Parameter(out);
  CHECK(test::difference(joined.forward({.query = x}).y.value(), test::to_array(concat(alone, 2)), 64, 1) == "");
}

TEST_CASE("a query that may attend to nothing has zero weights and gives the bias", "[nn][multi_head]") {
  test::Numbers numbers(7);
  MultiHeadAttention attention = make(H);
  attention.out_proj.bias = nn::Parameter(numbers.uniform({E}));
  const Variable x(numbers.uniform({B, T, E}), true);
  const auto found = attention.forward({.query = x, .mask = zeros({T, T}, DType::boolean), .need_weights = true});
  CHECK(test::same_bits(found.weights.value(), zeros({B, H, T, T}, DType::f64)));
  CHECK(test::same_bits(found.y.value(), expand(attention.out_proj.bias.value(), {B, T, E})));
  backward(sum(found.y));
  CHECK(test::same_bits(x.grad(), zeros({B, T, E}, DType::f64)));
}

TEST_CASE("multi-head attention drops weights in training only", "[nn][multi_head]") {
  test::Numbers numbers(8);
  MultiHeadAttention attention = make(H, 0.5);
  const MultiHeadAttention plain = make(H);
  const Tensor x = numbers.uniform({B, T, E});
  Generator generator(1);
  const Tensor wanted = plain.forward({.query = x}).y.value();
  CHECK_FALSE(test::same_bits(attention.forward({.query = x, .generator = &generator}).y.value(), wanted));
  CHECK_THROWS_AS(attention.forward({.query = x}), Error);
  nn::set_training(attention, false);
  CHECK(test::same_bits(attention.forward({.query = x, .generator = &generator}).y.value(), wanted));
  CHECK(test::same_bits(attention.forward({.query = x}).y.value(), wanted));
}

TEST_CASE("gradients of multi-head attention equal differences", "[nn][multi_head]") {
  test::Numbers numbers(9);
  Generator generator(2);
  const MultiHeadAttention attention({.embed = 4, .heads = 2, .kv_heads = 1, .key = 3, .value = 2, .dtype = DType::f64},
                                     generator);
  const std::vector<Tensor> inputs{numbers.uniform({1, 2, 4}), numbers.uniform({1, 3, 3}), numbers.uniform({1, 3, 2})};
  CHECK(test::module_gradcheck(attention, inputs, [](const auto& module, auto x) {
          const auto found =
              module.forward({.query = x[0], .key = x[1], .value = x[2], .causal = true, .need_weights = true});
          return sum(found.y * found.y) + sum(found.weights * found.weights);
        }) == "");
}

TEST_CASE("multi-head attention says what does not fit", "[nn][multi_head]") {
  Generator generator(1);
  CHECK(test::refused<ShapeError>([&] { MultiHeadAttention({.embed = 6, .heads = 4}, generator); }) ==
        "multi-head attention: embed 6 is not a multiple of heads 4");
  CHECK(test::refused<ShapeError>([&] { MultiHeadAttention({.embed = 8, .heads = 4, .kv_heads = 3}, generator); }) ==
        "multi-head attention: heads 4 is not a multiple of kv_heads 3");
  const MultiHeadAttention attention = make(H);
  const auto x = [](const Shape& shape) { return zeros(shape, DType::f64); };
  CHECK_THROWS_AS(attention.forward({.query = x({2, 3, 7})}), ShapeError);
  CHECK_THROWS_AS(attention.forward({.query = x({2, 3, E}), .key = x({1, 3, E})}), ShapeError);
  CHECK(test::refused<ShapeError>(
            [&] { attention.forward({.query = x({2, 3, E}), .mask = ones({2, 4, 3}, DType::boolean)}); }) ==
        "multi-head attention: mask [2, 4, 3], expected [T, S], [B, T, S] or [B, H, T, S] with [B, H, T, S] = "
        "[2, 4, 3, 3]");
  const Tensor nan = full({2, 3, E}, std::numeric_limits<double>::quiet_NaN(), DType::f64);
  CHECK_THROWS_AS(attention.forward({.query = nan, .mask = ones({4, 1, 3}, DType::boolean)}), ShapeError);
  CHECK_THROWS_AS(attention.forward({.query = x({2, 3, E}), .key = x({2, 5, E - 1})}), ShapeError);
  CHECK(test::refused<DTypeError>([&] {
          attention.forward({.query = x({2, 3, E}), .key = zeros({2, 5, E})});
        }).starts_with("multi-head attention: "));
  CHECK_THROWS_AS(attention.forward({.query = x({2, 3, E}), .mask = ones({2, 3}, DType::boolean)}), ShapeError);
  CHECK_THROWS_AS(attention.forward({.query = x({2, 3, E}), .mask = x({3, 3})}), DTypeError);
}
