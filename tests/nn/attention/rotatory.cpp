// Rotatory attention: its four attentions in their order, rounds, masks, gradients, and what it finds that the mean of
// the words beside a phrase does not.
#include "heed/nn/attention/rotatory.h"

#include <limits>

#include "heed/autograd/backward.h"
#include "heed/autograd/fused/cross_entropy.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/nn/attention/score/activated_general.h"
#include "heed/nn/embedding.h"
#include "heed/nn/linear.h"
#include "heed/nn/optim/adam.h"
#include "heed/nn/train/accuracy.h"
#include "heed/tensor/create.h"
#include "heed/tensor/mutate.h"
#include "heed/tensor/ops/reduce.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/layouts.h"
#include "support/module_gradcheck.h"
#include "support/refused.h"

using namespace heed;
using nn::RotatoryInput;
using nn::RotatoryOutput;
using Rotatory = nn::RotatoryAttention<nn::ActivatedGeneralScore>;

namespace {

constexpr std::int64_t B = 3, L = 4, S = 2, R = 3, D = 3, E = 2;

Rotatory make(std::int64_t rounds) {
  Generator generator(1);
  return {{.rounds = rounds,
           .side = {.query = E, .key = D, .dtype = DType::f64},
           .target = {.query = D, .key = E, .dtype = DType::f64}},
          generator};
}

// The second example has nothing left of its phrase, the third no phrase and nothing right of it.
struct Given {
  Tensor left, target, right;
  Tensor left_mask = nn::length_mask(std::vector<std::int64_t>{3, 0, 4}, L),
         target_mask = nn::length_mask(std::vector<std::int64_t>{2, 1, 0}, S),
         right_mask = nn::length_mask(std::vector<std::int64_t>{2, 3, 0}, R);

  explicit Given(std::uint64_t seed) {
    test::Numbers numbers(seed);
    left = numbers.uniform({B, L, D});
    target = numbers.uniform({B, S, E});
    right = numbers.uniform({B, R, D});
  }
  RotatoryInput leaves() const {
    return {Variable(left, true), Variable(target, true), Variable(right, true), left_mask, target_mask, right_mask};
  }
};

Variable all_of(const RotatoryOutput& found) {
  return concat({reshape(found.context(), {-1}), reshape(found.left_weights, {-1}), reshape(found.right_weights, {-1}),
                 reshape(found.target_left_weights, {-1}), reshape(found.target_right_weights, {-1})},
                0);
}

std::string far(const Variable& got, const Variable& wanted) {
  return test::difference(got.value(), test::to_array(wanted.value()), 1e-13 / std::numeric_limits<double>::epsilon(),
                          1);
}

}  // namespace

TEST_CASE("rotatory attention asks the sides, then the phrase, then the sides again", "[nn][attention]") {
  const Given in(1);
  for (const std::int64_t rounds : {1, 2, 3}) {
    const Rotatory attention = make(rounds);
    for (std::int64_t b = 0; b < B; ++b) {
      const auto part = [&](const Tensor& x, const Tensor& mask) {
        std::int64_t length = 0;
        for (std::int64_t s = 0; s < x.size(1); ++s)
          length += select(select(select(mask, 0, b), 0, 0), 0, s).item<bool>();
        return Variable(slice(slice(x, 0, b, b + 1), 1, 0, length));
      };
      const Variable left = part(in.left, in.left_mask), right = part(in.right, in.right_mask),
                     target = part(in.target, in.target_mask);
      Variable ask_left(target.size(1) == 0 ? zeros({1, 1, E}, DType::f64) : mean(target.value(), 1, true)),
          ask_right = ask_left;
      nn::AttentionOutput l, r, tl, tr;
      for (std::int64_t round = 0; round < rounds; ++round) {
        l = attention.left.forward({.query = ask_left, .key = left});
        tl = attention.target_left.forward({.query = l.context, .key = target});
        r = attention.right.forward({.query = ask_right, .key = right});
        tr = attention.target_right.forward({.query = r.context, .key = target});
        ask_left = tl.context;
        ask_right = tr.context;
      }
      const RotatoryOutput found = attention.forward(in.leaves());
      const auto of = [&](const Variable& x, std::int64_t length) {
        return slice(slice(x, 0, b, b + 1), 1, 0, length);
      };
      CHECK(far(slice(found.context(), 0, b, b + 1),
                squeeze(concat({l.context, tl.context, tr.context, r.context}, 2), 1)) == "");
      CHECK(far(of(found.left_weights, left.size(1)), squeeze(l.weights, 1)) == "");
      CHECK(far(of(found.right_weights, right.size(1)), squeeze(r.weights, 1)) == "");
      CHECK(far(of(found.target_left_weights, target.size(1)), squeeze(tl.weights, 1)) == "");
      CHECK(far(of(found.target_right_weights, target.size(1)), squeeze(tr.weights, 1)) == "");
    }
  }
}

TEST_CASE("rotatory attention passes gradcheck", "[nn][attention]") {
  const Given in(2);
  for (const std::int64_t rounds : {1, 2})
    CHECK(test::module_gradcheck(
              make(rounds), {in.left, in.target, in.right}, [&](const Rotatory& probe, std::span<const Variable> x) {
                return all_of(probe.forward({x[0], x[1], x[2], in.left_mask, in.target_mask, in.right_mask}));
              }) == "");
}

TEST_CASE("rotatory attention: padding of no part reaches anything, and nothing gives 0", "[nn][attention]") {
  const Rotatory attention = make(2);
  const auto run = [&](double garbage) {
    const Given given(3);
    const std::vector<std::pair<Tensor, std::vector<std::int64_t>>> parts{
        {given.left, {3, 0, 4}}, {given.target, {2, 1, 0}}, {given.right, {2, 3, 0}}};
    for (const auto& [x, lengths] : parts)
      for (std::int64_t b = 0; b < B; ++b) {
        Tensor beyond = slice(select(x, 0, b), 0, lengths[to_size(b)], to_end);
        fill(beyond, garbage);
      }
    for (const Variable& parameter : nn::parameters(attention)) parameter.set_grad({});
    const RotatoryInput in = given.leaves();
    const RotatoryOutput found = attention.forward(in);
    const Variable all = all_of(found);
    test::Numbers numbers(4);
    backward(all, numbers.uniform(all.shape()));
    std::vector<Tensor> results{found.left.value(), found.right.value(), all.value(),
                                in.left.grad(),     in.target.grad(),    in.right.grad()};
    for (const Variable& parameter : nn::parameters(attention)) results.push_back(parameter.grad());
    return results;
  };
  const std::vector<Tensor> wanted = run(0), got = run(std::numeric_limits<double>::quiet_NaN());
  for (std::size_t i = 0; i < wanted.size(); ++i) CHECK(test::same_bits(got[i], wanted[i]));
  CHECK(norm(select(wanted[0], 0, 1)) == 0);
  CHECK(norm(select(wanted[1], 0, 2)) == 0);
  CHECK(norm(select(wanted[3], 0, 1)) == 0);
}

TEST_CASE("rotatory attention refuses what does not fit", "[nn][attention]") {
  const Given in(5);
  const Variable left(in.left), target(in.target), right(in.right);
  const auto shape = [&](const RotatoryInput& given) {
    return test::refused<ShapeError>([&] { make(1).forward(given); });
  };
  CHECK(shape({slice(left, 0, 0, 2), target, right}).starts_with("rotatory attention: B differs"));
  CHECK(shape({left, target, slice(right, 2, 0, 2)}).starts_with("rotatory attention: D differs"));
  CHECK(shape({left, target, right, in.right_mask}).starts_with("rotatory attention: L differs"));
  CHECK(test::refused<ShapeError>([] { make(0); }) == "rotatory attention: rounds is 0, expected at least 1");
  CHECK_THROWS_AS(make(1).forward({left, target, Variable(zeros({B, R, D}))}), DTypeError);
}

namespace {

// A sentence with four words of opinion, each told of one of eight things, two before and two behind a phrase of two
// words, of which one names a thing. What is said of that thing, of four opinions?
struct Opinions {
  static constexpr std::int64_t things = 8, opinions = 4, width = 24;
  Tensor thing_left, opinion_left, target, thing_right, opinion_right, answer;  // [B, 2] each, [B]

  static Opinions draw(std::int64_t batch, Generator& generator) {
    Opinions result;
    for (Tensor* x :
         {&result.thing_left, &result.opinion_left, &result.target, &result.thing_right, &result.opinion_right})
      *x = zeros({batch, 2}, DType::i64);
    result.answer = zeros({batch}, DType::i64);
    std::vector<std::int64_t> all(things);
    for (std::int64_t i = 0; i < things; ++i) all[to_size(i)] = i;
    for (std::int64_t row = 0; row < batch; ++row) {
      for (std::int64_t i = things - 1; i > 0; --i)
        std::swap(all[to_size(i)], all[to_size(generator.uniform_int(i + 1))]);
      const auto put = [&](Tensor& x, std::int64_t i, std::int64_t value) {
        x.mutable_data<std::int64_t>()[row * 2 + i] = value;
      };
      const std::int64_t asked = generator.uniform_int(4);
      for (std::int64_t i = 0; i < 4; ++i) {
        const std::int64_t said = generator.uniform_int(opinions);
        put(i < 2 ? result.thing_left : result.thing_right, i % 2, all[to_size(i)]);
        put(i < 2 ? result.opinion_left : result.opinion_right, i % 2, said);
        if (i == asked) result.answer.mutable_data<std::int64_t>()[row] = said;
      }
      const std::int64_t place = generator.uniform_int(2);
      put(result.target, place, all[to_size(asked)]);
      put(result.target, 1 - place, things);  // a word that says nothing
    }
    return result;
  }
};

struct Reader {
  bool rotates;
  nn::Embedding thing, opinion;
  Rotatory attention;
  nn::Linear hidden, output;

  Reader(bool rotating, Generator& generator)
      : rotates(rotating),
        thing({.num_embeddings = Opinions::things + 1, .embedding_dim = Opinions::width}, generator),
        opinion({.num_embeddings = Opinions::opinions, .embedding_dim = Opinions::width}, generator),
        attention({.rounds = 2,
                   .side = {.query = Opinions::width, .key = 2 * Opinions::width},
                   .target = {.query = 2 * Opinions::width, .key = Opinions::width}},
                  generator),
        hidden({.in = 6 * Opinions::width, .out = 64}, generator),
        output({.in = 64, .out = Opinions::opinions}, generator) {}

  Variable forward(const Opinions& in) const {
    const auto side = [&](const Tensor& things, const Tensor& opinions) {
      return concat({thing.forward(things), opinion.forward(opinions)}, 2);
    };
    const Variable left = side(in.thing_left, in.opinion_left), right = side(in.thing_right, in.opinion_right),
                   target = thing.forward(in.target);
    const auto mean_of = [](const Variable& x) { return squeeze(nn::masked_mean(x, {}), 1); };
    const Variable read = rotates ? attention.forward({left, target, right}).context()
                                  : concat({mean_of(left), mean_of(target), mean_of(target), mean_of(right)}, 1);
    return output.forward(relu(hidden.forward(read)));
  }

  static void visit(auto& self, auto&& visitor) {
    visitor("thing", self.thing);
    visitor("opinion", self.opinion);
    visitor("attention", self.attention);
    visitor("hidden", self.hidden);
    visitor("output", self.output);
  }
};

double accuracy_of(bool rotates) {
  Generator generator(31);
  const Reader reader(rotates, generator);
  nn::Adam adam(nn::named_parameters(reader), {.learning_rate = 5e-3});
  for (std::int64_t step = 0; step < 500; ++step) {
    const Opinions batch = Opinions::draw(64, generator);
    adam.zero_grad();
    backward(cross_entropy(reader.forward(batch), batch.answer));
    adam.step();
  }
  const Opinions unseen = Opinions::draw(1000, generator);
  nn::Accuracy accuracy;
  accuracy.add(argmax(reader.forward(unseen).value(), -1), unseen.answer);
  return accuracy.value();
}

}  // namespace

TEST_CASE("rotatory attention finds what is said of a phrase", "[nn][attention]") {
  const double rotatory = accuracy_of(true), means = accuracy_of(false);
  CAPTURE(rotatory, means);
  CHECK(rotatory >= 0.95);
  CHECK(means <= 0.75);
}
