#include "examples/claims/sentence_reader.h"

#include <cmath>

#include "heed/tensor/create.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/ops/reduce.h"
#include "support/array.h"
#include "support/catch.h"

using namespace heed;
using namespace heed::examples;

namespace {

const Tensor ids = tensor({0, 1, 2, 1, 0, 2}, {2, 3}, DType::i64);

SentenceReader small_reader() {
  Generator generator(1);
  return SentenceReader({.vocabulary = 3, .classes = 2, .width = 8}, generator);
}

}  // namespace

TEST_CASE("sentence reader: every word and its place count", "[claims]") {
  const SentenceReader reader = small_reader();
  const auto told = [&](std::int64_t position) {
    return test::to_array(reader.forward(ids, position).value()).numbers;
  };
  CHECK(reader.forward(ids, 2).shape() == Shape{2, 2});
  CHECK(told(0) != told(2));
  const std::vector<double> last = told(2);  // the same word in both, behind others in another order
  CHECK(std::abs(last[0] - last[2]) > 1e-3);
}

TEST_CASE("sentence reader: weights of every layer, and a map for each sentence", "[claims]") {
  const std::vector<Tensor> layers = layer_weights(small_reader(), ids);
  REQUIRE(layers.size() == 2);
  for (const Tensor& weights : layers) {
    CHECK(weights.shape() == Shape{2, 1, 3, 3});
    for (const double total : test::to_array(sum(weights, Axes{-1})).numbers) CHECK(total == Approx(1));
  }
  const models::WordList list("test", {"a", "b", "c"});
  CHECK(words_of(list, ids, 1) == std::vector<std::string>{"b", "a", "c"});
  const std::vector<nn::AttentionMap> maps = sentence_maps("layer 1", layers[0], list, ids);
  REQUIRE(maps.size() == 2);
  CHECK(maps[1].layer == "layer 1");
  CHECK(maps[1].step == "sentence 2");
  CHECK(maps[1].queries == std::vector<std::string>{"b", "a", "c"});
  CHECK(maps[1].keys == maps[1].queries);
  CHECK(test::to_array(maps[1].weights).numbers == test::to_array(select(layers[0], 0, 1)).numbers);
}
