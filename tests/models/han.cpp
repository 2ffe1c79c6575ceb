// The hierarchical attention network: masks at both levels, documents alone and together, mistakes of others.
#include "heed/models/han.h"

#include <limits>

#include "heed/autograd/ops/movement.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/ops/reduce.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/layouts.h"
#include "support/module_gradcheck.h"
#include "support/refused.h"

using namespace heed;
using models::Han;
using models::HanOutput;

namespace {

constexpr std::int64_t V = 7;

Han make(std::uint64_t seed) {
  Generator generator(seed);
  Han han({.vocabulary = V, .classes = 3, .embedding = 3, .hidden = 2, .attention = 4, .dtype = DType::f64}, generator);
  for (nn::AttentionPooling* pooling : {&han.word_pooling, &han.sentence_pooling})
    pooling->v = nn::Parameter(uniform(generator, {4}, -2, 2, DType::f64));
  return han;
}

std::string far(const Tensor& got, const Tensor& wanted) {
  return test::difference(got, test::to_array(wanted), 1e-12 / std::numeric_limits<double>::epsilon(), 1);
}

Tensor draw(std::uint64_t seed, const Shape& shape) {
  Generator generator(seed);
  Tensor ids = empty(shape, DType::i64);
  for (std::int64_t i = 0; i < ids.numel(); ++i) ids.mutable_data<std::int64_t>()[i] = generator.uniform_int(V);
  return ids;
}

// Two documents: one with one sentence, one with three, the second of them empty when asked for.
struct Documents {
  Tensor ids = draw(1, {2, 3, 4});
  std::vector<std::int64_t> lengths{2, 0, 0, 4, 3, 1};
};

}  // namespace

TEST_CASE("han: documents with one and three sentences equal themselves alone", "[models][han]") {
  const Han han = make(1);
  for (const std::int64_t second : {3, 0}) {  // also with an empty sentence between others
    CAPTURE(second);
    Documents given;
    given.lengths[4] = second;
    const HanOutput both = han.forward(given.ids, given.lengths);
    const Tensor first_ids = slice(slice(slice(given.ids, 0, 0, 1), 1, 0, 1), 2, 0, 2);
    const HanOutput first = han.forward(first_ids, std::vector<std::int64_t>{2});
    const HanOutput last = han.forward(slice(given.ids, 0, 1, 2), std::span(given.lengths).subspan(3));
    CHECK(far(slice(both.logits.value(), 0, 0, 1), first.logits.value()) == "");
    CHECK(far(slice(both.logits.value(), 0, 1, 2), last.logits.value()) == "");
    CHECK(far(slice(both.sentence_weights.value(), 0, 1, 2), last.sentence_weights.value()) == "");
    CHECK(far(slice(both.word_weights.value(), 0, 1, 2), last.word_weights.value()) == "");
    CHECK(far(slice(both.sentence_weights.value(), 0, 0, 1), tensor({1.0, 0.0, 0.0}, {1, 3}, DType::f64)) == "");
  }
}

TEST_CASE("han: weights add up to 1 over what is there and are 0 elsewhere", "[models][han]") {
  Documents given;
  given.lengths[4] = 0;
  const HanOutput found = make(2).forward(given.ids, given.lengths);
  const test::Array words = test::to_array(found.word_weights.value()),
                    sentences = test::to_array(found.sentence_weights.value());
  for (std::int64_t b = 0; b < 2; ++b) {
    double document = 0;
    for (std::int64_t m = 0; m < 3; ++m) {
      const std::int64_t length = given.lengths[static_cast<std::size_t>(b * 3 + m)];
      double sentence = 0;
      for (std::int64_t t = 0; t < 4; ++t) {
        sentence += words[{b, m, t}];
        CHECK((words[{b, m, t}] > 0) == (t < length));
        if (length > 1 && t < length) CHECK(words[{b, m, t}] < 1);  // a softmax over an axis of size 1 gives all ones
      }
      CHECK(std::abs(sentence - (length > 0 ? 1 : 0)) < 1e-14);
      CHECK((sentences[{b, m}] > 0) == (length > 0));
      document += sentences[{b, m}];
    }
    CHECK(std::abs(document - 1) < 1e-14);
  }
}

TEST_CASE("han: what stands in padding, and more of it, changes nothing", "[models][han]") {
  const Han han = make(3);
  const Documents given;
  const HanOutput wanted = han.forward(given.ids, given.lengths);
  Tensor wide = draw(99, {2, 5, 6});
  std::vector<std::int64_t> lengths(10, 0);
  for (std::int64_t b = 0; b < 2; ++b)
    for (std::int64_t m = 0; m < 3; ++m) {
      const std::int64_t length = lengths[static_cast<std::size_t>(b * 5 + m)] =
          given.lengths[static_cast<std::size_t>(b * 3 + m)];
      for (std::int64_t t = 0; t < length; ++t)
        wide.mutable_data<std::int64_t>()[(b * 5 + m) * 6 + t] = given.ids.data<std::int64_t>()[(b * 3 + m) * 4 + t];
    }
  const HanOutput found = han.forward(wide, lengths);
  CHECK(far(found.logits.value(), wanted.logits.value()) == "");
  CHECK(far(slice(found.sentence_weights.value(), 1, 0, 3), wanted.sentence_weights.value()) == "");
  CHECK(far(slice(slice(found.word_weights.value(), 1, 0, 3), 2, 0, 4), wanted.word_weights.value()) == "");
}

TEST_CASE("han: a document without words gives the output's bias", "[models][han]") {
  const Han han = make(4);
  const HanOutput found = han.forward(draw(1, {1, 2, 3}), std::vector<std::int64_t>{0, 0});
  CHECK(test::same_bits(found.logits.value(), unsqueeze(han.output.bias.value(), 0).clone()));
  CHECK(test::same_bits(found.sentence_weights.value(), zeros({1, 2}, DType::f64)));
}

TEST_CASE("han: one sentence is attention pooling of the annotations, themselves", "[models][han]") {
  const Han han = make(5);
  const Tensor ids = draw(5, {1, 1, 4});
  const HanOutput found = han.forward(ids, {});
  const Variable annotations = han.word_rnn.forward({.x = han.embedding.forward(reshape(ids, {1, 4}))}).output;
  const auto pooled = han.word_pooling.forward(annotations);
  CHECK(far(found.word_weights.value(), unsqueeze(pooled.weights.value(), 1)) == "");
  const Variable read = han.sentence_rnn.forward({.x = unsqueeze(pooled.context, 1)}).output;  // [1, 1, 2H]
  CHECK(far(found.logits.value(), han.output.forward(select(read, 1, 0)).value()) == "");
}

// A batch that equals its documents alone would not show a wrong length, which both would have.
TEST_CASE("han: the sentences are read up to the last that has words, those without it as zeros", "[models][han]") {
  const Han han = make(10);
  const Tensor ids = draw(10, {1, 4, 4});
  const std::vector<std::int64_t> lengths{4, 0, 3, 0};  // the last is no step for the backward GRU
  const HanOutput found = han.forward(ids, lengths);
  std::vector<Variable> sentences;
  for (const std::int64_t m : {0, 1, 2}) {
    const std::int64_t length = lengths[static_cast<std::size_t>(m)];
    const Variable vectors = han.embedding.forward(slice(select(ids, 1, m), 1, 0, length));  // [1, length, 3]
    const Variable annotations = han.word_rnn.forward({.x = vectors}).output;
    sentences.push_back(length == 0 ? Variable(zeros({1, 4}, DType::f64))
                                    : han.word_pooling.forward(annotations).context);
  }
  const Variable read = han.sentence_rnn.forward({.x = stack(sentences, 1)}).output;  // [1, 3, 2H]
  const auto document = han.sentence_pooling.forward(read, tensor({1, 0, 1}, {1, 1, 3}, DType::boolean));
  CHECK(far(slice(found.sentence_weights.value(), 1, 0, 3), document.weights.value()) == "");
  CHECK(far(found.logits.value(), han.output.forward(document.context).value()) == "");
}

TEST_CASE("han: context vectors of zeros give means", "[models][han]") {
  Han han = make(6);
  for (nn::AttentionPooling* pooling : {&han.word_pooling, &han.sentence_pooling})
    pooling->v = nn::Parameter(zeros({4}, DType::f64));
  const Documents given;
  const HanOutput found = han.forward(given.ids, given.lengths);
  CHECK(far(slice(found.sentence_weights.value(), 0, 1, 2), tensor({1.0 / 3, 1.0 / 3, 1.0 / 3}, {1, 3}, DType::f64)) ==
        "");
  CHECK(far(select(select(found.word_weights.value(), 0, 0), 0, 0), tensor({0.5, 0.5, 0.0, 0.0}, {4}, DType::f64)) ==
        "");
}

TEST_CASE("han: the first word's weight knows the last word, and the reverse", "[models][han]") {
  const Han han =
      make(7);  // annotations [forward; backward]: of [forward; forward] the first word would know itself only
  const auto annotation = [&](std::vector<std::int64_t> words, std::int64_t t) {
    const Tensor ids = tensor(words, {1, 4});
    return select(han.word_rnn.forward({.x = han.embedding.forward(ids)}).output.value(), 1, t).clone();
  };
  CHECK_FALSE(test::same_bits(annotation({1, 2, 3, 4}, 0), annotation({1, 2, 3, 5}, 0)));
  CHECK_FALSE(test::same_bits(annotation({1, 2, 3, 4}, 3), annotation({0, 2, 3, 4}, 3)));
}

TEST_CASE("han passes gradcheck", "[models][han]") {
  Documents given;
  given.lengths[4] = 0;
  const auto all = [&](const Han& probe, std::span<const Variable>) {
    const HanOutput found = probe.forward(given.ids, given.lengths);
    return concat(
        {reshape(found.logits, {-1}), reshape(found.sentence_weights, {-1}), reshape(found.word_weights, {-1})}, 0);
  };
  CHECK(test::module_gradcheck(make(8), {}, all) == "");
}

TEST_CASE("han refuses what does not fit", "[models][han]") {
  const Han han = make(9);
  const Tensor ids = draw(1, {2, 3, 4});
  const auto message = [](const auto& call) { return test::refused<ShapeError>(call); };
  CHECK(message([&] { han.forward(ids, std::vector<std::int64_t>{1, 2}); }) ==
        "han: 2 lengths, expected 6: one for each sentence of ids [2, 3, 4]");
  CHECK_THROWS_AS(han.forward(ids, std::vector<std::int64_t>(6, 5)), ShapeError);
  CHECK(message([&] { han.forward(draw(1, {2, 3}), {}); }).starts_with("han: ids has rank 2, expected 3"));
  CHECK(message([&] { Han({.vocabulary = 3}, nn::ParameterSource::zeros()); }) ==
        "han: classes is 0, expected at least 1");
}
