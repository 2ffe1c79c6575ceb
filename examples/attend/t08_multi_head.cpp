// T-08: one query names four keys at once. Four heads look at four pairs and tell them apart; one head, of the same
// number of parameters, can only mix them (models/tasks/recall.h).
#include <fmt/format.h>

#include "examples/attend/gold.h"
#include "examples/attend/mechanisms.h"
#include "examples/claims/training.h"
#include "heed/autograd/fused/cross_entropy.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/movement.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/autograd/record.h"
#include "heed/models/tasks/recall.h"
#include "heed/nn/attention/measures.h"
#include "heed/nn/attention/multi_head.h"
#include "heed/nn/attention/recorder.h"
#include "heed/nn/embedding.h"
#include "heed/nn/summary.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/ops/reduce.h"

namespace heed::examples {
namespace {

using models::RecallBatch;

constexpr models::RecallConfig task{.pairs = 8, .asked = 4, .keys = 32, .values = 32};
constexpr std::int64_t width = 64;

struct Answer {
  Variable logits;   // [B, asked, values]
  Variable weights;  // [B, heads, pairs + 1]: of the query, which stands last and may look at itself
};

// Self-attention over the pairs, each the sum of its key's and its value's vector, and the query, the sum of vectors
// that know key and place; what the query has read gives an answer for each place.
struct RecallNet {
  RecallNet(std::int64_t heads, const nn::ParameterSource& source)
      : key({.num_embeddings = task.keys, .embedding_dim = width}, source),
        value({.num_embeddings = task.values, .embedding_dim = width}, source),
        asked({.num_embeddings = task.asked * task.keys, .embedding_dim = width}, source),
        attention({.embed = width, .heads = heads}, source),
        output({.in = width, .out = task.asked * task.values}, source) {}

  Answer forward(const RecallBatch& batch, bool need_weights = false) const {
    const Tensor places = reshape(arange(task.asked), {1, task.asked}) * task.keys;
    const Variable query = sum(asked.forward(batch.queries + places), Axes{1}, true);  // [B, 1, width]
    const Variable pairs = key.forward(batch.keys) + value.forward(batch.values);      // [B, pairs, width]
    const auto found = attention.forward({.query = concat({pairs, query}, 1), .need_weights = need_weights});
    const Variable read = output.forward(select(found.y, 1, -1));
    return {reshape(read, {-1, task.asked, task.values}), need_weights ? select(found.weights, 2, -1) : Variable()};
  }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("key", self.key);
    visitor("value", self.value);
    visitor("asked", self.asked);
    visitor("attention", self.attention);
    visitor("output", self.output);
  }

  nn::Embedding key, value, asked;
  nn::MultiHeadAttention attention;
  nn::Linear output;
};

RecallNet trained(std::int64_t heads, const ClaimSettings& settings) {
  Generator weights = settings.generator(1), examples = settings.generator(2);
  RecallNet net(heads, weights);
  train(nn::parameters(net), {.steps = settings.quick ? 600 : 1500, .learning_rate = 5e-3}, [&] {
    const RecallBatch batch = models::make_recall(task, 64, examples);
    return cross_entropy(net.forward(batch).logits, batch.answers);
  });
  return net;
}

// The share of rows with every answer right.
double exact(const Answer& answer, const RecallBatch& test) {
  const Tensor right = to(equal(argmax(answer.logits.value(), -1), test.answers), DType::f64);  // [B, asked]
  return mean(to(equal(mean(right, Axes{-1}), 1), DType::f64)).item();
}

// The mean total-variation distance between the rows [B, heads, S] of two heads.
double distance(const Tensor& weights) {
  double total = 0;
  std::int64_t pairs = 0;
  for (std::int64_t i = 0; i < weights.size(1); ++i)
    for (std::int64_t j = 0; j < i; ++j, ++pairs)
      total += mean(nn::total_variation(select(weights, 1, i), select(weights, 1, j))).item();
  return total / static_cast<double>(pairs);
}

// Which of the query's keys a head looks for: the one whose pair has most of its weight.
struct Looking {
  std::int64_t place = 0;
  double weight = 0;
};

Looking looking(const Tensor& head, const Tensor& positions) {
  Looking best;
  for (std::int64_t place = 0; place < task.asked; ++place) {
    const double weight = weight_on(head, select(positions, 1, place));
    if (weight > best.weight) best = {place, weight};
  }
  return best;
}

nn::Heatmap picture(const Tensor& weights, const RecallBatch& test) {
  nn::Heatmap map{.title = "Where each head looked in one row",
                  .weights = select(weights, 0, 0).clone(),
                  .target_title = "head",
                  .source_title = "pair"};
  for (std::int64_t head = 0; head < weights.size(1); ++head) {
    const std::int64_t place = looking(select(weights, 1, head), test.positions).place;
    map.target.push_back(fmt::format("{}: key {} asked", head + 1, place + 1));
    map.gold.push_back({test.positions.data<std::int64_t>()[place]});
  }
  for (std::int64_t i = 0; i < task.pairs; ++i) map.source.push_back(fmt::to_string(i + 1));
  map.source.push_back("query");
  return map;
}

std::vector<std::string> notes(const Tensor& weights, const RecallBatch& test) {
  std::vector<std::string> lines;
  for (std::int64_t head = 0; head < weights.size(1); ++head) {
    const Looking at = looking(select(weights, 1, head), test.positions);
    lines.push_back(fmt::format("head {} looks for key {} of the query, with a mean weight of {:.3f} on its pair",
                                head + 1, at.place + 1, at.weight));
  }
  return lines;
}

// Every position of the first rows: pairs, and the query behind them.
std::vector<nn::AttentionMap> attention(const RecallNet& net, const RecallBatch& test) {
  const nn::AttentionRecorder recorder(net);
  net.forward(test);
  const Tensor weights = recorder.of("attention").at(0).weights;  // [B, heads, pairs + 1, pairs + 1]
  std::vector<nn::AttentionMap> maps;
  for (std::int64_t row = 0; row < 4; ++row) {
    std::vector<std::string> tokens;
    for (std::int64_t i = 0; i < task.pairs; ++i)
      tokens.push_back(fmt::format("key {} value {}", test.keys.data<std::int64_t>()[row * task.pairs + i],
                                   test.values.data<std::int64_t>()[row * task.pairs + i]));
    std::string query = "query";
    for (std::int64_t place = 0; place < task.asked; ++place)
      query += fmt::format(" {}", test.queries.data<std::int64_t>()[row * task.asked + place]);
    tokens.push_back(std::move(query));
    maps.push_back(nn::attention_map("attention", weights, row, tokens, tokens));
    maps.back().step = fmt::format("row {}", row + 1);
  }
  return maps;
}

ClaimResult run(const ClaimSettings& settings) {
  const RecallNet four = trained(4, settings), one = trained(1, settings);
  Generator fresh = settings.generator(3);
  const RecallBatch test = models::make_recall(task, 2000, fresh);
  const NoGrad no_gradients;
  const Answer of_four = four.forward(test, true);
  const double exact_four = exact(of_four, test), exact_one = exact(one.forward(test), test);
  const Tensor weights = of_four.weights.value();
  std::vector<std::string> lines = notes(weights, test);
  lines.insert(lines.begin(),
               fmt::format("4 keys of one query, all right: 4 heads {:.4g}, 1 head {:.4g}", exact_four, exact_one));
  return {.criteria = {exactly("parameters, 4 heads less 1 head",
                               static_cast<double>(nn::parameter_count(four) - nn::parameter_count(one)), 0),
                       at_least("all 4 answers right, 4 heads less 1 head", exact_four - exact_one, 0.15),
                       at_least("total-variation distance of two heads' rows", distance(weights), 0.3)},
          .notes = std::move(lines),
          .map = picture(weights, test),
          .attention = attention(four, test)};
}

}  // namespace

Claim multi_head_attention() {
  return {"T-08", "Four heads look at four places for one query, one head mixes them", "Vaswani et al. 2017", run};
}

}  // namespace heed::examples
