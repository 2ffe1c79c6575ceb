// GPT: causal to the bit, cached reading, generation of prompts of several lengths, what goes beyond the context. Its
// numbers beside PyTorch's: tests/parity/transformer_models.cpp.
#include "heed/models/gpt.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "heed/autograd/backward.h"
#include "heed/autograd/fused/cross_entropy.h"
#include "heed/autograd/no_grad.h"
#include "heed/nn/optim/adam.h"
#include "heed/nn/training.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/index.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/ops/reduce.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/layouts.h"
#include "support/refused.h"

using namespace heed;
using models::Gpt;
using models::GptPositions;

namespace {

constexpr std::int64_t V = 11, context = 24;

Gpt make(GptPositions positions, double dropout = 0) {
  Generator generator(5);
  Gpt gpt({.vocabulary = V,
           .context = context,
           .embedding = 8,
           .heads = 4,
           .layers = 2,
           .kv_heads = 2,
           .dropout = dropout,
           .positions = positions,
           .dtype = DType::f64},
          generator);
  // Far enough from 0 to tell ids apart, and positions most of all: the next token is then seldom the last one again.
  nn::for_each_parameter(gpt, [&](const std::string& name, nn::Parameter& p) {
    if (p.shape().rank() < 2) return;
    const double size = name == "positions.weight" ? 3 : name == "embedding.weight" ? 0.5 : 1.5;
    p = nn::Parameter(p.value() + uniform(generator, p.shape(), -size, size, DType::f64));
  });
  return gpt;
}

Tensor draw(std::int64_t batch, std::int64_t length, std::uint64_t seed = 1) {
  Generator generator(seed);
  Tensor ids = empty({batch, length}, DType::i64);
  for (std::int64_t i = 0; i < ids.numel(); ++i) ids.mutable_data<std::int64_t>()[i] = generator.uniform_int(V);
  return ids;
}

std::vector<std::int64_t> row(const Tensor& ids, std::int64_t b, std::int64_t begin, std::int64_t end) {
  const std::int64_t* id = ids.data<std::int64_t>() + b * ids.size(1);
  return {id + begin, id + end};
}

constexpr GptPositions every_kind[] = {GptPositions::learned, GptPositions::sinusoidal, GptPositions::rotary,
                                       GptPositions::none};

// The most probable next tokens, every one after reading all before it again.
std::vector<std::int64_t> greedy(const Gpt& gpt, std::vector<std::int64_t> text, std::int64_t count) {
  const NoGrad no_grad;
  std::vector<std::int64_t> written;
  for (std::int64_t i = 0; i < count; ++i) {
    const Tensor logits = gpt.forward({.ids = tensor(text, {1, std::ssize(text)})}).logits.value();
    written.push_back(argmax(select(select(logits, 0, 0), 0, -1), 0).item<std::int64_t>());
    text.push_back(written.back());
  }
  return written;
}

}  // namespace

TEST_CASE("gpt: a later token changes no earlier logit, bit for bit", "[models][gpt]") {
  for (const GptPositions kind : every_kind) {
    const Gpt gpt = make(kind);
    const Tensor ids = draw(2, 9), other = concat({slice(ids, 1, 0, 4), draw(2, 5, 2)}, 1);
    const Tensor a = gpt.forward({.ids = ids}).logits.value(), b = gpt.forward({.ids = other}).logits.value();
    CHECK(test::same_bits(slice(a, 1, 0, 4), slice(b, 1, 0, 4)));
    CHECK_FALSE(test::same_bits(slice(a, 1, 4, 9), slice(b, 1, 4, 9)));
  }
}

TEST_CASE("gpt: positions change what it says, but for the kind without", "[models][gpt]") {
  for (const GptPositions kind : every_kind) {
    const Gpt gpt = make(kind);
    const Tensor ids = tensor({1, 2, 3}, {1, 3}, DType::i64), turned = tensor({2, 1, 3}, {1, 3}, DType::i64);
    const Tensor a = gpt.forward({.ids = ids}).logits.value(), b = gpt.forward({.ids = turned}).logits.value();
    const double far = max(abs(slice(a, 1, 2, 3) - slice(b, 1, 2, 3))).item();
    // Without positions the first layer sees a bag of tokens; the second has seen what each of them had read.
    CHECK(far > 1e-6);
    const Tensor moved = gpt.forward({.ids = ids, .positions = nn::Positions(7)}).logits.value();
    const bool absolute = kind == GptPositions::learned || kind == GptPositions::sinusoidal;
    CHECK((max(abs(moved - a)).item() > 1e-6) == absolute);
  }
}

TEST_CASE("gpt: ids that come one at a time give what they give at once", "[models][gpt]") {
  const NoGrad no_grad;
  for (const GptPositions kind : every_kind) {
    const Gpt gpt = make(kind);
    const Tensor ids = draw(2, context);
    const Tensor wanted = gpt.forward({.ids = ids}).logits.value();
    Gpt::Cache cache = gpt.make_cache(2);
    for (std::int64_t t = 0; t < context; ++t) {
      const Tensor got = gpt.forward({.ids = slice(ids, 1, t, t + 1)}, cache).logits.value();
      CHECK(max(abs(got - slice(wanted, 1, t, t + 1))).item() < 1e-12);
    }
  }
}

TEST_CASE("gpt: logits of the last position alone are those of all positions", "[models][gpt]") {
  const Gpt gpt = make(GptPositions::learned);
  const Tensor ids = draw(2, 9), all = gpt.forward({.ids = ids}).logits.value();
  const Tensor last = gpt.forward({.ids = ids, .only_last = true}).logits.value();
  CHECK(last.shape() == Shape{2, 1, V});
  CHECK(max(abs(last - slice(all, 1, 8, 9))).item() < 1e-13);
}

TEST_CASE("gpt: tokens that a cache has no room for are refused, and it stays as it is", "[models][gpt]") {
  const NoGrad no_grad;
  const Gpt gpt = make(GptPositions::learned);
  const Tensor ids = draw(1, context + 1);
  Gpt::Cache cache = gpt.make_cache(1);
  gpt.forward({.ids = slice(ids, 1, 0, context - 2)}, cache);
  CHECK_THROWS_AS(gpt.forward({.ids = slice(ids, 1, context - 2, context + 1)}, cache), IndexError);
  for (const nn::KeyValueCache& layer : cache) CHECK(layer.length() == context - 2);
  const Tensor got = gpt.forward({.ids = slice(ids, 1, context - 2, context)}, cache).logits.value();
  const Tensor wanted = gpt.forward({.ids = slice(ids, 1, 0, context)}).logits.value();
  CHECK(max(abs(got - slice(wanted, 1, context - 2, context))).item() < 1e-12);
  CHECK_THROWS_AS(gpt.forward({.ids = ids}), IndexError);
}

TEST_CASE("gpt: prompts of several lengths go on as each does alone", "[models][gpt]") {
  for (const GptPositions kind : every_kind) {
    Gpt gpt = make(kind);
    Generator unused(1);
    const Tensor ids = draw(3, 7);
    const std::vector<std::vector<std::int64_t>> prompts{row(ids, 0, 0, 2), row(ids, 1, 0, 5), row(ids, 2, 0, 7)};
    const auto written = gpt.generate(prompts, {.tokens = 12, .sampling = {.temperature = 0}}, unused);
    std::set<std::int64_t> different;
    for (std::size_t b = 0; b < prompts.size(); ++b) {
      CHECK(written[b] == greedy(gpt, prompts[b], 12));
      different.insert(written[b].begin(), written[b].end());
    }
    CHECK(different.size() > 3);  // else positions would hardly matter
    CHECK(unused.counter() == 0);
  }
}

TEST_CASE("gpt: generation goes on beyond the context from its last half", "[models][gpt]") {
  const Gpt gpt = make(GptPositions::learned);
  Generator unused(1);
  const std::vector<std::int64_t> prompt = row(draw(1, 5), 0, 0, 5);
  const auto written = gpt.generate({prompt}, {.tokens = 40, .sampling = {.temperature = 0}}, unused)[0];
  REQUIRE(written.size() == 40);
  std::vector<std::int64_t> text = prompt, wanted;
  for (std::int64_t i = 0; i < 40; ++i) {
    wanted.push_back(greedy(gpt, text, 1)[0]);
    if (std::ssize(text) == context) text.erase(text.begin(), text.end() - context / 2 + 1);
    text.push_back(wanted.back());
  }
  CHECK(written == wanted);
  // Another prompt beside it, short or long, changes nothing.
  const std::vector<std::int64_t> longer = row(draw(1, 20, 4), 0, 0, 20);
  const auto both = gpt.generate({prompt, longer}, {.tokens = 40, .sampling = {.temperature = 0}}, unused);
  CHECK(both[0] == written);
  CHECK(both[1] == gpt.generate({longer}, {.tokens = 40, .sampling = {.temperature = 0}}, unused)[0]);
  // A prompt longer than the context counts from its end.
  const Tensor ids = draw(1, context + 9);
  const auto long_one =
      gpt.generate({row(ids, 0, 0, context + 9)}, {.tokens = 1, .sampling = {.temperature = 0}}, unused);
  CHECK(long_one[0] == greedy(gpt, row(ids, 0, 9, context + 9), 1));
}

TEST_CASE("gpt: an end token ends its own sequence only", "[models][gpt]") {
  const Gpt gpt = make(GptPositions::learned);
  Generator unused(1);
  const Tensor ids = draw(2, 4);
  const std::vector<std::vector<std::int64_t>> prompts{row(ids, 0, 0, 4), row(ids, 1, 0, 3)};
  const Gpt::Generation settings{.tokens = 10, .sampling = {.temperature = 0}};
  const auto all = gpt.generate(prompts, settings, unused);
  Gpt::Generation ending = settings;
  ending.end_token = all[0][3];
  const auto cut = gpt.generate(prompts, ending, unused);
  for (std::size_t b = 0; b < 2; ++b) {
    const auto end = std::ranges::find(all[b], *ending.end_token);
    CHECK(cut[b] == std::vector<std::int64_t>(all[b].begin(), end));
  }
}

TEST_CASE("gpt: each token is told as soon as it is drawn", "[models][gpt]") {
  const Gpt gpt = make(GptPositions::learned);
  Generator generator(1), same(1);
  const std::vector<std::vector<std::int64_t>> prompts{{1, 2, 3}, {4}};
  const auto all = gpt.generate(prompts, {.tokens = 9}, generator);
  Gpt::Generation settings{.tokens = 9, .end_token = all[0][4]};
  std::vector<std::vector<std::int64_t>> told(2);
  std::vector<std::size_t> order;
  settings.on_token = [&](std::size_t prompt, std::int64_t token) {
    told.at(prompt).push_back(token);
    order.push_back(prompt);
  };
  CHECK(gpt.generate(prompts, settings, same) == told);
  CHECK(std::vector(order.begin(), order.begin() + 6) == std::vector<std::size_t>{0, 1, 0, 1, 0, 1});
  std::size_t before = 0;
  settings.on_token = [&](std::size_t, std::int64_t) {
    if (++before == 3) throw IndexError("enough");
  };
  CHECK_THROWS_AS(gpt.generate(prompts, settings, same), IndexError);
  CHECK(before == 3);
}

TEST_CASE("gpt: caches that are reordered at every step go on as what was read does (T5)", "[models][gpt]") {
  const NoGrad no_grad;
  for (const GptPositions kind : every_kind) {
    const Gpt gpt = make(kind);
    const Tensor parents = tensor({2, 0, 0}, {3}, DType::i64);
    Gpt::Cache cache = gpt.make_cache(3);
    Tensor read = draw(3, 4);
    gpt.forward({.ids = read}, cache);
    for (std::uint64_t step = 0; step < 5; ++step) {
      for (nn::KeyValueCache& layer : cache) layer.reorder(parents);
      const Tensor next = draw(3, 1, 10 + step);
      read = concat({index_select(read, 0, parents), next}, 1);
      const Tensor got = gpt.forward({.ids = next}, cache).logits.value();
      const Tensor wanted = gpt.forward({.ids = read}).logits.value();
      CHECK(max(abs(got - slice(wanted, 1, read.size(1) - 1, read.size(1)))).item() < 1e-12);
    }
  }
}

TEST_CASE("gpt: generation refuses what it cannot do", "[models][gpt]") {
  Generator generator(1);
  const Gpt gpt = make(GptPositions::learned);
  CHECK(gpt.generate({}, {}, generator).empty());
  CHECK(gpt.generate({{1}}, {.tokens = 0}, generator)[0].empty());
  CHECK_THROWS_AS(gpt.generate({{1}, {}}, {}, generator), ShapeError);
  CHECK_THROWS_AS(gpt.generate({{V}}, {}, generator), IndexError);
  CHECK_THROWS_AS(gpt.generate({{1}}, {.tokens = -1}, generator), Error);
  CHECK_THROWS_AS(gpt.generate({{1}}, {.tokens = 0, .sampling = {.temperature = -1}}, generator), Error);
  CHECK_THROWS_AS(Gpt({.vocabulary = V, .embedding = 9, .heads = 3, .positions = GptPositions::rotary}, generator),
                  ShapeError);
  CHECK_THROWS_AS(make(GptPositions::learned, 0.1).generate({{1}}, {}, generator), Error);  // it would drop
  CHECK_THROWS_AS(Gpt({.vocabulary = V, .embedding = 8, .heads = 3}, generator), ShapeError);
  CHECK_THROWS_AS(Gpt({.vocabulary = 0}, generator), ShapeError);
}

TEST_CASE("gpt: embedding and output are one weight, and what layers add starts small", "[models][gpt]") {
  Generator generator(1);
  const Gpt gpt({.vocabulary = 50, .context = 8, .embedding = 64, .heads = 4, .layers = 8, .dropout = 0}, generator);
  const auto state = nn::state_dict(gpt);
  CHECK(state.contains("output.weight"));
  const auto deviation = [&](const std::string& name) {
    const Tensor& x = state.at(name);
    return norm(x) / std::sqrt(static_cast<double>(x.numel()));
  };
  CHECK(std::abs(deviation("embedding.weight") - 0.02) < 1e-3);
  CHECK(std::abs(deviation("layers.3.linear1.weight") - 0.02) < 1e-3);
  CHECK(std::abs(deviation("layers.3.linear2.weight") - 0.005) < 3e-4);  // 0.02/√16
  CHECK(std::abs(deviation("layers.3.self_attn.out_proj.weight") - 0.005) < 3e-4);
  // 12·E² + 13·E for each layer, the embeddings once, the last norm.
  CHECK(nn::parameter_count(gpt) == 8 * (12 * 64 * 64 + 13 * 64) + (50 + 8) * 64 + 2 * 64);
}

TEST_CASE("gpt: learns a text by heart and writes it", "[models][gpt]") {
  Generator generator(1);
  Gpt gpt({.vocabulary = V, .context = 32, .embedding = 16, .heads = 2, .layers = 1, .dropout = 0}, generator);
  nn::Adam optimizer(nn::named_parameters(gpt), {.learning_rate = 1e-2});
  const Tensor text = draw(1, 17);
  double loss = 0;
  for (int step = 0; step < 120; ++step) {
    const Variable l =
        cross_entropy(gpt.forward({.ids = slice(text, 1, 0, 16)}).logits, slice(text, 1, 1, 17).contiguous());
    loss = l.value().item();
    backward(l);
    optimizer.step();
    optimizer.zero_grad();
  }
  CHECK(loss < 0.1);
  CHECK(gpt.generate({row(text, 0, 0, 2)}, {.tokens = 15, .sampling = {.temperature = 0}}, generator)[0] ==
        row(text, 0, 2, 17));
}
