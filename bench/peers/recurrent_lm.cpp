#include "workloads/recurrent_lm.h"

#include <torch/nn/functional/loss.h>
#include <torch/nn/modules/embedding.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/modules/rnn.h>

#include <memory>

#include "peers/training.h"
#include "workloads/values.h"

namespace heed::bench {
namespace {

namespace nn = torch::nn;

template <class Rnn>
struct Lm : nn::Module {
  nn::Embedding embedding;
  Rnn rnn;
  nn::Linear output;

  template <class Options>
  explicit Lm(const RecurrentLm& sizes, const Options& options)
      : embedding(RecurrentLm::vocabulary, RecurrentLm::embedding),
        rnn(options),
        output(sizes.hidden, RecurrentLm::vocabulary) {
    register_module("embedding", embedding);
    register_module("rnn", rnn);
    register_module("output", output);
    for (auto& parameter : named_parameters())
      fill_weights(parameter.key(),
                   {parameter->mutable_data_ptr<float>(), static_cast<std::size_t>(parameter->numel())});
  }

  at::Tensor forward(const at::Tensor& tokens) { return output(std::get<0>(rnn(embedding(tokens)))); }
};

template <class Rnn, class Options>
Step training(const RecurrentLm& sizes, Options options) {
  options.num_layers(sizes.layers);
  const auto lm = std::make_shared<Lm<Rnn>>(sizes, options);
  const auto adam = std::make_shared<FusedAdam>(lm->parameters());
  // Time first, as libtorch computes; the loss is the mean over both axes.
  const auto read = [](const char* name) {
    return ids(name, {RecurrentLm::batch, RecurrentLm::length}, RecurrentLm::vocabulary).t().contiguous();
  };
  return [=, tokens = read("inputs"), labels = read("labels").reshape(-1)] {
    adam->zero_grad();
    const at::Tensor logits = lm->forward(tokens);
    const at::Tensor loss = at::cross_entropy_loss(logits.view({-1, RecurrentLm::vocabulary}), labels);
    loss.backward();
    adam->step();
    return loss.template item<double>();
  };
}

Step prepare(const RecurrentLm& sizes) {
  const std::int64_t in = RecurrentLm::embedding, hidden = sizes.hidden;
  if (sizes.gates == 4) return training<nn::LSTM>(sizes, nn::LSTMOptions(in, hidden));
  if (sizes.gates == 3) return training<nn::GRU>(sizes, nn::GRUOptions(in, hidden));
  return training<nn::RNN>(sizes, nn::RNNOptions(in, hidden));
}

const bool registered = register_rows(recurrent_lms, prepare);

}  // namespace
}  // namespace heed::bench
