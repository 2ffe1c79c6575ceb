// GPT, BERT and the translating Transformer equal the same put together from PyTorch's layers.
#include "heed/models/bert.h"
#include "heed/models/gpt.h"
#include "heed/models/transformer.h"
#include "parity/golden.h"
#include "support/catch.h"

using namespace heed;
using heed::test::Golden;

namespace {

void check_gpt(Golden& golden) {
  models::Gpt gpt(
      {.vocabulary = 7,
       .context = 5,
       .embedding = 6,
       .heads = 2,
       .layers = 2,
       .feedforward = 8,
       .dropout = 0,
       .norm_first = golden.integer("norm_first") == 1,
       .positions = golden.integer("learned") == 1 ? models::GptPositions::learned : models::GptPositions::none,
       .dtype = golden.dtype()},
      nn::ParameterSource::zeros());
  golden.load(gpt);
  golden.compare({{"logits", gpt.forward({.ids = golden.tensor("in/ids")}).logits}});
}

void check_bert(Golden& golden) {
  models::Bert bert({.vocabulary = 7,
                     .positions = 5,
                     .embedding = 6,
                     .heads = 2,
                     .layers = 2,
                     .feedforward = 8,
                     .dropout = 0,
                     .dtype = golden.dtype()},
                    nn::ParameterSource::zeros());
  golden.load(bert);
  const Variable y = bert.forward({.ids = golden.tensor("in/ids"),
                                   .segments = golden.tensor("in/segments"),
                                   .mask = nn::length_mask(std::vector<std::int64_t>{3, 4}, 4)})
                         .y;
  golden.compare({{"y", y}, {"tokens", bert.token_logits(y)}, {"next", bert.next_sentence_logits(y)}});
}

void check_translator(Golden& golden) {
  models::Transformer model({.source_vocabulary = 7,
                             .target_vocabulary = 5,
                             .embedding = 6,
                             .heads = 2,
                             .layers = 2,
                             .feedforward = 8,
                             .dropout = 0,
                             .dtype = golden.dtype()},
                            nn::ParameterSource::zeros());
  golden.load(model);
  golden.compare(
      {{"logits",
        model.forward({.source = {golden.tensor("in/source"), {3, 4}}, .target = golden.tensor("in/target")}).logits}});
}

}  // namespace

TEST_CASE("models of Transformer layers equal PyTorch's layers put together", "[parity][transformer]") {
  for (Golden& golden : test::goldens("transformer_models")) {
    INFO(golden.name());
    if (golden.kind() == "gpt")
      check_gpt(golden);
    else if (golden.kind() == "bert")
      check_bert(golden);
    else
      check_translator(golden);
  }
}
