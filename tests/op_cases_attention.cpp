// Rows of scaled dot-product attention and of its weights.
#include <algorithm>
#include <cmath>
#include <limits>

#include "heed/autograd/fused/scaled_dot_product_attention.h"
#include "heed/tensor/create.h"
#include "op_cases.h"

namespace heed::test {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

Tensor f64(const Shape& shape) { return zeros(shape, DType::f64); }

// One sample's options. The generator is made anew for every call.
struct Settings {
  Tensor mask = {};
  bool causal = false;
  std::optional<std::int64_t> offset = {};
  std::optional<double> scale = {};
  double dropout = 0;
};

using Attend = Variable (*)(const Variable&, const Variable&, const Variable&, const Variable&,
                            const AttentionOptions&);

Variable with_options(const Settings& settings, Attend attend, const Variables& v) {
  Generator generator(7);
  return attend(v[0], v[1], v[2], v.size() > 3 ? v[3] : Variable(),
                {.mask = settings.mask,
                 .causal = settings.causal,
                 .causal_offset = settings.offset,
                 .scale = settings.scale,
                 .dropout = settings.dropout,
                 .generator = &generator});
}

// Weights by plain loops: softmax over the keys that are seen; the others are not looked at.
Array weights_of(const Settings& settings, const Arrays& v) {
  const Shape &q = v[0].shape, &k = v[1].shape;
  const std::int64_t heads = q[1], queries = q[2], keys = k[2], width = q[3];
  const double scale = settings.scale.value_or(1 / std::sqrt(static_cast<double>(std::max<std::int64_t>(width, 1))));
  const Array mask = settings.mask.defined() ? to_array(settings.mask) : Array({}, 1);
  Array weights({q[0], heads, queries, keys});
  Array scores(weights.shape, -infinity);
  for (const Index& i : indices(weights.shape)) {
    const bool below = !settings.causal || i[3] - i[2] <= settings.offset.value_or(keys - queries);
    if (!below || mask.shown(i) == 0) continue;
    double score = 0;
    for (std::int64_t c = 0; c < width; ++c)
      score += v[0][{i[0], i[1], i[2], c}] * v[1][{i[0], i[1] / (heads / k[1]), i[3], c}];
    scores[i] = score * scale + (v.size() > 3 ? v[3].shown(i) : 0);
  }
  for (const Index& row : indices({q[0], heads, queries})) {
    const auto at = [&](std::int64_t s) { return Index{row[0], row[1], row[2], s}; };
    double top = -infinity, total = 0;
    for (std::int64_t s = 0; s < keys; ++s)
      if (!(scores[at(s)] <= top)) top = std::isnan(top) ? top : scores[at(s)];
    const auto power = [&](std::int64_t s) { return scores[at(s)] == -infinity ? 0 : std::exp(scores[at(s)] - top); };
    for (std::int64_t s = 0; s < keys; ++s) total += power(s);
    for (std::int64_t s = 0; s < keys; ++s)
      if (scores[at(s)] != -infinity) weights[at(s)] = power(s) / total;
  }
  return weights;
}

Array attended(const Settings& settings, const Arrays& v) {
  const Array weights = weights_of(settings, v);
  const std::int64_t heads = v[0].shape[1], groups = v[1].shape[1], width = v[2].shape[3];
  Array y({v[0].shape[0], heads, v[0].shape[2], width});
  Generator generator(7);
  for (const Index& i : indices(weights.shape)) {
    const double draw = settings.dropout > 0 ? generator.uniform() : 1;
    const double kept = draw >= settings.dropout ? 1 / (1 - settings.dropout) : 0;
    if (weights[i] == 0) continue;
    for (std::int64_t d = 0; d < width; ++d)
      y[{i[0], i[1], i[2], d}] += weights[i] * kept * v[2][{i[0], i[1] / (heads / groups), i[3], d}];
  }
  return y;
}

struct Sizes {
  std::int64_t batch = 2, heads = 2, groups = 2, queries = 3, keys = 4, width = 5, value_width = 3;
};

// `attend` null: the weights alone. `leaks`: a NaN in dy reaches masked keys too, as 0·NaN in a product of matrices.
std::vector<Sample> attention_samples(Attend attend, bool leaks = false) {
  Numbers numbers(61);
  std::vector<Sample> result;
  const auto add = [&](const std::string& what, const Sizes& n, const Settings& settings, const Shape& bias = {},
                       bool biased = false) -> Sample& {
    std::vector<Tensor> inputs;
    inputs.push_back(numbers.uniform({n.batch, n.heads, n.queries, n.width}));
    inputs.push_back(numbers.uniform({n.batch, n.groups, n.keys, n.width}));
    inputs.push_back(numbers.uniform({n.batch, n.groups, n.keys, n.value_width}));
    if (biased) inputs.push_back(numbers.uniform(bias));
    Sample sample{what, inputs, [=](const Variables& v) { return with_options(settings, attend, v); },
                  [=](const Arrays& v) { return attended(settings, v); }};
    if (settings.mask.defined()) sample.constants = {settings.mask};
    // A dropped weight is one of 0, and 0·NaN is NaN.
    sample.cancels = settings.dropout > 0 || (leaks && (settings.mask.defined() || settings.causal));
    return result.emplace_back(std::move(sample));
  };
  add("plain", {}, {});
  add("one of each", {1, 1, 1, 1, 1, 1, 1}, {}).cancels = true;  // a weight of 1 has gradient 0
  add("two heads a group", {1, 4, 2, 3, 4, 2, 3}, {});
  add("one group", {2, 3, 1, 2, 3, 4, 2}, {.scale = 0.3});
  add("negative scale", {1, 1, 1, 2, 3, 4, 2}, {.scale = -1});
  add("vectors and more", {1, 1, 1, 2, 17, 9, 33}, {});
  add("causal", {1, 2, 1, 4, 4, 3, 2}, {.causal = true}).cancels = true;
  add("causal, later keys", {1, 1, 1, 2, 5, 3, 2}, {.causal = true});
  add("causal from the beginning", {1, 1, 1, 2, 5, 3, 2}, {.causal = true, .offset = 0}).cancels = true;
  add("causal, queries without keys", {1, 1, 1, 4, 2, 3, 2}, {.causal = true}).cancels = true;
  add("causal, most offset", {1, 1, 1, 3, 2, 3, 2},
      {.causal = true, .offset = std::numeric_limits<std::int64_t>::max()});
  add("causal, least offset", {1, 1, 1, 3, 2, 3, 2},
      {.causal = true, .offset = std::numeric_limits<std::int64_t>::min()});
  const auto mask = [&](const Shape& shape, const std::vector<Scalar>& flags) {
    return tensor(flags, shape, DType::boolean);
  };
  add("padding", {2, 2, 1, 2, 4, 3, 2}, {.mask = mask({2, 1, 1, 4}, {1, 1, 0, 0, 1, 1, 1, 0})});
  add("mask of every query", {1, 2, 2, 3, 4, 3, 2}, {.mask = mask({3, 4}, {1, 0, 1, 0, 0, 0, 0, 0, 0, 1, 1, 1})});
  add("mask of every head", {1, 2, 2, 2, 3, 2, 2}, {.mask = mask({1, 2, 2, 3}, {1, 1, 0, 0, 1, 1, 1, 0, 1, 0, 0, 0})});
  add("mask of every query, for all keys", {1, 1, 1, 3, 2, 2, 2}, {.mask = mask({3, 1}, {1, 0, 1})});
  add("nothing to attend to", {1, 1, 1, 2, 3, 2, 2}, {.mask = mask({1}, {0})});
  add("bias", {2, 2, 1, 2, 3, 3, 2}, {}, {2, 2, 2, 3}, true);
  add("bias of every head", {2, 2, 2, 2, 3, 3, 2}, {}, {2, 1, 3}, true);
  add("bias of every key", {2, 1, 1, 2, 3, 3, 2}, {}, {3}, true);
  add("bias of every query", {1, 2, 1, 2, 3, 3, 2}, {}, {1, 1, 2, 3}, true);
  add("bias, mask and causal", {1, 2, 1, 3, 4, 3, 2},
      {.mask = mask({1, 1, 1, 4}, {1, 1, 1, 0}), .causal = true, .offset = 1}, {2, 3, 4}, true);
  add("dropout", {2, 2, 1, 3, 6, 3, 2}, {.dropout = 0.5});
  add("dropout and causal", {1, 2, 2, 3, 6, 3, 2}, {.causal = true, .dropout = 0.25});
  add("everything dropped", {1, 1, 1, 2, 3, 3, 2}, {.dropout = 1}).cancels = true;
  add("no batch", {0, 2, 1, 2, 3, 3, 2}, {});
  add("no heads", {2, 0, 0, 2, 3, 3, 2}, {});
  add("no queries", {2, 2, 1, 0, 3, 3, 2}, {});
  add("no keys", {2, 2, 1, 2, 0, 3, 2}, {});
  add("no features", {1, 2, 1, 2, 3, 0, 2}, {});
  add("empty values", {1, 2, 1, 2, 3, 3, 0}, {});
  add("several tiles", {1, 2, 1, 70, 300, 9, 7}, {}).large = true;
  add("several tiles, everything", {1, 2, 2, 150, 300, 20, 18},
      {.mask = numbers.mask({150, 300}), .causal = true, .offset = 100, .dropout = 0.5}, {1, 1, 1, 300}, true)
      .large = true;
  result.push_back({"queries are keys and values",
                    {numbers.uniform({1, 2, 3, 4})},
                    [attend](const Variables& v) { return attend(v[0], v[0], v[0], {}, {}); },
                    [](const Arrays& v) { return attended({}, {v[0], v[0], v[0]}); }});
  return result;
}

std::vector<Misuse> attention_misuses(Attend attend, bool uses_values) {
  const auto with = [=](const AttentionOptions& options) -> Function {
    return [=](const Variables& v) { return attend(v[0], v[1], v[2], v.size() > 3 ? v[3] : Variable(), options); };
  };
  const Tensor q = f64({2, 4, 3, 5}), k = f64({2, 2, 6, 5}), v = f64({2, 2, 6, 7});
  const Function plain = with({});
  std::vector<Misuse> result = {
      {"query of rank 3", Refusal::shape, {f64({4, 3, 5}), k, v}, plain},
      {"key of rank 3", Refusal::shape, {q, f64({2, 6, 5}), v}, plain},
      {"batches differ", Refusal::shape, {q, f64({1, 2, 6, 5}), v}, plain},
      {"widths differ", Refusal::shape, {q, f64({2, 2, 6, 4}), v}, plain},
      {"three groups", Refusal::shape, {q, f64({2, 3, 6, 5}), f64({2, 3, 6, 7})}, plain},
      {"no groups", Refusal::shape, {q, f64({2, 0, 6, 5}), f64({2, 0, 6, 7})}, plain},
      {"bias too long", Refusal::shape, {q, k, v, f64({2, 4, 3, 5})}, plain},
      {"bias of rank 5", Refusal::shape, {q, k, v, f64({1, 2, 4, 3, 6})}, plain},
      {"mask too long", Refusal::shape, {q, k, v}, with({.mask = zeros({2, 6}, DType::boolean)})},
      {"key f32", Refusal::dtype, {q, zeros({2, 2, 6, 5}), v}, plain},
      {"bias f32", Refusal::dtype, {q, k, v, zeros({6})}, plain},
      {"mask f64", Refusal::dtype, {q, k, v}, with({.mask = f64({6})})},
      {"integers",
       Refusal::dtype,
       {zeros({1, 1, 2, 3}, DType::i64), zeros({1, 1, 2, 3}, DType::i64), zeros({1, 1, 2, 3}, DType::i64)},
       plain}};
  if (!uses_values) return result;
  result.push_back({"value of rank 3", Refusal::shape, {q, k, f64({2, 6, 7})}, plain});
  result.push_back({"fewer values than keys", Refusal::shape, {q, k, f64({2, 2, 5, 7})}, plain});
  result.push_back({"value f32", Refusal::dtype, {q, k, zeros({2, 2, 6, 7})}, plain});
  return result;
}

Variable weights_alone(const Variable& query, const Variable& key, const Variable&, const Variable& bias,
                       const AttentionOptions& options) {
  return attention_weights(query, key, bias, options);
}

std::vector<Sample> weight_samples() {
  Numbers numbers(62);
  std::vector<Sample> result;
  const auto add = [&](const std::string& what, const Sizes& n, const Settings& settings, bool biased = false) {
    std::vector<Tensor> inputs;
    inputs.push_back(numbers.uniform({n.batch, n.heads, n.queries, n.width}));
    inputs.push_back(numbers.uniform({n.batch, n.groups, n.keys, n.width}));
    if (biased) inputs.push_back(numbers.uniform({n.heads, 1, n.keys}));
    const auto spread = [](const auto& v) {  // no value
      auto all = v;
      all.insert(all.begin() + 2, v[1]);
      return all;
    };
    Sample sample{what, inputs, [=](const Variables& v) { return with_options(settings, weights_alone, spread(v)); },
                  [=](const Arrays& v) { return weights_of(settings, spread(v)); }};
    if (settings.mask.defined()) sample.constants = {settings.mask};
    result.push_back(std::move(sample));
  };
  add("plain", {}, {});
  add("two heads a group, bias", {1, 4, 2, 3, 4, 2}, {}, true);
  add("causal", {1, 1, 1, 2, 5, 3}, {.causal = true});
  add("mask", {2, 2, 1, 3, 4, 3}, {.mask = tensor({1, 0, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1}, {3, 4}, DType::boolean)});
  add("dropout is not for weights", {}, {.dropout = 0.5});
  add("no keys", {2, 2, 1, 2, 0, 3}, {});
  return result;
}

}  // namespace

std::vector<OpCase> attention_cases() {
  return {{.name = "scaled_dot_product_attention",
           .samples = [] { return attention_samples(scaled_dot_product_attention); },
           .misuses = [] { return attention_misuses(scaled_dot_product_attention, true); },
           .ulps = 16,
           .scale = 16,
           .shows_every_nan = false},  // those of masked keys
          {.name = "scaled_dot_product_attention_definition",
           .samples = [] { return attention_samples(scaled_dot_product_attention_definition, true); },
           .misuses = [] { return attention_misuses(scaled_dot_product_attention_definition, true); },
           .ulps = 16,
           .scale = 16,
           .shows_every_nan = false,
           .sums_gradient = true},
          {.name = "attention_weights",
           .samples = weight_samples,
           .misuses = [] { return attention_misuses(weights_alone, false); },
           .ulps = 16,
           .scale = 4,
           .shows_every_nan = false,
           .sums_gradient = true}};
}

}  // namespace heed::test
