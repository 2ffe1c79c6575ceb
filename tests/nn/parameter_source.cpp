// Where parameters come from: drawn, by the layer or by a rule, zeros, or only counted.
#include "heed/nn/parameter_source.h"

#include "heed/nn/attention/score/additive.h"
#include "heed/nn/embedding.h"
#include "heed/nn/linear.h"
#include "heed/nn/rnn/gru.h"
#include "heed/tensor/create.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/refused.h"

using namespace heed;
using nn::ParameterKind;
using nn::ParameterSource;
using nn::ParameterSpec;

namespace {

// A layer of each kind.
struct Net {
  struct Config {
    std::int64_t width = 2;
    DType dtype = DType::f32;
  };
  Net(const Config& c, const ParameterSource& source)
      : embedding({.num_embeddings = 5, .embedding_dim = c.width, .dtype = c.dtype}, source),
        encoder({.cell = {.input = c.width, .hidden = 3, .dtype = c.dtype}, .layers = 2, .bidirectional = true},
                source),
        attention({.query = 4, .key = 6, .hidden = 7, .dtype = c.dtype}, source),
        output({.in = 6, .out = 5, .bias = false, .dtype = c.dtype}, source) {}

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("embedding", self.embedding);
    visitor("encoder", self.encoder);
    visitor("attention", self.attention);
    visitor("output", self.output);
  }

  nn::Embedding embedding;
  nn::Gru encoder;
  nn::AdditiveAttention attention;
  nn::Linear output;
};

Tensor constant(const ParameterSpec& p, double value) { return full(p.shape, value, p.dtype); }

Tensor refuse_to_draw(const ParameterSpec&, Generator&) { throw Error("drawn"); }

double only_number(const nn::Parameter& p) {
  const std::vector<double> numbers = test::to_array(p.value()).numbers;
  CHECK(std::ranges::all_of(numbers, [&](double number) { return number == numbers[0]; }));
  return numbers[0];
}

}  // namespace

TEST_CASE("a generator is a source of parameters, and the seed alone decides", "[nn][parameter_source]") {
  Generator a(1), b(1);
  const Net first({}, a), second({}, b), third({}, b);
  const nn::StateDict same = nn::state_dict(second), other = nn::state_dict(third);
  for (const auto& [name, value] : nn::state_dict(first)) {
    CAPTURE(name);
    CHECK(test::same_bits(value, same.at(name)));
    if (name != "attention.v") CHECK(!test::same_bits(value, other.at(name)));
  }
}

TEST_CASE("a source of zeros draws nothing and gives a model to load into", "[nn][parameter_source]") {
  Generator generator(1);
  const Net drawn({.dtype = DType::f64}, generator);
  Net loaded({.dtype = DType::f64}, ParameterSource::zeros().with(refuse_to_draw));
  for (const Variable& parameter : nn::parameters(loaded)) {
    CHECK(parameter.is_leaf());
    CHECK(test::same_bits(parameter.value(), zeros(parameter.shape(), DType::f64)));
  }
  nn::load_state_dict(loaded, nn::state_dict(drawn));
  CHECK(test::same_bits(loaded.encoder.cells[3].weight_hh.value(), drawn.encoder.cells[3].weight_hh.value()));
}

TEST_CASE("parameters are counted without being made, however many", "[nn][parameter_source]") {
  Generator generator(1);
  for (std::int64_t width : {2, 9})
    CHECK(nn::count_parameters<Net>({.width = width}) ==
          static_cast<double>(nn::parameter_count(Net({.width = width}, generator))));

  double total = 0;
  const Net counted({}, ParameterSource::counting(total).with(refuse_to_draw));
  CHECK(nn::parameters(counted).empty());
  CHECK(total == nn::count_parameters<Net>({}));

  const std::int64_t large = 1'000'000'000'000;
  CHECK(nn::count_parameters<nn::Linear>({.in = large, .out = large}) == 1e24 + 1e12);
}

TEST_CASE("a rule decides how the parameters of a kind start", "[nn][parameter_source]") {
  Generator generator(1);
  const auto by_kind = [](const ParameterSpec& p, Generator&) {
    return constant(p, p.kind == ParameterKind::weight ? 1 : p.kind == ParameterKind::recurrent ? 2 : 3);
  };
  const Net net({}, ParameterSource(generator).with(by_kind));
  for (const nn::GruCell& cell : net.encoder.cells) {
    CHECK(only_number(cell.weight_ih) == 1);
    CHECK(only_number(cell.weight_hh) == 2);
    CHECK(only_number(cell.bias_ih) == 3);
    CHECK(only_number(cell.bias_hh) == 3);
  }
  for (const nn::Parameter* p : {&net.embedding.weight, &net.output.weight, &net.attention.score.v})
    CHECK(only_number(*p) == 1);
  CHECK(generator.counter() == 0);  // nothing was drawn to be overwritten
}

TEST_CASE("of two rules the first is asked first, and the layer last", "[nn][parameter_source]") {
  Generator generator(1), plain(1);
  const auto biases = [](double value) {
    return [value](const ParameterSpec& p, Generator&) {
      return p.kind == ParameterKind::bias ? constant(p, value) : Tensor();
    };
  };
  const auto recurrent = [](const ParameterSpec& p, Generator&) {
    return p.kind == ParameterKind::weight ? Tensor() : constant(p, 7);
  };
  const nn::GruCell cell({.input = 2, .hidden = 3}, ParameterSource(generator).with(biases(5)).with(recurrent));
  CHECK(only_number(cell.bias_ih) == 5);
  CHECK(only_number(cell.weight_hh) == 7);
  CHECK(test::same_bits(cell.weight_ih.value(), nn::GruCell({.input = 2, .hidden = 3}, plain).weight_ih.value()));
}

TEST_CASE("a rule must give what was asked for", "[nn][parameter_source]") {
  Generator generator(1);
  const auto linear = [&](const Tensor& value) {
    return [&generator, value] {
      nn::Linear({.in = 3, .out = 2},
                 ParameterSource(generator).with([=](const ParameterSpec&, Generator&) { return value; }));
    };
  };
  CHECK(test::refused<ShapeError>(linear(zeros({3, 2}))) ==
        "parameter source: the initialiser gave [3, 2], expected [2, 3]");
  CHECK(test::refused<DTypeError>(linear(zeros({2, 3}, DType::f64))) ==
        "parameter source: the initialiser gave f64, expected f32");
  CHECK(test::refused<ShapeError>([&] {
          ParameterSource(generator).make({.shape = {2}}, [](const ParameterSpec&, Generator&) { return Tensor(); });
        }) == "parameter source: the initialiser gave an undefined tensor, expected [2]");
}
