// Any model, any layer: what recorders see of whole models, and that training does not notice them.
#include <map>

#include "heed/autograd/backward.h"
#include "heed/autograd/fused/cross_entropy.h"
#include "heed/models/gpt.h"
#include "heed/models/han.h"
#include "heed/models/rnnsearch.h"
#include "heed/models/seed_attention.h"
#include "heed/models/transformer.h"
#include "heed/nn/attention/recorder.h"
#include "heed/nn/optim/adam.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/movement.h"
#include "support/array.h"
#include "support/catch.h"

using namespace heed;
using nn::AttentionRecorder;

namespace {

constexpr AttentionRecorder::Config everything{.scores = true, .contexts = true, .gradients = true};

models::Gpt gpt(double dropout) {
  Generator generator(1);
  return {{.vocabulary = 11, .context = 16, .embedding = 8, .heads = 2, .layers = 2, .dropout = dropout}, generator};
}

models::SourceBatch sources() { return {tensor({4, 5, 3, 6, 2, 1, 5, 0, 0, 0}, {2, 5}, DType::i64), {5, 2}}; }
Tensor targets() { return tensor({1, 3, 4, 1, 5, 5}, {2, 3}, DType::i64); }

models::RnnSearch rnnsearch() {
  Generator generator(5);
  return {{.source_vocabulary = 7, .target_vocabulary = 6, .embedding = 3, .hidden = 4, .alignment = 5, .maxout = 2},
          generator};
}

// The weights after four steps of Adam, with recorders of everything or without.
template <class Model, class Loss>
nn::StateDict trained(Model model, bool recorded, const Loss& loss, std::int64_t& seen) {
  nn::Adam optimizer(nn::named_parameters(model), {.learning_rate = 1e-2});
  Generator draws(9);
  for (int step = 0; step < 4; ++step) {
    std::optional<AttentionRecorder> recorder;
    if (recorded) recorder.emplace(model, everything);
    optimizer.zero_grad();
    backward(loss(model, draws));
    optimizer.step();
    if (recorder)
      for (const nn::AttentionRecord& record : recorder->records()) seen += record.gradient().defined() ? 1 : 0;
  }
  nn::StateDict state;
  for (const auto& [name, value] : nn::state_dict(model)) state.emplace(name, value.clone());
  return state;
}

template <class Model, class Loss>
void check_untouched(const Model& model, std::int64_t calls, const Loss& loss) {
  std::int64_t none = 0, seen = 0;
  const nn::StateDict without = trained(model, false, loss, none), with = trained(model, true, loss, seen);
  CHECK(seen == calls);
  REQUIRE(without.size() == with.size());
  for (const auto& [name, value] : without) {
    CAPTURE(name);
    CHECK(test::same_bits(value, with.at(name)));
  }
  CHECK(!test::same_bits(without.begin()->second, nn::state_dict(model).at(without.begin()->first)));
}

}  // namespace

TEST_CASE("recording changes no bit of a training", "[models][recorder]") {
  const Tensor ids = tensor({1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, {2, 5}, DType::i64);
  check_untouched(gpt(0.3), 4 * 2, [&](models::Gpt& model, Generator& draws) {
    return cross_entropy(reshape(model.forward({.ids = ids, .generator = &draws}).logits, {10, 11}),
                         reshape(ids, {10}));
  });
  check_untouched(rnnsearch(), 4 * 3, [&](models::RnnSearch& model, Generator&) {
    return cross_entropy(reshape(model.forward(sources(), targets()).logits, {6, 6}), reshape(targets(), {6}));
  });
}

TEST_CASE("every layer of a Transformer is recorded under its name", "[models][recorder]") {
  Generator generator(2);
  const models::Transformer model({.source_vocabulary = 7,
                                   .target_vocabulary = 6,
                                   .embedding = 8,
                                   .heads = 2,
                                   .layers = 2,
                                   .feedforward = 8,
                                   .dropout = 0},
                                  generator);
  const AttentionRecorder recorder(model);
  const auto found = model.forward({.source = sources(), .target = targets(), .need_weights = true});
  REQUIRE(recorder.records().size() == 6);
  for (std::size_t layer = 0; layer < 2; ++layer) {
    const std::string number = std::to_string(layer), decoder = "decoder.layers." + number;
    const auto weights = [&](const std::string& name) { return recorder.of(name).at(0).weights; };
    CHECK(test::same_bits(weights("encoder.layers." + number + ".self_attn"), found.encoder[layer].weights.value()));
    CHECK(test::same_bits(weights(decoder + ".self_attn"), found.decoder[layer].self_weights.value()));
    CHECK(test::same_bits(weights(decoder + ".multihead_attn"), found.decoder[layer].memory_weights.value()));
  }
}

TEST_CASE("a decoder's steps are recorded one by one and joined", "[models][recorder]") {
  const models::RnnSearch model = rnnsearch();
  const AttentionRecorder recorder(model);
  const auto found = model.forward(sources(), targets());
  REQUIRE(recorder.of("attention").size() == 3);
  CHECK(test::same_bits(select(nn::join_queries(recorder.of("attention")).weights, 1, 0), found.weights.value()));
}

TEST_CASE("what a model generates is recorded step by step through its caches", "[models][recorder]") {
  const models::Gpt model = gpt(0);
  const AttentionRecorder recorder(model);
  Generator draws(1);
  const auto written = model.generate({{1, 2, 3}}, {.tokens = 4, .sampling = {.temperature = 0}}, draws);
  const nn::AttentionRecord all = nn::join_queries(recorder.of("layers.1.self_attn"));
  const std::int64_t read = all.weights.size(2);
  CHECK(read == 3 + 4 - 1);  // nobody reads what was written last
  std::vector<std::int64_t> ids{1, 2, 3};
  ids.insert(ids.end(), written[0].begin(), written[0].end() - 1);
  const Tensor text = tensor(std::span<const std::int64_t>(ids), {1, read});
  const auto whole = model.forward({.ids = text, .need_weights = true});
  CHECK(test::difference(all.weights, test::to_array(whole.layers[1].weights.value()), 64, 1) == "");
}

TEST_CASE("both levels of a hierarchy and the first textbooks' attention are recorded", "[models][recorder]") {
  Generator generator(3);
  const models::Han han({.vocabulary = 9, .classes = 2, .embedding = 4, .hidden = 3, .attention = 3}, generator);
  const AttentionRecorder recorder(han);
  const Tensor ids = tensor({1, 2, 3, 4, 5, 6}, {1, 2, 3}, DType::i64);
  const models::HanOutput found = han.forward(ids, {});
  const Tensor words = recorder.of("word_pooling").at(0).weights;
  CHECK(test::same_bits(reshape(words, {1, 2, 3}), found.word_weights.value()));
  CHECK(
      test::same_bits(reshape(recorder.of("sentence_pooling").at(0).weights, {1, 2}), found.sentence_weights.value()));

  const models::SeedAttention seed({.width = 4}, generator);
  const AttentionRecorder of_seed(seed, everything);
  const nn::AttentionOutput context = seed.forward(Variable(normal(generator, {3, 4})));
  backward(context.context, ones({3, 4}));
  CHECK(test::same_bits(reshape(of_seed.of("").at(0).weights, {3, 3}), context.weights.value()));
  CHECK(of_seed.of("").at(0).gradient().shape() == Shape{1, 1, 3, 3});
}
