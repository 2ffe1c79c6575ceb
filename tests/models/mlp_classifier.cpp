// The multilayer perceptron: its formula written out, gradients, dropout, errors.
#include "heed/models/mlp_classifier.h"

#include "heed/autograd/inspect/gradcheck.h"
#include "heed/tensor/create.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/module_gradcheck.h"
#include "support/refused.h"

using namespace heed;
using models::MlpClassifier;
using test::refused;

namespace {

MlpClassifier make(std::vector<std::int64_t> hidden, double dropout = 0) {
  Generator generator(1);
  return MlpClassifier(
      {.inputs = 6, .classes = 3, .hidden = std::move(hidden), .dropout = dropout, .dtype = DType::f64}, generator);
}

}  // namespace

TEST_CASE("mlp classifier: relu(W x + b) layer by layer", "[models]") {
  Generator generator(2);
  const Tensor x = normal(generator, {4, 2, 3}, 0, 1, DType::f64);
  const auto net = make({5, 4});
  std::vector<std::string> names;
  const nn::StateDict state = nn::state_dict(net);
  for (const auto& [name, tensor] : state) names.push_back(name);
  CHECK(names == std::vector<std::string>{"layers.0.bias", "layers.0.weight", "layers.1.bias", "layers.1.weight",
                                          "layers.2.bias", "layers.2.weight"});
  const test::Array logits = test::to_array(net.forward(Variable(x)).value());
  for (std::int64_t row = 0; row < 4; ++row) {
    std::vector<double> h(x.data<double>() + 6 * row, x.data<double>() + 6 * (row + 1));
    for (const std::string layer : {"layers.0.", "layers.1.", "layers.2."}) {
      const Tensor &w = state.at(layer + "weight"), &b = state.at(layer + "bias");
      std::vector<double> next;
      for (std::int64_t i = 0; i < w.size(0); ++i) {
        double sum = b.data<double>()[i];
        for (std::int64_t j = 0; j < w.size(1); ++j) sum += w.data<double>()[i * w.size(1) + j] * h[to_size(j)];
        next.push_back(layer == "layers.2." ? sum : std::max(sum, 0.0));
      }
      h = next;
    }
    for (std::int64_t k = 0; k < 3; ++k) CHECK(logits[{row, k}] == Approx(h[to_size(k)]).epsilon(1e-13));
  }
  CHECK(nn::parameter_count(make({})) == 6 * 3 + 3);
}

TEST_CASE("mlp classifier: dropout is drawn in training only", "[models]") {
  Generator random(3), first(4), second(4);
  const Variable x(normal(random, {3, 6}, 0, 1, DType::f64));
  const auto net = make({50}, 0.5);
  const auto values = [](const Variable& y) { return test::to_array(y.value()).numbers; };
  CHECK(values(net.forward(x)) == values(make({50}).forward(x)));
  CHECK(values(net.forward(x, &first)) == values(net.forward(x, &second)));
  CHECK(values(net.forward(x, &first)) != values(net.forward(x)));
}

TEST_CASE("mlp classifier: sizes and inputs that do not fit are refused", "[models]") {
  Generator generator(1);
  CHECK(refused<ShapeError>([&] { MlpClassifier({.inputs = 0, .classes = 2}, generator); }).starts_with("mlp_classif"));
  CHECK(refused<ShapeError>([&] { MlpClassifier({.inputs = 1, .classes = 2, .hidden = {3, 0}}, generator); }) ==
        "mlp_classifier: hidden is 0, expected at least 1");
  CHECK(refused<Error>([&] {
          MlpClassifier({.inputs = 1, .classes = 2, .dropout = 2}, generator);
        }).starts_with("mlp_classifier: dropout"));
  const auto net = make({4});
  CHECK(refused<ShapeError>([&] { net.forward(Variable(zeros({2, 5}, DType::f64))); }) ==
        "mlp_classifier: x [2, 5], expected [B, ..] of 6 numbers a row");
  CHECK(refused<ShapeError>([&] { net.forward(Variable(zeros({}, DType::f64))); }) ==
        "mlp_classifier: x [], expected [B, ..] of 6 numbers a row");
}
