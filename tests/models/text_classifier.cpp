// Classifiers of texts: formulas written out, padding that nobody reads, and what a bag cannot know.
#include "heed/models/text_classifier.h"

#include "heed/tensor/create.h"
#include "heed/tensor/mutate.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/module_gradcheck.h"
#include "support/refused.h"

using namespace heed;
using test::refused;

namespace {

constexpr models::TextClassifierConfig config{
    .vocabulary = 9, .classes = 3, .embedding = 4, .hidden = 5, .dtype = DType::f64};

template <class Net>
Net make(double dropout = 0) {
  Generator generator(1);
  models::TextClassifierConfig c = config;
  c.dropout = dropout;
  return Net(c, generator);
}

std::vector<double> row(const Variable& logits, std::int64_t b) {
  const test::Array all = test::to_array(logits.value());
  return {all.numbers.begin() + 3 * b, all.numbers.begin() + 3 * (b + 1)};
}

// Of texts padded in one batch, each alone is the same.
template <class Net>
void check_alone(const Net& net) {
  const Tensor batch = tensor({1, 2, 3, 4, 5, 8, 8, 8, 6, 7, 8, 8, 8, 8, 8, 8}, {4, 4}, DType::i64);
  const std::vector<std::int64_t> lengths{4, 1, 2, 0};
  const Variable together = net.forward(batch, lengths);
  const std::vector<std::vector<std::int64_t>> texts{{1, 2, 3, 4}, {5}, {6, 7}, {}};
  for (std::int64_t b = 0; b < 4; ++b) {
    const auto& text = texts[to_size(b)];
    const std::vector<double> alone = row(net.forward(tensor(text, {1, std::ssize(text)}), {}), 0);
    for (std::size_t k = 0; k < 3; ++k) CHECK(row(together, b)[k] == Approx(alone[k]).epsilon(1e-12));
  }
}

}  // namespace

TEST_CASE("text classifier: each text of a padded batch is as alone, an empty one too", "[models]") {
  check_alone(make<models::BagClassifier>());
  check_alone(make<models::GruClassifier>());
  check_alone(make<models::LstmClassifier>());
}

TEST_CASE("text classifier: a bag reads the mean of its words' vectors", "[models]") {
  const auto net = make<models::BagClassifier>();
  const nn::StateDict state = nn::state_dict(net);
  const test::Array e = test::to_array(state.at("embedding.weight")), w = test::to_array(state.at("output.weight")),
                    b = test::to_array(state.at("output.bias"));
  const std::vector<double> logits = row(net.forward(tensor({2, 7, 7}, {1, 3}, DType::i64), {}), 0);
  for (std::int64_t k = 0; k < 3; ++k) {
    double sum = b[{k}];
    for (std::int64_t j = 0; j < 4; ++j) sum += w[{k, j}] * (e[{2, j}] + 2 * e[{7, j}]) / 3;
    CHECK(logits[to_size(k)] == Approx(sum).epsilon(1e-13));
  }
}

TEST_CASE("text classifier: the order of words matters to the recurrent ones alone", "[models]") {
  const Tensor forwards = tensor({1, 2, 3}, {1, 3}, DType::i64), backwards = tensor({3, 2, 1}, {1, 3}, DType::i64);
  const auto differ = [&](const auto& net) {
    const std::vector<double> a = row(net.forward(forwards, {}), 0), b = row(net.forward(backwards, {}), 0);
    double most = 0;
    for (std::size_t k = 0; k < 3; ++k) most = std::max(most, std::abs(a[k] - b[k]));
    return most;
  };
  CHECK(differ(make<models::BagClassifier>()) < 1e-14);
  CHECK(differ(make<models::GruClassifier>()) > 1e-4);
  CHECK(differ(make<models::LstmClassifier>()) > 1e-4);
}

TEST_CASE("text classifier: dropout in training only, and what does not fit is refused", "[models]") {
  Generator first(4), second(4), none(5);
  const Tensor ids = tensor({1, 2, 3, 4}, {2, 2}, DType::i64);
  const auto net = make<models::GruClassifier>(0.5);
  CHECK(row(net.forward(ids, {}), 0) == row(make<models::GruClassifier>().forward(ids, {}), 0));
  CHECK(row(net.forward(ids, {}, &first), 0) == row(net.forward(ids, {}, &second), 0));
  CHECK(row(net.forward(ids, {}, &first), 0) != row(net.forward(ids, {}), 0));

  const auto bag = make<models::BagClassifier>();
  const std::vector<std::int64_t> few{2}, long_one{2, 3};
  CHECK_THROWS_AS(bag.forward(ids, few), ShapeError);
  CHECK_THROWS_AS(bag.forward(ids, long_one), ShapeError);
  CHECK_THROWS_AS(net.forward(ids, few), ShapeError);
  CHECK_THROWS_AS(bag.forward(tensor({9}, {1, 1}, DType::i64), {}), IndexError);
  CHECK_THROWS_AS(bag.forward(tensor({1, 2}, {2}, DType::i64), {}), ShapeError);
  CHECK(refused<ShapeError>([&] { models::LstmClassifier({.vocabulary = 1}, none); }) ==
        "text_classifier: classes is 0, expected at least 1");
}
