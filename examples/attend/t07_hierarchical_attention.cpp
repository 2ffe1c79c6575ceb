// T-07: words make sentences and sentences make the document; attention to both finds the sentence with the topic,
// which a bag of words cannot (models/tasks/topic_documents.h).
#include <fmt/format.h>

#include "examples/attend/gold.h"
#include "examples/attend/mechanisms.h"
#include "examples/claims/training.h"
#include "heed/autograd/fused/cross_entropy.h"
#include "heed/autograd/record.h"
#include "heed/models/han.h"
#include "heed/models/tasks/topic_documents.h"
#include "heed/models/text_classifier.h"
#include "heed/nn/attention/recorder.h"
#include "heed/tensor/ops/movement.h"

namespace heed::examples {
namespace {

using models::BagClassifier;
using models::Han;
using models::TopicDocuments;

constexpr models::TopicDocumentsConfig task;  // 6 sentences of 8 words
constexpr std::int64_t test_documents = 2000;

Variable logits(const Han& han, const Tensor& ids) { return han.forward(ids, {}).logits; }

Variable logits(const BagClassifier& bag, const Tensor& ids) {
  return bag.forward(reshape(ids, {ids.size(0), task.sentences * task.words}), {});
}

template <class Net>
Net trained(const typename Net::Config& config, const ClaimSettings& settings) {
  Generator weights = settings.generator(1), examples = settings.generator(2);
  Net net(config, weights);
  train(nn::parameters(net), {.steps = settings.quick ? 300 : 1000, .learning_rate = 2e-2}, [&] {
    const TopicDocuments batch = models::make_topic_documents(task, 64, examples);
    return cross_entropy(logits(net, batch.ids), batch.labels);
  });
  return net;
}

template <class Net>
double right(const Net& net, const TopicDocuments& test) {
  const NoGrad no_gradients;
  return accuracy(logits(net, test.ids).value(), test.labels);
}

nn::Heatmap picture(const Tensor& weights, const TopicDocuments& test) {
  nn::Heatmap map{.title = "Which sentences the hierarchy looked at",
                  .weights = slice(weights, 0, 0, 8).clone(),
                  .target_title = "document",
                  .source_title = "sentence"};
  for (std::int64_t b = 0; b < 8; ++b) {
    const std::int64_t gold = test.sentence.data<std::int64_t>()[b];
    map.target.push_back(fmt::format("{}: topic in {}", b + 1, gold + 1));
    map.gold.push_back({gold});
  }
  for (std::int64_t s = 0; s < task.sentences; ++s) map.source.push_back(fmt::to_string(s + 1));
  return map;
}

// The first document as the paper draws it: a line for each sentence, its weight in front, and behind each word that
// has some of the sentence's weight, how much.
std::vector<std::string> reading(const models::HanOutput& found, const TopicDocuments& test) {
  const auto* const ids = test.ids.data<std::int64_t>();
  const Tensor sentences = found.sentence_weights.value(), words = found.word_weights.value();
  std::vector<std::string> lines{"document 1, sentence by sentence, with the weight of each and of its words:"};
  for (std::int64_t s = 0; s < task.sentences; ++s) {
    std::string line = fmt::format("{:.2f} ", sentences.data<float>()[s]);
    for (std::int64_t t = 0; t < task.words; ++t) {
      const std::int64_t i = s * task.words + t;
      const double weight = words.data<float>()[i];
      line += fmt::format(" {}", models::topic_word(ids[i]));
      if (weight >= 0.1) line += fmt::format("({:.2f})", weight);
    }
    lines.push_back(line);
  }
  return lines;
}

// The first document: its sentences as the upper level sees them, then each sentence's words.
std::vector<nn::AttentionMap> attention(const Han& han, const TopicDocuments& test) {
  const nn::AttentionRecorder recorder(han);
  han.forward(slice(test.ids, 0, 0, 1), {});
  std::vector<std::string> sentences;
  for (std::int64_t s = 0; s < task.sentences; ++s) sentences.push_back(fmt::format("sentence {}", s + 1));
  std::vector<nn::AttentionMap> maps{
      nn::attention_map("sentence_pooling", recorder.of("sentence_pooling").at(0).weights, 0, {"document"}, sentences)};
  const Tensor words = recorder.of("word_pooling").at(0).weights;  // [sentences, 1, 1, words]
  for (std::int64_t s = 0; s < task.sentences; ++s) {
    std::vector<std::string> tokens;
    for (std::int64_t t = 0; t < task.words; ++t)
      tokens.emplace_back(models::topic_word(test.ids.data<std::int64_t>()[s * task.words + t]));
    const std::string& sentence = sentences[static_cast<std::size_t>(s)];
    maps.push_back(nn::attention_map("word_pooling", words, s, {sentence}, tokens));
    maps.back().step = sentence;
  }
  return maps;
}

ClaimResult run(const ClaimSettings& settings) {
  const Han han = trained<Han>(
      {.vocabulary = models::topic_vocabulary(), .classes = 2, .embedding = 32, .hidden = 16, .attention = 32},
      settings);
  const BagClassifier bag = trained<BagClassifier>({.vocabulary = models::topic_vocabulary(), .classes = 2}, settings);
  Generator fresh = settings.generator(3);
  const TopicDocuments test = models::make_topic_documents(task, test_documents, fresh);
  const NoGrad no_gradients;
  const models::HanOutput found = han.forward(test.ids, {});
  return {
      .criteria = {at_least("hierarchical attention, labels right", right(han, test), 0.95),
                   at_least("mean weight on the topic's sentence (uniform: 0.167)",
                            weight_on(found.sentence_weights.value(), test.sentence), 0.80),
                   at_most("mean of word vectors, labels right (counting opinions: 0.656)", right(bag, test), 0.70)},
      .notes = reading(found, test),
      .map = picture(found.sentence_weights.value(), test),
      .attention = attention(han, test)};
}

}  // namespace

Claim hierarchical_attention() {
  return {"T-07", "Attention to words, then to sentences, finds the sentence about the topic", "Yang et al. 2016", run};
}

}  // namespace heed::examples
