// Attention via attention: who asks whom, masks of both levels, gradients, and what characters show that no query for
// them alone finds.
#include "heed/nn/attention/attention_via_attention.h"

#include <limits>

#include "heed/autograd/backward.h"
#include "heed/autograd/fused/cross_entropy.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/nn/attention/score/biased_general.h"
#include "heed/nn/attention/score/general.h"
#include "heed/nn/embedding.h"
#include "heed/nn/linear.h"
#include "heed/nn/optim/adam.h"
#include "heed/nn/train/accuracy.h"
#include "heed/tensor/create.h"
#include "heed/tensor/mutate.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/reduce.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/layouts.h"
#include "support/module_gradcheck.h"
#include "support/refused.h"

using namespace heed;
using nn::AttentionViaAttentionOutput;
using Via = nn::AttentionViaAttention<nn::GeneralScore>;

namespace {

constexpr std::int64_t B = 2, T = 3, words = 3, characters = 5, Q = 2, D = 3, E = 4;

Via make() {
  Generator generator(1);
  return {{.high = {.query = Q, .key = D, .dtype = DType::f64}, .low = {.query = Q + D, .key = E, .dtype = DType::f64}},
          generator};
}

struct Given {
  Tensor query, high, low;
  Tensor high_mask = nn::length_mask(std::vector<std::int64_t>{2, 0}, words),
         low_mask = nn::length_mask(std::vector<std::int64_t>{4, 5}, characters);

  explicit Given(std::uint64_t seed) {
    test::Numbers numbers(seed);
    query = numbers.uniform({B, T, Q});
    high = numbers.uniform({B, words, D});
    low = numbers.uniform({B, characters, E});
  }
};

AttentionViaAttentionOutput run(const Via& via, const Variable& query, const Variable& high, const Variable& low,
                                const Given& masks) {
  return via.forward(query, via.project_keys({high, {}, masks.high_mask}, {low, {}, masks.low_mask}));
}

}  // namespace

TEST_CASE("what was found in the words asks for the characters", "[nn][attention]") {
  const Via via = make();
  const Given in(1);
  const Variable query(in.query), high(in.high), low(in.low);
  const AttentionViaAttentionOutput found = run(via, query, high, low, in);
  const nn::AttentionOutput first = via.high.forward({.query = query, .key = high, .mask = in.high_mask});
  CHECK(test::same_bits(found.high.context.value(), first.context.value()));
  CHECK(test::same_bits(found.high.weights.value(), first.weights.value()));
  const nn::AttentionOutput second =
      via.low.forward({.query = concat({query, first.context}, 2), .key = low, .mask = in.low_mask});
  CHECK(test::same_bits(found.low.context.value(), second.context.value()));
  CHECK(test::same_bits(found.low.weights.value(), second.weights.value()));
  CHECK(test::same_bits(found.context().value(), concat({first.context, second.context}, 2).value()));
  // No word may be read in the second example: its characters are asked by the query and zeros.
  CHECK(norm(select(found.high.context.value(), 0, 1)) == 0);
  CHECK(norm(select(found.low.context.value(), 0, 1)) > 0);
}

TEST_CASE("attention via attention passes gradcheck", "[nn][attention]") {
  const Given in(2);
  CHECK(test::module_gradcheck(make(), {in.query, in.high, in.low}, [&](const Via& via, std::span<const Variable> x) {
          const AttentionViaAttentionOutput found = run(via, x[0], x[1], x[2], in);
          return concat({reshape(found.context(), {-1}), reshape(found.low.weights, {-1})}, 0);
        }) == "");
}

TEST_CASE("padding of neither level reaches anything", "[nn][attention]") {
  const Via via = make();
  const auto results = [&](double garbage) {
    const Given in(3);
    Tensor beyond[]{slice(select(in.high, 0, 0), 0, 2, to_end), select(in.high, 0, 1),
                    slice(select(in.low, 0, 0), 0, 4, to_end)};
    for (Tensor& x : beyond) fill(x, garbage);
    for (const Variable& parameter : nn::parameters(via)) parameter.set_grad({});
    const Variable query(in.query, true), high(in.high, true), low(in.low, true);
    const Variable y = run(via, query, high, low, in).context();
    test::Numbers numbers(4);
    backward(y, numbers.uniform(y.shape()));
    std::vector<Tensor> all{y.value(), query.grad(), high.grad(), low.grad()};
    for (const Variable& parameter : nn::parameters(via)) all.push_back(parameter.grad());
    return all;
  };
  const std::vector<Tensor> wanted = results(0), got = results(std::numeric_limits<double>::quiet_NaN());
  for (std::size_t i = 0; i < wanted.size(); ++i) CHECK(test::same_bits(got[i], wanted[i]));
}

TEST_CASE("attention via attention refuses what does not fit", "[nn][attention]") {
  const Via via = make();
  const Given in(5);
  const Variable query(in.query), high(in.high), low(in.low);
  CHECK_THROWS_AS(run(via, query, low, high, in), ShapeError);
  CHECK_THROWS_AS(run(via, slice(query, 2, 0, 1), high, low, in), ShapeError);
  CHECK_THROWS_AS(run(via, query, high, slice(low, 0, 0, 1), in), ShapeError);
}

namespace {

// Four words of three letters, each word a thing at one of four places. Asked for a thing: which letter is in the
// middle of its word? Words know their things and places, letters their places and whether they are in the middle, and
// no thing: who asks the letters by the thing alone can only guess the place.
struct Letters {
  static constexpr std::int64_t things = 10, places = 4, letters = 6, width = 16;
  Tensor thing, letter, asked, answer;  // [B, 4], [B, 12], [B, 1], [B]

  static Letters draw(std::int64_t batch, Generator& generator) {
    Letters result{zeros({batch, places}, DType::i64), zeros({batch, 3 * places}, DType::i64),
                   zeros({batch, 1}, DType::i64), zeros({batch}, DType::i64)};
    std::vector<std::int64_t> all(things);
    for (std::int64_t i = 0; i < things; ++i) all[to_size(i)] = i;
    for (std::int64_t row = 0; row < batch; ++row) {
      for (std::int64_t i = things - 1; i > 0; --i)
        std::swap(all[to_size(i)], all[to_size(generator.uniform_int(i + 1))]);
      std::int64_t* letter = result.letter.mutable_data<std::int64_t>() + row * 3 * places;
      for (std::int64_t i = 0; i < places; ++i)
        result.thing.mutable_data<std::int64_t>()[row * places + i] = all[to_size(i)];
      for (std::int64_t i = 0; i < 3 * places; ++i) letter[i] = generator.uniform_int(letters);
      const std::int64_t place = generator.uniform_int(places);
      result.asked.mutable_data<std::int64_t>()[row] = all[to_size(place)];
      result.answer.mutable_data<std::int64_t>()[row] = letter[3 * place + 1];
    }
    return result;
  }
};

struct Speller {
  bool guided;
  nn::Embedding thing, place, letter, middle;
  nn::AttentionViaAttention<nn::BiasedGeneralScore> via;
  nn::Linear output;

  Speller(bool by_words, Generator& generator)
      : guided(by_words),
        thing({.num_embeddings = Letters::things, .embedding_dim = Letters::width}, generator),
        place({.num_embeddings = Letters::places, .embedding_dim = Letters::width}, generator),
        letter({.num_embeddings = Letters::letters, .embedding_dim = Letters::width}, generator),
        middle({.num_embeddings = 3, .embedding_dim = Letters::width}, generator),
        via({.high = {.query = Letters::width, .key = 2 * Letters::width},
             .low = {.query = (by_words ? 3 : 1) * Letters::width, .key = 3 * Letters::width}},
            generator),
        output({.in = 3 * Letters::width, .out = Letters::letters}, generator) {}

  Variable forward(const Letters& in) const {
    const std::int64_t batch = in.asked.size(0);
    const auto rows = [&](const Variable& x) { return expand(x, {batch, x.size(0), x.size(1)}); };
    const Variable things = concat({thing.forward(in.thing), rows(place.weight)}, 2);
    std::vector<std::int64_t> place_of, middle_of;
    for (std::int64_t i = 0; i < 3 * Letters::places; ++i) place_of.push_back(i / 3), middle_of.push_back(i % 3);
    const auto each = [](const std::vector<std::int64_t>& ids) { return tensor(ids, {std::ssize(ids)}); };
    const Variable letters = concat(
        {letter.forward(in.letter), rows(place.forward(each(place_of))), rows(middle.forward(each(middle_of)))}, 2);
    const Variable query = thing.forward(in.asked);
    const Variable read = guided ? via.forward(query, via.project_keys({things}, {letters})).low.context
                                 : via.low.forward({.query = query, .key = letters}).context;
    return output.forward(select(read, 1, 0));
  }

  static void visit(auto& self, auto&& visitor) {
    visitor("thing", self.thing);
    visitor("place", self.place);
    visitor("letter", self.letter);
    visitor("middle", self.middle);
    if (self.guided)
      visitor("via", self.via);
    else
      visitor("low", self.via.low);
    visitor("output", self.output);
  }
};

double accuracy_of(bool guided) {
  Generator generator(41);
  Speller speller(guided, generator);
  for (nn::Embedding* table : {&speller.thing, &speller.place, &speller.letter, &speller.middle})
    table->weight = nn::Parameter(table->weight.value() * 0.3);
  nn::Adam adam(nn::named_parameters(speller), {.learning_rate = 1e-2});
  for (std::int64_t step = 0; step < 500; ++step) {
    const Letters batch = Letters::draw(64, generator);
    adam.zero_grad();
    backward(cross_entropy(speller.forward(batch), batch.answer));
    adam.step();
  }
  const Letters unseen = Letters::draw(1000, generator);
  nn::Accuracy accuracy;
  accuracy.add(argmax(speller.forward(unseen).value(), -1), unseen.answer);
  return accuracy.value();
}

}  // namespace

TEST_CASE("words guide attention to the letters of the word that is asked for", "[nn][attention]") {
  const double guided = accuracy_of(true), alone = accuracy_of(false);
  CAPTURE(guided, alone);
  CHECK(guided >= 0.95);
  CHECK(alone <= 0.6);  // one of four words, and a sixth of the other three, is 0.375
}
