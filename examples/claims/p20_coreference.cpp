// P-20: whom does "it" mean? The adjective says whether who acted or who was acted upon, so that two words far apart
// have to be put together: one layer reads, the next looks where that says.
#include <fmt/format.h>

#include "examples/claims/all_claims.h"
#include "examples/claims/sentence_reader.h"
#include "examples/claims/training.h"
#include "heed/autograd/fused/cross_entropy.h"
#include "heed/autograd/record.h"
#include "heed/models/tasks/coreference.h"
#include "heed/nn/mask.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/matmul.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/ops/reduce.h"

namespace heed::examples {
namespace {

constexpr std::int64_t first_noun = 1, second_noun = 4;

SentenceReader trained(std::int64_t layers, const models::CoreferenceConfig& task, const ClaimSettings& settings) {
  Generator weights = settings.generator(1), examples = settings.generator(2);
  SentenceReader reader(
      {.vocabulary = models::coreference_words().size(), .classes = models::coreference_nouns(), .layers = layers},
      weights);
  train(nn::parameters(reader), {.steps = settings.quick ? 700 : 1000, .learning_rate = 5e-3}, [&] {
    const models::CoreferenceBatch batch = models::make_coreferences(task, 64, examples);
    return cross_entropy(reader.forward(batch.ids, batch.it), batch.labels);
  });
  return reader;
}

double right(const SentenceReader& reader, const models::CoreferenceBatch& test) {
  const NoGrad no_gradients;
  return accuracy(reader.forward(test.ids, test.it).value(), test.labels);
}

// What each word has read of each through all layers, residual connections counted as half (attention rollout, Abnar
// and Zuidema 2020): layers of [B, 1, T, T] -> [B, T, T]. The last layer alone does not tell: a noun may have been
// carried to another word before.
Tensor rollout(const std::vector<Tensor>& layers) {
  const std::int64_t words = layers.at(0).size(2);
  const Tensor itself = to(nn::window_mask(words, words, 0, 0), DType::f32) * 0.5;
  Tensor read;
  for (const Tensor& weights : layers) {
    const Tensor mixed = squeeze(weights, 1) * 0.5 + itself;
    read = read.defined() ? matmul(mixed, read) : mixed;
  }
  return read;
}

// The share of sentences in which the row of "it" has more on the noun that is meant than on the other.
double looks_right(const Tensor& rows, const models::CoreferenceBatch& test) {
  const Tensor on_nouns =
      concat({slice(rows, 1, first_noun, first_noun + 1), slice(rows, 1, second_noun, second_noun + 1)}, 1);
  return accuracy(on_nouns, to(equal(test.antecedent, second_noun), DType::i64));
}

// One sentence twice, with an adjective of who acted and one of who was acted upon.
Tensor hungry_and_slow(const models::CoreferenceBatch& test) {
  const Tensor one = slice(test.ids, 0, 0, 1);
  const auto with = [&](std::string_view adjective) {
    const Tensor last = full({1, 1}, models::coreference_words().id(adjective), DType::i64);
    return concat({slice(one, 1, 0, one.size(1) - 1), last}, 1);
  };
  return concat({with("hungry"), with("slow")}, 0);
}

nn::Heatmap picture(const Tensor& read, const Tensor& ids, std::int64_t it) {
  nn::Heatmap map{.title = "What \"it\" has read, when it was hungry and when it was slow",
                  .target = {"it (hungry)", "it (slow)"},
                  .source = words_of(models::coreference_words(), ids, 0),
                  .weights = select(read, 1, it).clone(),
                  .gold = {{first_noun}, {second_noun}},
                  .target_title = "word",
                  .source_title = "sentence"};
  map.source.back() = "(adjective)";
  return map;
}

ClaimResult run(const ClaimSettings& settings) {
  const models::CoreferenceConfig task{.fillers = settings.quick ? 2 : 4};
  Generator fresh = settings.generator(3);
  const models::CoreferenceBatch test = models::make_coreferences(task, 2000, fresh);
  const SentenceReader reader = trained(2, task, settings);
  const std::vector<Tensor> layers = layer_weights(reader, test.ids);
  const std::string words = fmt::format("{} fillers between the nouns and \"it\"", task.fillers);
  ClaimResult result{.criteria = {at_least(words + ", nouns right: two layers", right(reader, test), 0.97),
                                  at_least("the same: sentences where \"it\" has read more of the noun that is meant",
                                           looks_right(select(rollout(layers), 1, test.it), test), 0.90)},
                     .notes = {fmt::format("by the second layer's weights alone {:.3f}",
                                           looks_right(select(squeeze(layers.at(1), 1), 1, test.it), test))}};
  if (!settings.quick)
    result.notes.push_back(fmt::format("nouns right: one layer {:.3f}", right(trained(1, task, settings), test)));
  const Tensor both = hungry_and_slow(test);
  const std::vector<Tensor> shown = layer_weights(reader, both);
  result.map = picture(rollout(shown), both, test.it);
  for (std::size_t layer = 0; layer < shown.size(); ++layer)
    for (nn::AttentionMap& map :
         sentence_maps(fmt::format("layer {}", layer + 1), shown[layer], models::coreference_words(), both))
      result.attention.push_back(std::move(map));
  return result;
}

}  // namespace

Claim coreference() {
  return {"P-20", "\"It\" takes its meaning from the noun that the sentence tells", "Vaswani et al. 2017", run};
}

}  // namespace heed::examples
