// Summary: what it lists, what it counts, and what a sample run shows.
#include "heed/nn/summary.h"

#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/nn/activation.h"
#include "heed/nn/embedding.h"
#include "heed/nn/freeze.h"
#include "heed/nn/linear.h"
#include "heed/nn/rnn/gru.h"
#include "heed/nn/sequential.h"
#include "heed/tensor/create.h"
#include "support/catch.h"

using namespace heed;

namespace {

// A tagger with a tied weight, a buffer, and a parameter that visit() forgets.
struct Tagger {
  nn::Embedding table;
  nn::Gru gru;
  nn::Sequential<nn::Linear, nn::Tanh, nn::Linear> head;
  nn::Buffer scale;
  nn::Parameter forgotten;

  explicit Tagger(Generator& generator)
      : table({.num_embeddings = 1000, .embedding_dim = 4}, generator),
        gru({.cell = {.input = 4, .hidden = 3, .bias = false}}, generator),
        head({{.in = 3, .out = 5}, {}, {.in = 5, .out = 4, .bias = false}}, generator),
        scale(ones({4})),
        forgotten(ones({4})) {}

  Variable forward(const Tensor& ids) const {
    return head.forward(gru.forward({.x = table.forward(ids)}).output) * scale + forgotten;
  }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("table", self.table);
    visitor("gru", self.gru);
    visitor("head", self.head);
    visitor("scale", self.scale);
    visitor("output.weight", self.table.weight);
  }
};

const Tensor ids = zeros({2, 6}, DType::i64);

}  // namespace

TEST_CASE("a summary lists layers, their parameters and their sizes", "[nn][summary]") {
  Generator generator(1);
  Tagger tagger(generator);
  nn::freeze(tagger.gru);
  CHECK(nn::summary(tagger).str() ==
        "layer            type                              shape          elements   bytes  output\n"
        "(model)          Tagger                                                  4      16\n"
        "  scale          buffer                            f32 [4]               4      16\n"
        "  output.weight  tied                              f32 [1000, 4]         0       0\n"
        "table            Embedding                                           4,000  16,000\n"
        "  weight                                           f32 [1000, 4]     4,000  16,000\n"
        "gru              Recurrent<GruCell>                                     63     252\n"
        "  weight_ih_l0   frozen                            f32 [9, 4]           36     144\n"
        "  weight_hh_l0   frozen                            f32 [9, 3]           27     108\n"
        "head             Sequential<Linear, Tanh, Linear>\n"
        "head.0           Linear                                                 20      80\n"
        "  weight                                           f32 [5, 3]           15      60\n"
        "  bias                                             f32 [5]               5      20\n"
        "head.2           Linear                                                 20      80\n"
        "  weight                                           f32 [4, 5]           20      80\n"
        "4,103 parameters in 16,412 bytes, 63 of them frozen; buffers: 16 bytes\n");
}

TEST_CASE("a sample run adds shapes, memory and what visit() forgets", "[nn][summary]") {
  Generator generator(1);
  const Tagger tagger(generator);
  const nn::Summary summary = nn::summary(tagger, [&] { return tagger.forward(ids); });
  const auto output = [&](const std::string& name) {
    for (const auto& layer : summary.layers)
      if (layer.name == name) return layer.output ? layer.output->str() : std::string("none");
    return std::string("no layer");
  };
  CHECK(output("table") == "[2, 6, 4]");
  CHECK(output("gru") == "[2, 6, 3]");
  CHECK(output("head.0") == "[2, 6, 5]");
  CHECK(output("head.2") == "[2, 6, 4]");
  CHECK(output("head") == "none");
  CHECK(summary.untracked == std::vector<std::string>{"f32 [4], used by expand"});
  CHECK(summary.parameters == nn::parameter_count(tagger));
  CHECK(summary.str().find("no visit() lists f32 [4], used by expand\n") != std::string::npos);
  CHECK(summary.str().find("for backward\n") != std::string::npos);
}

TEST_CASE("activation bytes are those the graph keeps, shared ones once, parameters not", "[nn][summary]") {
  Generator generator(1);
  const nn::Linear linear({.in = 3, .out = 5, .dtype = DType::f64}, generator);
  const Tensor x = ones({7, 3}, DType::f64);
  const auto bytes = [&](const auto& run) { return *nn::summary(linear, run).activation_bytes; };
  CHECK(bytes([&] { return linear.forward(x); }) == 7 * 3 * 8);
  CHECK(bytes([&] { return linear.forward(x) + linear.forward(x); }) == 7 * 3 * 8);
  CHECK(bytes([&] { return tanh(linear.forward(x)); }) == 7 * 3 * 8 + 7 * 5 * 8);
  CHECK(bytes([&] { return Variable(x); }) == 0);
}

TEST_CASE("a layer's output is that of the step nearest the result", "[nn][summary]") {
  Generator generator(1);
  const nn::Linear linear({.in = 3, .out = 3}, generator);
  const auto twice = [&] { return sum(linear.forward(linear.forward(ones({2, 3}))), 0); };
  CHECK(nn::summary(linear, twice).layers[0].output->str() == "[2, 3]");
  CHECK(nn::summary(linear, twice).layers[0].name.empty());
}
