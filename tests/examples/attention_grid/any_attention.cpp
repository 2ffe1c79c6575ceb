#include "examples/attention_grid/any_attention.h"

#include "heed/nn/attention/score/additive.h"
#include "heed/tensor/create.h"
#include "heed/tensor/error.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/refused.h"

using namespace heed;
using namespace heed::examples;

namespace {

const AttentionSizes sizes{.width = 4, .hidden = 3, .value = 4, .positions = 5, .window = 1};

std::unique_ptr<AnyAttention> make(const std::string& score, const std::string& align) {
  Generator generator(1);
  return make_attention(score, align, sizes, generator);
}

}  // namespace

TEST_CASE("any attention: all that go together, each under its name", "[attention]") {
  Generator generator(2);
  const Variable keys(normal(generator, {2, 5, 4})), query(normal(generator, {2, 1, 4}));
  int together = 0;
  for (const std::string& score : score_names())
    for (const std::string& align : align_names()) {
      INFO(score << " " << align);
      const auto attention = make(score, align);
      const bool expected = (align != "diagonal" || score == "uniform") &&
                            (align != "hard" || score != "feature-wise") &&
                            (align != "sum" || (score != "uniform" && score != "Gaussian"));
      CHECK((attention != nullptr) == expected);
      if (!attention) continue;
      ++together;
      try {
        const nn::AttentionOutput found = attention->forward(query, attention->project_keys({.key = keys}), {});
        CHECK(found.context.shape() == Shape{2, 1, 4});
        CHECK(found.weights.rank() == (score == "feature-wise" ? 4 : 3));
      } catch (const Error& error) {
        CHECK(align == "sum");
        CHECK(std::string(error.what()).starts_with("sum_normalised: a score is -"));
      }
    }
  CHECK(together == 15 * 7 - 14 - 1 - 2);
}

TEST_CASE("any attention is the attention it is named after", "[attention]") {
  Generator generator(2), weights(1);
  const Variable keys(normal(generator, {2, 5, 4})), query(normal(generator, {2, 3, 4}));
  const auto named = make("additive", "softmax");
  const nn::AdditiveAttention plain({.query = 4, .key = 4, .hidden = 3}, weights);
  CHECK(test::same_bits(named->forward(query, named->project_keys({.key = keys}), {}).context.value(),
                        plain.forward({.query = query, .key = keys}).context.value()));
  CHECK(named->parameters().size() == 3);
  CHECK(make("dot", "softmax")->parameters().empty());
  CHECK(make("dot", "local-p")->parameters().size() == 2);
  CHECK(test::refused<FormatError>([] { make("dog", "softmax"); }).starts_with("no score 'dog'; there are: dot, "));
  CHECK(test::refused<FormatError>([] { make("dot", "sharp"); }).starts_with("no align 'sharp'; there are: softmax, "));
}
