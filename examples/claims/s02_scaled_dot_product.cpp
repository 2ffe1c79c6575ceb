// S-02: products of wide vectors are large and make a softmax of one key; divided by the root of the width they do not.
#include <fmt/format.h>

#include <array>
#include <cmath>

#include "examples/claims/all_claims.h"
#include "examples/claims/recall_reader.h"
#include "heed/autograd/fused/softmax.h"
#include "heed/nn/attention/measures.h"
#include "heed/nn/attention/score/dot.h"
#include "heed/nn/attention/score/scaled_dot.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/matmul.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/ops/reduce.h"
#include "heed/tensor/ops/softmax.h"

namespace heed::examples {
namespace {

constexpr std::int64_t keys = 10, wide = 256, narrow = 32;
constexpr models::RecallConfig task;

struct Sharpness {
  double largest, trace, entropy;  // means of the largest weight, of Σ a(1 - a) and of the entropy
};

// Of the softmax of products of N(0, I) queries and keys, times `scale`.
Sharpness sharpness(std::int64_t width, double scale, Generator& generator) {
  const std::int64_t rows = width > 64 ? 1500 : 8000;
  const Tensor query = normal(generator, {rows, 1, width}, 0, 1, DType::f64),
               key = normal(generator, {rows, keys, width}, 0, 1, DType::f64);
  const Tensor a = softmax(matmul(query, mT(key)) * scale);
  return {mean(max(a, Axes{-1})).item(), mean(sum(a * (1 - a), Axes{-1})).item(), mean(nn::weight_entropy(a)).item()};
}

struct Expected {
  std::int64_t width;
  Sharpness unscaled, scaled;
};
constexpr std::array<Expected, 3> expected{{{8, {0.63, 0.50, 1.06}, {0.32, 0.81, 1.93}},
                                            {64, {0.87, 0.18, 0.34}, {0.32, 0.81, 1.93}},
                                            {512, {0.96, 0.06, 0.11}, {0.33, 0.80, 1.91}}}};

// How far one of the three is from what is expected.
double off(const Sharpness& measured, const Sharpness& wanted) {
  return std::max({std::abs(measured.largest - wanted.largest), std::abs(measured.trace - wanted.trace),
                   std::abs(measured.entropy - wanted.entropy)});
}

// Recall whose queries and keys are seen through one frozen random projection into 256 dimensions, in which entries
// have variance 1 as at the start the vectors have.
template <class Score>
struct ProjectedReader {
  explicit ProjectedReader(const nn::ParameterSource& source, Generator& frozen)
      : reader(task, narrow, {}, source),
        projection(normal(frozen, {wide, narrow}, 0, 1 / std::sqrt(double{narrow}))) {}

  Variable logits(const models::RecallBatch& batch) const {
    const nn::AttentionOutput found =
        reader.attention.forward({.query = projected(reader.queries.forward(batch.queries)),
                                  .key = projected(reader.keys.forward(batch.keys)),
                                  .value = reader.values.forward(batch.values)});
    return reader.output.forward(found.context);
  }
  Variable projected(const Variable& x) const { return linear(x, Variable(projection), {}); }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("reader", self.reader);
  }

  RecallReader<Score> reader;
  Tensor projection;
};

template <class Score>
double right(const ClaimSettings& settings) {
  Generator weights = settings.generator(1), frozen = settings.generator(4), examples = settings.generator(2);
  ProjectedReader<Score> net(weights, frozen);
  net.reader.queries = nn::Embedding({.num_embeddings = task.keys, .embedding_dim = narrow}, weights);
  train(nn::parameters(net), {.steps = 300, .learning_rate = 1e-2}, [&] {
    const models::RecallBatch batch = models::make_recall(task, 64, examples);
    return cross_entropy(net.logits(batch), batch.answers);
  });
  return recall_accuracy(net, task, settings);
}

ClaimResult run(const ClaimSettings& settings) {
  Generator generator = settings.generator(3);
  ClaimResult result;
  for (const Expected& e : expected) {
    const double scale = 1 / std::sqrt(static_cast<double>(e.width)), allowed = e.width == 512 ? 0.05 : 0.03;
    const Sharpness plain = sharpness(e.width, 1, generator), scaled = sharpness(e.width, scale, generator);
    result.criteria.push_back(at_most(fmt::format("width {}, unscaled: off the expected sharpness", e.width),
                                      off(plain, e.unscaled), allowed));
    result.criteria.push_back(
        at_most(fmt::format("width {}, scaled: off the expected sharpness", e.width), off(scaled, e.scaled), allowed));
    result.notes.push_back(
        fmt::format("width {:>3}: largest weight {:.3f}, scaled {:.3f}; Σ a(1 - a) {:.3f}, {:.3f}; "
                    "entropy {:.3f}, {:.3f} of {:.3f}",
                    e.width, plain.largest, scaled.largest, plain.trace, scaled.trace, plain.entropy, scaled.entropy,
                    std::log(static_cast<double>(keys))));
  }
  const double with = right<nn::ScaledDotScore>(settings), without = right<nn::DotScore>(settings);
  result.criteria.push_back(at_least("recall at width 256, values right: scaled less unscaled", with - without, 0.2));
  result.notes.push_back(fmt::format("recall at width 256: scaled {:.3f}, unscaled {:.3f}", with, without));
  return result;
}

}  // namespace

Claim scaled_dot_product() {
  return {"S-02", "Dividing by the root of the width keeps the softmax soft, and what is soft learns",
          "Vaswani et al. 2017", run};
}

}  // namespace heed::examples
