// Rows of convolution.
#include <algorithm>

#include "heed/autograd/fused/conv1d.h"
#include "heed/tensor/create.h"
#include "op_cases.h"

namespace heed::test {
namespace {

Tensor f64(const Shape& shape) { return zeros(shape, DType::f64); }

using Convolve = Variable (*)(const Variable&, const Variable&, const Variable&, const Conv1dOptions&);

// The sum as it is written, over x as if zeros stood around it.
Array convolved(const Arrays& v, const Conv1dOptions& o) {
  const Shape &x = v[0].shape, &w = v[1].shape;
  const std::int64_t reach = (w[2] - 1) * o.dilation + 1, padded = x[2] + o.padding.left + o.padding.right;
  Array y({x[0], w[0], (padded - reach) / o.stride + 1});
  for (const Index& i : indices(y.shape)) {
    const std::int64_t first = i[1] / std::max<std::int64_t>(w[0] / o.groups, 1) * w[1];
    for (std::int64_t c = 0; c < w[1]; ++c)
      for (std::int64_t j = 0; j < w[2]; ++j) {
        const std::int64_t at = i[2] * o.stride + j * o.dilation - o.padding.left;
        y[i] += v[1][{i[1], c, j}] * (at >= 0 && at < x[2] ? v[0][{i[0], first + c, at}] : 0);
      }
    if (v.size() > 2) y[i] += v[2][{i[1]}];
  }
  return y;
}

std::vector<Sample> conv_samples(Convolve operation) {
  Numbers numbers(71);
  std::vector<Sample> result;
  const auto add = [&](const std::string& what, const Shape& x, const Shape& weight, const Conv1dOptions& options,
                       bool biased = false) -> Sample& {
    std::vector<Tensor> inputs;
    inputs.push_back(numbers.uniform(x));
    inputs.push_back(numbers.uniform(weight));
    if (biased) inputs.push_back(numbers.uniform({weight[0]}));
    Sample sample{what, inputs,
                  [=](const Variables& v) { return operation(v[0], v[1], v.size() > 2 ? v[2] : Variable(), options); },
                  [=](const Arrays& v) { return convolved(v, options); }};
    sample.cancels = options.padding.left + options.padding.right > 0;  // 0·NaN is NaN
    return result.emplace_back(std::move(sample));
  };
  add("plain", {2, 3, 6}, {4, 3, 3}, {});
  add("bias", {2, 2, 5}, {3, 2, 2}, {}, true);
  add("one tap", {2, 3, 4}, {2, 3, 1}, {}, true);
  add("as long as the kernel", {2, 2, 3}, {2, 2, 3}, {});
  add("stride", {1, 2, 8}, {3, 2, 3}, {.stride = 2}, true);
  add("stride beyond the kernel", {1, 2, 9}, {2, 2, 2}, {.stride = 4});
  add("padding", {2, 2, 4}, {3, 2, 3}, {.padding = 1}, true);
  add("more padding than kernel", {1, 2, 3}, {2, 2, 2}, {.padding = 3});
  add("causal", {1, 2, 5}, {2, 2, 3}, {.padding = {4, 0}, .dilation = 2}, true);
  add("padding on the right", {1, 2, 4}, {2, 2, 3}, {.padding = {0, 2}});
  add("shorter than the kernel but for padding", {2, 1, 2}, {2, 1, 5}, {.padding = {1, 2}});
  add("dilation", {1, 2, 8}, {3, 2, 3}, {.dilation = 3});
  add("stride, padding, dilation", {1, 2, 7}, {2, 2, 3}, {.stride = 3, .padding = {3, 2}, .dilation = 2}, true);
  add("groups", {2, 4, 5}, {6, 2, 2}, {.groups = 2}, true);
  add("depthwise", {2, 3, 5}, {3, 1, 3}, {.padding = 1, .groups = 3}, true);
  add("depthwise, two outputs a channel", {1, 2, 4}, {4, 1, 2}, {.stride = 2, .dilation = 2, .groups = 2});
  add("no examples", {0, 2, 4}, {3, 2, 2}, {}, true);
  add("no channels", {2, 0, 4}, {3, 0, 2}, {}, true);
  add("no outputs", {2, 3, 4}, {0, 3, 2}, {}, true);
  add("nothing but padding", {2, 2, 0}, {3, 2, 2}, {.padding = 1}, true);
  add("large", {3, 20, 150}, {24, 10, 5}, {.stride = 2, .padding = {4, 1}, .groups = 2}, true).large = true;
  return result;
}

std::vector<Misuse> conv_misuses() {
  const auto with = [](const Conv1dOptions& options) -> Function {
    return [=](const Variables& v) { return conv1d(v[0], v[1], v.size() > 2 ? v[2] : Variable(), options); };
  };
  const Tensor x = f64({2, 4, 6}), w = f64({6, 4, 3});
  return {{"x of rank 2", Refusal::shape, {f64({4, 6}), w}, with({})},
          {"weight of rank 2", Refusal::shape, {x, f64({6, 4})}, with({})},
          {"other channels", Refusal::shape, {x, f64({6, 3, 3})}, with({})},
          {"channels of one group only", Refusal::shape, {x, w}, with({.groups = 2})},
          {"outputs no multiple of groups", Refusal::shape, {x, f64({7, 2, 3})}, with({.groups = 2})},
          {"channels no multiple of groups", Refusal::shape, {x, f64({6, 1, 3})}, with({.groups = 3})},
          {"bias of another size", Refusal::shape, {x, w, f64({5})}, with({})},
          {"bias of rank 2", Refusal::shape, {x, w, f64({6, 1})}, with({})},
          {"no taps", Refusal::shape, {x, f64({6, 4, 0})}, with({})},
          {"x shorter than the kernel", Refusal::shape, {x, f64({6, 4, 7})}, with({})},
          {"x shorter than the dilated kernel", Refusal::shape, {x, w}, with({.padding = {1, 0}, .dilation = 4})},
          {"nothing", Refusal::shape, {f64({2, 4, 0}), f64({6, 4, 1})}, with({})},
          {"stride 0", Refusal::shape, {x, w}, with({.stride = 0})},
          {"dilation 0", Refusal::shape, {x, w}, with({.dilation = 0})},
          {"dilation beyond every size", Refusal::shape, {x, w}, with({.dilation = INT64_MAX})},
          {"no groups", Refusal::shape, {x, w}, with({.groups = 0})},
          {"negative padding", Refusal::shape, {x, w}, with({.padding = {2, -1}})},
          {"padding beyond every size", Refusal::shape, {x, w}, with({.padding = INT64_MAX})},
          {"weight f32", Refusal::dtype, {x, zeros({6, 4, 3})}, with({})},
          {"bias f32", Refusal::dtype, {x, w, zeros({6})}, with({})},
          {"integers", Refusal::dtype, {zeros({2, 4, 6}, DType::i64), zeros({6, 4, 3}, DType::i64)}, with({})}};
}

}  // namespace

std::vector<OpCase> conv_cases() {
  return {{.name = "conv1d",
           .samples = [] { return conv_samples(conv1d); },
           .misuses = conv_misuses,
           .ulps = 16,
           .scale = 8,
           .shows_every_nan = false},  // those a stride steps over
          {.name = "conv1d_definition",
           .samples = [] { return conv_samples(conv1d_definition); },
           .ulps = 16,
           .scale = 8,
           .shows_every_nan = false,
           .sums_gradient = true}};
}

}  // namespace heed::test
