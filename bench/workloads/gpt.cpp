#include "workloads/gpt.h"

#include <memory>

#include "heed/autograd/backward.h"
#include "heed/autograd/fused/cross_entropy.h"
#include "heed/autograd/no_grad.h"
#include "heed/models/gpt.h"
#include "heed/nn/optim/adam.h"
#include "heed/tensor/ops/movement.h"
#include "workloads/training.h"

namespace heed::bench {
namespace {

models::Gpt model(const GptSizes& s) {
  models::Gpt gpt({.vocabulary = GptSizes::vocabulary,
                   .context = s.context,
                   .embedding = s.embedding,
                   .heads = s.heads,
                   .layers = s.layers,
                   .dropout = 0},
                  nn::ParameterSource::zeros());
  set_weights(gpt);
  return gpt;
}

Step train(const GptTraining& sizes) {
  const auto gpt = std::make_shared<models::Gpt>(model(sizes));
  const auto adam = std::make_shared<nn::AdamW>(nn::parameters(*gpt), nn::AdamW::Config{.learning_rate = 1e-3});
  const Shape shape{sizes.batch, sizes.context};
  return [=, tokens = ids("inputs", shape, GptSizes::vocabulary), labels = ids("labels", shape, GptSizes::vocabulary)] {
    adam->zero_grad();
    const Variable loss = cross_entropy(gpt->forward({.ids = tokens}).logits, labels);
    backward(loss);
    adam->step();
    return loss.item();
  };
}

struct Writing {
  models::Gpt gpt;
  models::Gpt::Cache cache = gpt.make_cache(1);
  Generator generator{1};
  Tensor id = zeros({1, 1}, DType::i64);
};

Step decode(const GptDecoding& sizes) {
  const auto text = std::make_shared<Writing>(Writing{model(sizes)});
  return [text] {
    const NoGrad no_gradients;
    if (text->cache[0].length() == text->cache[0].capacity())
      for (nn::KeyValueCache& layer : text->cache) layer.truncate(0);
    const Tensor logits =
        reshape(text->gpt.forward({.ids = text->id}, text->cache).logits.value(), {GptSizes::vocabulary});
    const std::int64_t next = nn::sample(logits, {.temperature = 0}, text->generator);
    *text->id.mutable_data<std::int64_t>() = next;
    return static_cast<double>(logits.data<float>()[next]);
  };
}

const bool registered = register_rows(gpt_trainings, train) && register_rows(gpt_decodings, decode);

}  // namespace
}  // namespace heed::bench
