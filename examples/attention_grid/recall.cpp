// Recall (models/tasks/recall.h): a question from outside, or as the last word of the text, which then attends to
// itself.
#include "heed/models/tasks/recall.h"
#include "examples/attention_grid/reader.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/movement.h"
#include "heed/nn/embedding.h"
#include "heed/nn/linear.h"

namespace heed::examples {
namespace {

void append(std::vector<Variable>& all, const std::vector<Variable>& more) {
  all.insert(all.end(), more.begin(), more.end());
}

struct Tables {
  Tables(const models::RecallConfig& task, std::int64_t width, const nn::ParameterSource& source)
      : keys({.num_embeddings = task.keys, .embedding_dim = width}, source),
        queries(keys),
        values({.num_embeddings = task.values, .embedding_dim = width}, source),
        output({.in = width, .out = task.values}, source) {}

  std::vector<Variable> parameters() const {
    return {keys.weight, queries.weight, values.weight, output.weight, output.bias};
  }

  nn::Embedding keys, queries, values;  // the vectors of queries start as those of the keys
  nn::Linear output;
};

class Questioned final : public Reader {
 public:
  Questioned(const models::RecallConfig& task, std::int64_t width, const AttentionMaker& make,
             const nn::ParameterSource& source)
      : task_(task),
        tables_(task, width, source),
        attention_(make({.width = width, .hidden = width, .value = width, .positions = task.pairs}, source)) {}

  Answers answer(std::int64_t batch, Generator& examples, Generator* draws) const override {
    const models::RecallBatch text = models::make_recall(task_, batch, examples);
    const nn::AttentionMemory memory = attention_->project_keys(
        {.key = tables_.keys.forward(text.keys), .value = tables_.values.forward(text.values)});
    const nn::AttentionOutput found =
        attention_->forward(tables_.queries.forward(text.queries), memory, {.generator = draws});
    return {tables_.output.forward(found.context), text.answers, {}, found};
  }
  std::vector<Variable> parameters() const override {
    std::vector<Variable> all = tables_.parameters();
    append(all, attention_->parameters());
    return all;
  }

 private:
  models::RecallConfig task_;
  Tables tables_;
  std::unique_ptr<AnyAttention> attention_;
};

// x = pairs, each the sum of its key's and its value's vector, and the query behind them; query, key and value are
// layers of x.
class SelfAttending final : public Reader {
 public:
  SelfAttending(const AttentionMaker& make, const nn::ParameterSource& source)
      : tables_(task_, width, source),
        query_({.in = width, .out = width}, source),
        key_({.in = width, .out = width}, source),
        value_({.in = width, .out = width}, source),
        attention_(make({.positions = task_.pairs + 1}, source)) {}

  Answers answer(std::int64_t batch, Generator& examples, Generator* draws) const override {
    const models::RecallBatch text = models::make_recall(task_, batch, examples);
    const Variable last = tables_.queries.forward(text.queries);
    const Variable x = concat({tables_.keys.forward(text.keys) + tables_.values.forward(text.values), last}, 1);
    const nn::AttentionMemory memory = attention_->project_keys({.key = key_.forward(x), .value = value_.forward(x)});
    const nn::AttentionOutput found =
        attention_->forward(query_.forward(last), memory, {.first_query = task_.pairs, .generator = draws});
    return {tables_.output.forward(found.context), text.answers, {}, found};
  }
  std::vector<Variable> parameters() const override {
    std::vector<Variable> all = tables_.parameters();
    for (const nn::Linear* layer : {&query_, &key_, &value_}) append(all, nn::parameters(*layer));
    append(all, attention_->parameters());
    return all;
  }

 private:
  static constexpr models::RecallConfig task_{};  // 8 pairs of 32 keys and values
  static constexpr std::int64_t width = 32;

  Tables tables_;
  nn::Linear query_, key_, value_;
  std::unique_ptr<AnyAttention> attention_;
};

}  // namespace

std::unique_ptr<Reader> recall_reader(const models::RecallConfig& task, std::int64_t width, const AttentionMaker& make,
                                      const nn::ParameterSource& source) {
  return std::make_unique<Questioned>(task, width, make, source);
}

std::unique_ptr<Reader> recall_by_question(const AttentionMaker& make, const nn::ParameterSource& source, bool) {
  return recall_reader({}, 32, make, source);
}

std::unique_ptr<Reader> recall_by_itself(const AttentionMaker& make, const nn::ParameterSource& source, bool) {
  return std::make_unique<SelfAttending>(make, source);
}

}  // namespace heed::examples
