#include "workloads/recurrent_lm.h"

#include <memory>

#include "heed/autograd/backward.h"
#include "heed/autograd/fused/cross_entropy.h"
#include "heed/models/recurrent_lm.h"
#include "heed/nn/optim/adam.h"
#include "workloads/training.h"

namespace heed::bench {
namespace {

template <class Lm>
Step training(const RecurrentLm& sizes) {
  const auto lm = std::make_shared<Lm>(models::RecurrentLmConfig{.vocabulary = RecurrentLm::vocabulary,
                                                                 .embedding = RecurrentLm::embedding,
                                                                 .hidden = sizes.hidden,
                                                                 .layers = sizes.layers},
                                       nn::ParameterSource::zeros());
  set_weights(*lm);
  const auto adam = std::make_shared<nn::Adam>(nn::parameters(*lm), nn::Adam::Config{.learning_rate = 1e-3});
  const Shape shape{RecurrentLm::batch, RecurrentLm::length};
  return [=, tokens = ids("inputs", shape, RecurrentLm::vocabulary),
          labels = ids("labels", shape, RecurrentLm::vocabulary)] {
    adam->zero_grad();
    const Variable loss = cross_entropy(lm->forward(tokens).logits, labels);
    backward(loss);
    adam->step();
    return loss.item();
  };
}

Step prepare(const RecurrentLm& sizes) {
  if (sizes.gates == 4) return training<models::LstmLm>(sizes);
  if (sizes.gates == 3) return training<models::GruLm>(sizes);
  return training<models::RnnLm>(sizes);
}

const bool registered = register_rows(recurrent_lms, prepare);

}  // namespace
}  // namespace heed::bench
