#include "workloads/generate.h"

#include <memory>

#include "heed/autograd/record.h"
#include "heed/models/recurrent_lm.h"
#include "heed/nn/seq2seq/sampling.h"
#include "heed/tensor/ops/movement.h"
#include "workloads/training.h"

namespace heed::bench {
namespace {

struct Writing {
  models::LstmLm lm;
  Generator generator{1};
  Tensor id = zeros({1, 1}, DType::i64);
  nn::LstmCell::State carried = {};
};

Step prepare(const Generate& sizes) {
  const auto text = std::make_shared<Writing>(Writing{
      models::LstmLm({.vocabulary = Generate::vocabulary, .embedding = Generate::embedding, .hidden = sizes.hidden},
                     nn::ParameterSource::zeros())});
  set_weights(text->lm);
  return [text] {
    const NoGrad no_gradients;
    auto read = text->lm.forward(text->id, text->carried);
    text->carried = std::move(read.final_state);
    const Tensor logits = reshape(read.logits.value(), {Generate::vocabulary});
    const std::int64_t next = nn::sample(logits, {.temperature = 0}, text->generator);
    *text->id.mutable_data<std::int64_t>() = next;
    return static_cast<double>(logits.data<float>()[next]);
  };
}

const bool registered = register_rows(generates, prepare);

}  // namespace
}  // namespace heed::bench
