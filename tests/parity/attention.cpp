// Additive attention, and a small reader made of all layers, equal the same built of PyTorch's parts.
#include "heed/nn/attention/score/additive.h"
#include "heed/nn/embedding.h"
#include "heed/nn/rnn/gru.h"
#include "parity/golden.h"
#include "support/catch.h"

using namespace heed;
using heed::test::Golden;

namespace {

void attention(Golden& golden) {
  Generator generator(1);
  nn::AdditiveAttention attention({.query = golden.integer("query"),
                                   .key = golden.integer("key"),
                                   .hidden = golden.integer("hidden"),
                                   .dtype = golden.dtype()},
                                  generator);
  golden.load(attention);
  const Tensor mask = golden.has("in/mask") ? golden.tensor("in/mask") : Tensor();
  const nn::AttentionOutput found = attention.forward(
      {.query = golden.input("query"), .key = golden.input("keys"), .value = golden.input("values"), .mask = mask});
  golden.compare({{"context", found.context}, {"weights", found.weights}});
}

struct Reader {
  Reader(DType dtype, Generator& generator)
      : embedding({.num_embeddings = 7, .embedding_dim = 3, .dtype = dtype}, generator),
        encoder({.cell = {.input = 3, .hidden = 4, .dtype = dtype}, .bidirectional = true}, generator),
        attention({.query = 5, .key = 8, .hidden = 6, .dtype = dtype}, generator) {}

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("embedding", self.embedding);
    visitor("encoder", self.encoder);
    visitor("attention", self.attention);
  }

  nn::Embedding embedding;
  nn::Gru encoder;
  nn::AdditiveAttention attention;
};

void reader(Golden& golden) {
  Generator generator(1);
  Reader reader(golden.dtype(), generator);
  golden.load(reader);
  const auto lengths = golden.integers("lengths");
  const Tensor ids = golden.tensor("in/ids");
  const nn::Gru::Output read = reader.encoder.forward({.x = reader.embedding.forward(ids), .lengths = lengths});
  const Tensor mask = nn::length_mask(lengths, ids.size(1));
  const nn::AttentionOutput found =
      reader.attention.forward({.query = golden.input("query"), .key = read.output, .mask = mask});
  golden.compare({{"context", found.context}, {"weights", found.weights}, {"last", read.final_state}});
}

}  // namespace

TEST_CASE("additive attention equals its composition in PyTorch", "[parity]") {
  for (Golden& golden : test::goldens("attention")) golden.kind() == "reader" ? reader(golden) : attention(golden);
}
