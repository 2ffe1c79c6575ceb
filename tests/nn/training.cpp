// Training and evaluation: one switch for every part of a module that has one.
#include "heed/nn/training.h"

#include "heed/autograd/ops/elementwise.h"
#include "heed/models/recurrent_lm.h"
#include "heed/nn/dropout.h"
#include "heed/nn/rnn/gru.h"
#include "heed/tensor/create.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/layouts.h"
#include "support/refused.h"

using namespace heed;
using test::same_bits;

namespace {

struct Net {
  nn::ModuleList<nn::Dropout> drops;
  nn::Gru gru;

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("drops", self.drops);
    visitor("gru", self.gru);
  }
};

}  // namespace

TEST_CASE("set_training reaches every module inside", "[nn][training]") {
  Generator generator(1);
  Net net{{}, nn::Gru({.cell = {.input = 2, .hidden = 3}, .layers = 2, .dropout = 0.5}, generator)};
  for (int i = 0; i < 2; ++i) net.drops.emplace_back(nn::Dropout::Config{.p = 0.5});
  for (const bool training : {false, true, false}) {
    nn::set_training(net, training);
    CHECK(net.drops[0].training == training);
    CHECK(net.drops[1].training == training);
    CHECK(net.gru.training == training);
    const Net copy = net;
    CHECK(copy.gru.training == training);
  }
}

TEST_CASE("in evaluation dropout drops nothing, draws nothing and keeps gradients", "[nn][training]") {
  Generator generator(1);
  nn::Dropout drop({.p = 0.5});
  const Variable x(test::Numbers(1).uniform({4, 3}), true);
  CHECK(!same_bits(drop.forward(x, generator).value(), x.value()));
  CHECK(test::refused<Error>([&] { drop.forward(x); }) ==
        "dropout: p is 0.5 and no generator is given in training; nn::set_training(module, false) switches it off");
  CHECK(same_bits(nn::Dropout({.p = 0}).forward(x).value(), x.value()));
  nn::set_training(drop, false);
  const auto drawn = generator.counter();
  CHECK(same_bits(drop.forward(x, generator).value(), x.value()));
  CHECK(same_bits(drop.forward(x).value(), x.value()));
  CHECK(generator.counter() == drawn);
  CHECK(drop.forward(x).requires_grad());
  CHECK(test::refused<Error>([] { nn::Dropout({.p = 1.5}); }) == "dropout: p is 1.5, expected 0 <= p <= 1");
}

TEST_CASE("recurrent layers and models drop in training only, though a generator is given", "[nn][training]") {
  Generator generator(1);
  models::GruLm lm({.vocabulary = 5, .embedding = 4, .hidden = 6, .layers = 2, .dropout = 0.5}, generator);
  const Tensor ids = tensor({0, 1, 2, 3, 4, 0}, {2, 3}, DType::i64);
  const Tensor plain = lm.forward(ids).logits.value();
  Generator draws(2);
  CHECK(!same_bits(lm.forward(ids, {}, &draws).logits.value(), plain));
  nn::set_training(lm, false);
  const auto drawn = draws.counter();
  CHECK(same_bits(lm.forward(ids, {}, &draws).logits.value(), plain));
  CHECK(draws.counter() == drawn);
}
