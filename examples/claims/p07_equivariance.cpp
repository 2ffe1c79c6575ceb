// P-07: a convolution knows how far apart things are and not where they stand: shifted input, shifted output. Attention
// knows neither: permuted input, permuted output, unless positions are added to what it reads.
#include <fmt/format.h>

#include <cmath>
#include <numeric>

#include "examples/claims/all_claims.h"
#include "examples/claims/extremes.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/movement.h"
#include "heed/autograd/record.h"
#include "heed/nn/attention/multi_head.h"
#include "heed/nn/conv1d.h"
#include "heed/nn/positions/sinusoidal.h"
#include "heed/nn/transformer/encoder_layer.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/index.h"
#include "heed/tensor/ops/reduce.h"

namespace heed::examples {
namespace {

constexpr std::int64_t width = 32, length = 24, shift = 5;
constexpr DType dtype = DType::f64;

// Two convolutions of 3 taps, zeros at both ends.
struct Convolutions {
  static constexpr std::int64_t border = 2;  // an output reads so many positions to each side

  explicit Convolutions(Generator& generator) : first(layer, generator), second(layer, generator) {}

  Tensor forward(const Tensor& x) const {  // [1, length, width]
    return mT(second.forward(tanh(first.forward(mT(Variable(x)))))).value();
  }

  static constexpr nn::Conv1d::Config layer{
      .in = width, .out = width, .kernel = 3, .padding = nn::Conv1dPaddingRule::same, .dtype = dtype};
  nn::Conv1d first, second;
};

struct Attentions {
  explicit Attentions(Generator& generator)
      : one_head({.embed = width, .heads = 1, .dtype = dtype}, generator),
        layer({.embed = width, .heads = 4, .feedforward = 4 * width, .dropout = 0, .dtype = dtype}, generator) {}

  Tensor self_attention(const Tensor& x) const { return one_head.forward({.query = Variable(x)}).y.value(); }
  Tensor encoder_layer(const Tensor& x) const { return layer.forward({.x = Variable(x)}).y.value(); }
  static Tensor placed(const Tensor& x) { return nn::SinusoidalPositions::forward(Variable(x)).value(); }

  nn::MultiHeadAttention one_head;
  nn::TransformerEncoderLayer layer;
};

using Differences = std::vector<double>;  // of two results, the largest at each position

Differences differences(const Tensor& a, const Tensor& b) {
  const Tensor largest = max(abs(a - b), {0, 2});
  return {largest.data<double>(), largest.data<double>() + largest.numel()};
}

double largest(const Differences& found, std::int64_t begin, std::int64_t end) {
  return std::accumulate(found.begin() + begin, found.begin() + end, 0.0, larger);
}
double largest(const Differences& found) { return largest(found, 0, std::ssize(found)); }

// f(permuted x) and the permuted f(x).
template <class Function>
Differences permuted(const Tensor& x, const Tensor& order, const Function& f) {
  return differences(f(index_select(x, 1, order)), index_select(f(x), 1, order));
}

// f(x moved to the right, noise before it) at t + shift, and f(x) at t.
template <class Function>
Differences shifted(const Tensor& x, const Tensor& noise, const Function& f) {
  const Tensor moved = concat({slice(noise, 1, 0, shift), slice(x, 1, 0, length - shift)}, 1);
  return differences(slice(f(moved), 1, shift, length), slice(f(x), 1, 0, length - shift));
}

// Over several inputs, the most of what should be equal and the least of what should not.
struct Found {
  double inside = 0, at_border = INFINITY, conv_permuted = INFINITY;
  double attention = 0, layer = 0, attention_placed = INFINITY, layer_placed = INFINITY;
};

nn::Series line(std::string name, const Differences& found) {
  nn::Series series{std::move(name), {}};
  for (std::size_t t = 0; t < found.size(); ++t) series.points.push_back({static_cast<double>(t), found[t]});
  return series;
}

ClaimResult run(const ClaimSettings& settings) {
  const NoGrad no_gradients;
  Generator generator = settings.generator(0);
  const Convolutions convolutions(generator);
  const Attentions attentions(generator);
  const auto convolve = [&](const Tensor& x) { return convolutions.forward(x); };
  const auto attend = [&](const Tensor& x) { return attentions.self_attention(x); };
  const auto layer = [&](const Tensor& x) { return attentions.encoder_layer(x); };
  const auto attend_placed = [&](const Tensor& x) { return attend(Attentions::placed(x)); };
  const auto layer_placed = [&](const Tensor& x) { return layer(Attentions::placed(x)); };

  Found found;
  ClaimResult result;
  for (int input = 0; input < 20; ++input) {
    const Tensor x = normal(generator, {1, length, width}, 0, 1, dtype),
                 noise = normal(generator, {1, length, width}, 0, 1, dtype),
                 order = tensor(permutation(generator, length), {length});
    constexpr std::int64_t border = Convolutions::border, compared = length - shift;
    const Differences moved = shifted(x, noise, convolve), disordered = permuted(x, order, convolve),
                      unplaced = permuted(x, order, attend), placed = permuted(x, order, attend_placed);
    found.inside = larger(found.inside, largest(moved, border, compared - border));
    found.at_border =
        smaller(found.at_border, smaller(largest(moved, 0, border), largest(moved, compared - border, compared)));
    found.conv_permuted = smaller(found.conv_permuted, largest(disordered));
    found.attention = larger(found.attention, largest(unplaced));
    found.attention_placed = smaller(found.attention_placed, largest(placed));
    found.layer = larger(found.layer, largest(permuted(x, order, layer)));
    found.layer_placed = smaller(found.layer_placed, largest(permuted(x, order, layer_placed)));
    if (input > 0) continue;
    result.chart = {
        .title = "What moves with its input, and what does not",
        .x_title = "position",
        .y_title = "largest difference",
        .series = {line("convolution, shifted", moved), line("convolution, permuted", disordered),
                   line("attention, permuted", unplaced), line("attention with positions, permuted", placed)}};
  }
  result.criteria = {at_most("convolution, input shifted by 5: output off the shifted one, inside", found.inside, 1e-6),
                     at_least("the same within 2 positions of an end, where zeros stand", found.at_border, 1e-2),
                     at_least("convolution, input permuted: off the permuted output", found.conv_permuted, 1e-2),
                     at_most("self-attention without positions, permuted", found.attention, 1e-6),
                     at_most("Transformer encoder layer without positions, permuted", found.layer, 1e-6),
                     at_least("self-attention with sinusoidal positions, permuted", found.attention_placed, 1e-2),
                     at_least("Transformer encoder layer with them, permuted", found.layer_placed, 1e-2)};
  return result;
}

}  // namespace

Claim equivariance() {
  return {"P-07", "A convolution sees distances and no places, attention without positions sees neither",
          "textbooks; Vaswani et al. 2017, section 3.5", run};
}

}  // namespace heed::examples
