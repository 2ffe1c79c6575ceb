// Recurrent language models: reading on, what they learn, and the sums they can be shown.
#include "heed/models/recurrent_lm.h"

#include "heed/autograd/backward.h"
#include "heed/autograd/fused/cross_entropy.h"
#include "heed/models/tasks/sums.h"
#include "heed/nn/optim/adam.h"
#include "heed/tensor/create.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/refused.h"

using namespace heed;

TEMPLATE_TEST_CASE("a language model reads on from its state", "[models][recurrent_lm]", models::RnnLm, models::LstmLm,
                   models::GruLm) {
  Generator generator(1);
  const TestType lm({.vocabulary = 7, .embedding = 3, .hidden = 4, .layers = 2, .dropout = 0.5}, generator);
  const Tensor ids = tensor({1, 2, 3, 4, 5, 6, 0, 1, 2, 3}, {2, 5}, DType::i64);
  const auto whole = lm.forward(ids);
  CHECK(whole.logits.shape() == Shape{2, 5, 7});
  const auto begin = lm.forward(slice(ids, 1, 0, 2));
  const auto rest = lm.forward(slice(ids, 1, 2, 5), nn::detach_state(begin.final_state));
  CHECK(test::same_bits(rest.logits.value(), slice(whole.logits.value(), 1, 2, 5).clone()));
  const Variable logits = lm.forward(ids, {}, &generator).logits;  // in training
  CHECK_FALSE(test::same_bits(logits.value(), whole.logits.value()));
  CHECK_THROWS_AS(lm.forward(tensor({7}, {1, 1}, DType::i64)), IndexError);
  CHECK_THROWS_AS(TestType({.vocabulary = 0}, generator), ShapeError);
}

TEMPLATE_TEST_CASE("a language model learns a text that repeats", "[models][recurrent_lm]", models::RnnLm,
                   models::LstmLm, models::GruLm) {
  Generator generator(2);
  const TestType lm({.vocabulary = 5, .embedding = 4, .hidden = 12}, generator);
  // 0 0 1 0 0 2 0 0 3 …: after two zeros, what comes depends on what was three tokens before.
  std::vector<std::int64_t> text;
  for (std::int64_t i = 0; i < 40; ++i) text.insert(text.end(), {0, 0, 1 + i % 4});
  const auto part = [&](std::size_t from) {
    Tensor ids = empty({1, 100}, DType::i64);
    std::copy_n(text.begin() + static_cast<std::ptrdiff_t>(from), 100, ids.template mutable_data<std::int64_t>());
    return ids;
  };
  nn::Adam adam(nn::parameters(lm), {.learning_rate = 0.02});
  double loss = 0;
  for (int step = 0; step < 150; ++step) {
    adam.zero_grad();
    const Variable l = cross_entropy(lm.forward(part(0)).logits, part(1));
    loss = l.item();
    backward(l);
    adam.step();
  }
  CHECK(loss < 0.1);
}

TEST_CASE("sums in words are right", "[models]") {
  CHECK(models::number_in_words(0) == "zero");
  CHECK(models::number_in_words(13) == "thirteen");
  CHECK(models::number_in_words(20) == "twenty");
  CHECK(models::number_in_words(31) == "thirty-one");
  CHECK(models::number_in_words(40) == "forty");
  CHECK(test::refused<IndexError>([] { (void)models::number_in_words(41); }) ==
        "number_in_words: 41 is outside 0 to 40");
  CHECK_THROWS_AS(models::number_in_words(-1), IndexError);
  Generator generator(3), same(3);
  for (int i = 0; i < 20; ++i) {
    const std::int64_t a = same.uniform_int(21), b = same.uniform_int(21);
    CHECK(models::make_sum(generator) == models::number_in_words(a) + " plus " + models::number_in_words(b) + " is " +
                                             models::number_in_words(a + b) + ".");
  }
}

TEST_CASE("sums: how many of the lines a model writes are right", "[models]") {
  const auto right = [](std::string_view text) { return models::right_sums(text).value_or(-1); };
  CHECK(right("") == -1);
  CHECK(right("one plus one is two.\n") == -1);  // its beginning may be missing
  CHECK(right("\none plus one is two.\n") == 1);
  CHECK(right("\none plus one is two.") == -1);
  CHECK(right("x\none plus one is three.\nnine plus twenty is twenty-nine.\none plus one is two") == 0.5);
  CHECK(right("\none plus one is two\n\none plus one is two. \ntwo.\n") == 0);
  CHECK(right("\none plus oen is two.\none plus twenty-one is twenty-two.\n") == 0);
}
