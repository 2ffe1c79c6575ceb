// M-21: a word in the middle that follows from both sides is filled in by who reads both, and not by who reads the left
// alone; and whether a second sentence belongs to the first shows in the first token.
#include "examples/claims/all_claims.h"
#include "examples/claims/training.h"
#include "heed/autograd/fused/cross_entropy.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/record.h"
#include "heed/models/bert.h"
#include "heed/models/masked_tokens.h"
#include "heed/nn/attention/recorder.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/movement.h"

namespace heed::examples {
namespace {

// A text is [first] and two sentences of two groups of three words: left, middle, right, where the middle word is a
// function of the other two, drawn once. Words of a sentence are of one of two kinds, those of both sentences of the
// same kind where the second belongs to the first.
constexpr std::int64_t kinds = 2, words = 6, length = 13;
constexpr std::int64_t mask_token = kinds * words, first_token = mask_token + 1, vocabulary = first_token + 1;

struct Texts {
  Tensor ids, segments;  // [B, 13]
  Tensor middles;        // [B, 13] bool
  Tensor belongs;        // [B] i64
};

Texts draw_texts(const std::vector<std::int64_t>& function, std::int64_t batch, Generator& generator) {
  Texts result{zeros({batch, length}, DType::i64), zeros({batch, length}, DType::i64),
               zeros({batch, length}, DType::boolean), zeros({batch}, DType::i64)};
  for (std::int64_t b = 0; b < batch; ++b) {
    std::int64_t *id = result.ids.mutable_data<std::int64_t>() + b * length,
                 *segment = result.segments.mutable_data<std::int64_t>() + b * length;
    id[0] = first_token;
    const std::int64_t belongs = generator.uniform_int(2);
    std::int64_t kind = generator.uniform_int(kinds);
    for (std::int64_t group = 0; group < 4; ++group) {
      if (group == 2 && belongs == 0) kind = (kind + 1 + generator.uniform_int(kinds - 1)) % kinds;
      const std::int64_t left = generator.uniform_int(words), right = generator.uniform_int(words), at = 1 + 3 * group;
      const std::int64_t middle = function[to_size(left * words + right)];
      for (const auto& [place, word] : {std::pair(at, left), std::pair(at + 1, middle), std::pair(at + 2, right)}) {
        id[place] = kind * words + word;
        segment[place] = group / 2;
      }
      result.middles.mutable_data<bool>()[b * length + at + 1] = true;
    }
    result.belongs.mutable_data<std::int64_t>()[b] = belongs;
  }
  return result;
}

struct Measured {
  double middles, belongs;  // shares that are right
};

Measured train_and_measure(bool causal, nn::AttentionMap* map, const ClaimSettings& settings) {
  Generator weights = settings.generator(1), examples = settings.generator(2), fresh = settings.generator(3),
            drawn = settings.generator(0);
  std::vector<std::int64_t> function;
  for (std::int64_t i = 0; i < words * words; ++i) function.push_back(drawn.uniform_int(words));
  const models::Bert model({.vocabulary = vocabulary,
                            .positions = length,
                            .embedding = 64,
                            .heads = 4,
                            .layers = 2,
                            .feedforward = 128,
                            .dropout = 0},
                           weights);
  const auto read = [&](const Texts& texts, const Tensor& ids) {
    return model.forward({.ids = ids, .segments = texts.segments, .causal = causal}).y;
  };
  train(nn::parameters(model), {.steps = settings.quick ? 550 : 1500, .learning_rate = 2e-3}, [&] {
    const Texts texts = draw_texts(function, 64, examples);
    const models::MaskedTokens masked = models::mask_tokens(
        texts.ids, texts.middles, {.mask_token = mask_token, .vocabulary = vocabulary, .rate = 0.5}, examples);
    const Variable y = read(texts, masked.ids);
    return cross_entropy(model.token_logits(y), texts.ids, to(masked.chosen, DType::f32)) +
           cross_entropy(model.next_sentence_logits(y), texts.belongs);
  });
  const NoGrad no_gradients;
  const Texts texts = draw_texts(function, 1000, fresh);
  const models::MaskedTokens masked = models::mask_tokens(
      texts.ids, texts.middles,
      {.mask_token = mask_token, .vocabulary = vocabulary, .rate = 0.5, .hidden = 1, .replaced = 0}, fresh);
  const Variable y = read(texts, masked.ids);
  if (map) {
    const nn::AttentionRecorder recorder(model);
    const Tensor one = slice(masked.ids, 0, 0, 1);
    (void)model.forward({.ids = one, .segments = slice(texts.segments, 0, 0, 1)});
    std::vector<std::string> names;
    for (std::int64_t i = 0; i < length; ++i) {
      const auto id = select(select(one, 0, 0), 0, i).item<std::int64_t>();
      names.push_back(id == mask_token ? "[mask]"
                      : id == first_token
                          ? "[first]"
                          : std::string(1, static_cast<char>('a' + id / words)) + std::to_string(id % words));
    }
    const nn::AttentionRecord& found = recorder.records().at(0);
    *map = nn::attention_map(found.module, found.weights, 0, names, names);
  }
  return {accuracy(model.token_logits(y).value(), texts.ids, to(masked.chosen, DType::f32)),
          accuracy(model.next_sentence_logits(y).value(), texts.belongs)};
}

ClaimResult run(const ClaimSettings& settings) {
  nn::AttentionMap map;
  const Measured both = train_and_measure(false, &map, settings), left = train_and_measure(true, nullptr, settings);
  ClaimResult result;
  result.criteria = {at_least("hidden words that follow from both sides, right: BERT", both.middles, 0.95),
                     at_most("the same, reading to the left only", left.middles, 0.60),
                     at_least("whether the second sentence belongs to the first, right", both.belongs, 0.90)};
  result.map = nn::Heatmap{.title = "Where the first layer's first head looked",
                           .target = map.queries,
                           .source = map.keys,
                           .weights = select(map.weights, 0, 0).clone()};
  result.attention = {map};
  return result;
}

}  // namespace

Claim bert() { return {"M-21", "Who reads both sides fills a gap", "Devlin et al. 2019", run}; }

}  // namespace heed::examples
