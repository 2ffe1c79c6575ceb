// P-32, T-09: each word that is written needs another part of the source: weights that are computed anew at every step
// (dynamic) copy, weights that are computed once for the whole output (static) give every step the same context.
#include <fmt/format.h>

#include "examples/attention_grid/cell.h"
#include "examples/attention_grid/pair_translator.h"
#include "examples/claims/all_claims.h"
#include "examples/claims/pairs.h"
#include "heed/autograd/record.h"
#include "heed/nn/attention/measures.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/ops/reduce.h"

namespace heed::examples {
namespace {

// One learned query asks in place of the decoder's states, once: its weights and context are every step's.
class StaticAttention final : public AnyAttention {
 public:
  StaticAttention(std::unique_ptr<AnyAttention> inner, std::int64_t width, const nn::ParameterSource& source)
      : inner_(std::move(inner)), query_(source.make({.shape = {1, 1, width}}, width)) {}

  nn::AttentionMemory project_keys(const nn::AttentionKeys& keys) const override { return inner_->project_keys(keys); }

  nn::AttentionOutput forward(const Variable& query, const nn::AttentionMemory& memory,
                              const nn::AttentionCall& call) const override {
    const std::int64_t batch = query.size(0), steps = query.size(1);
    const nn::AttentionOutput once =
        inner_->forward(expand(query_, {batch, 1, query_.size(2)}), memory, {.generator = call.generator});
    return {expand(once.context, {batch, steps, once.context.size(2)}),
            expand(once.weights, {batch, steps, once.weights.size(2)})};
  }

  std::vector<Variable> parameters() const override {
    std::vector<Variable> all = inner_->parameters();
    all.push_back(query_);
    return all;
  }

 private:
  std::unique_ptr<AnyAttention> inner_;
  nn::Parameter query_;
};

std::unique_ptr<AnyAttention> dynamic(const AttentionSizes& sizes, const nn::ParameterSource& source) {
  return attention_named("general", "softmax")(sizes, source);
}

std::unique_ptr<AnyAttention> fixed(const AttentionSizes& sizes, const nn::ParameterSource& source) {
  return std::make_unique<StaticAttention>(dynamic(sizes, source), sizes.width, source);
}

struct Result {
  double right;
  double distance;  // mean total variation between two steps of one pair
  double largest;   // the largest difference between two steps' weights
  Tensor weights;   // [tests, T, S]
};

// Over all pairs of the rows of weights [N, T, S].
Result compare_steps(double right, const Tensor& weights) {
  Result result{right, 0, 0, weights};
  const std::int64_t steps = weights.size(1);
  for (std::int64_t t = 0; t < steps; ++t)
    for (std::int64_t u = 0; u < t; ++u) {
      const Tensor a = select(weights, 1, t), b = select(weights, 1, u);
      result.distance += mean(nn::total_variation(a, b)).item() * 2 / static_cast<double>(steps * (steps - 1));
      result.largest = std::max(result.largest, max(abs(a - b)).item());
    }
  return result;
}

Result trained(const AttentionMaker& attention, const DrawPair& draw, const std::vector<models::SequencePair>& tests,
               const ClaimSettings& settings) {
  Generator weights = settings.generator(1);
  const PairTranslator net({.draw = draw}, attention, weights);
  const double right = trained_accuracy(
      train_reader(net, {.steps = settings.quick ? 300 : 800, .learning_rate = 5e-3}, settings.generator(2)));
  const NoGrad no_gradients;
  return compare_steps(right, net.translate(models::batch_pairs(tests), nullptr).found.weights.value());
}

ClaimResult run(const ClaimSettings& settings) {
  const std::int64_t words = settings.quick ? 8 : 12;
  const DrawPair draw = copied(words);
  Generator fresh = settings.generator(3);
  const std::vector<models::SequencePair> tests = draw_pairs(draw, 300, fresh);
  const Result changing = trained(dynamic, draw, tests, settings), same = trained(fixed, draw, tests, settings);
  ClaimResult result{
      .criteria = {at_least(fmt::format("{} words copied: total variation of two steps' weights, dynamic", words),
                            changing.distance, 0.5),
                   exactly("the same: largest difference between two steps' weights, static", same.largest, 0),
                   at_least("the same: words right, dynamic less static", changing.right - same.right, 0.3)},
      .notes = {fmt::format("words right: dynamic {:.3f}, static {:.3f}", changing.right, same.right)}};
  result.map = two_alignments("A word copied at each step: dynamic weights, then static ones",
                              select(changing.weights, 0, 0), select(same.weights, 0, 0), tests[0]);
  result.attention = {alignment_map("dynamic", select(changing.weights, 0, 0), tests[0]),
                      alignment_map("static", select(same.weights, 0, 0), tests[0])};
  return result;
}

}  // namespace

Claim different_parts() {
  return {"P-32", "Each word that is written needs another part of the source", "Bahdanau et al. 2015", run};
}

}  // namespace heed::examples
