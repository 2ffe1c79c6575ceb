// Needle (models/tasks/needle.h): one learned query, the same for every sequence.
#include "heed/models/tasks/needle.h"
#include "examples/attention_grid/reader.h"
#include "heed/autograd/ops/movement.h"
#include "heed/nn/linear.h"
#include "heed/tensor/ops/movement.h"

namespace heed::examples {
namespace {

constexpr models::NeedleConfig task;  // 20 vectors of width 16, 8 classes
constexpr std::int64_t width = 32;

class Seeking final : public Reader {
 public:
  Seeking(const AttentionMaker& make, const nn::ParameterSource& source)
      : query_(source.make({.shape = {1, 1, width}}, width)),
        key_({.in = task.width, .out = width}, source),
        output_({.in = task.width, .out = task.classes}, source),
        attention_(make({.value = task.width, .positions = task.length}, source)) {}

  Answers answer(std::int64_t batch, Generator& examples, Generator* draws) const override {
    const models::NeedleBatch text = models::make_needles(task, batch, examples);
    const nn::AttentionMemory memory =
        attention_->project_keys({.key = key_.forward(text.x), .value = Variable(text.x)});
    const nn::AttentionOutput found =
        attention_->forward(expand(query_, {batch, 1, width}), memory, {.generator = draws});
    return {output_.forward(found.context), unsqueeze(text.labels, 1), {}, found};
  }
  std::vector<Variable> parameters() const override {
    std::vector<Variable> all{query_, key_.weight, key_.bias, output_.weight, output_.bias};
    const std::vector<Variable> more = attention_->parameters();
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }

 private:
  nn::Parameter query_;
  nn::Linear key_, output_;
  std::unique_ptr<AnyAttention> attention_;
};

}  // namespace

std::unique_ptr<Reader> needle_by_learned_query(const AttentionMaker& make, const nn::ParameterSource& source, bool) {
  return std::make_unique<Seeking>(make, source);
}

}  // namespace heed::examples
