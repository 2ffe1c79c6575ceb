// Scores and draws of attention equal PyTorch's Bilinear, cosine_similarity and gumbel_softmax.
#include "heed/autograd/ops/elementwise.h"
#include "heed/nn/attention/align/gumbel_softmax.h"
#include "heed/nn/attention/score/cosine.h"
#include "heed/nn/attention/score/general.h"
#include "parity/golden.h"
#include "support/catch.h"

using namespace heed;
using heed::test::Golden;

namespace {

template <class Score>
void compare_score(Golden& golden, const typename Score::Config& config) {
  Generator generator(1);
  Score score(config, generator);
  golden.load(score);
  golden.compare({{"e", score.forward(golden.input("query"), score.project_keys(golden.input("keys")))}});
}

// The noise of the same u, which F.gumbel_softmax draws itself.
void compare_gumbel(Golden& golden) {
  const nn::GumbelSoftmaxAlign align({.temperature = golden.number("temperature"), .hard = golden.number("hard") == 1});
  const Variable noise(nn::gumbel_noise(golden.tensor("set/u")));
  golden.compare({{"y", align.forward(golden.input("scores") + noise, {}, {}).weights}});
}

}  // namespace

TEST_CASE("attention scores and Gumbel-softmax equal PyTorch's", "[parity]") {
  for (Golden& golden : test::goldens("attention_scores")) {
    if (golden.kind() == "general")
      compare_score<nn::GeneralScore>(
          golden, {.query = golden.integer("query"), .key = golden.integer("key"), .dtype = golden.dtype()});
    else if (golden.kind() == "cosine")
      compare_score<nn::CosineScore>(golden, {.dtype = golden.dtype()});
    else
      compare_gumbel(golden);
  }
}
