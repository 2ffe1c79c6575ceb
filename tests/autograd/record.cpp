// Recording: when a node is made, what it keeps, and how a kept tensor finds its place in the graph again.
#include "heed/autograd/record.h"

#include <thread>

#include "heed/autograd/backward.h"
#include "heed/autograd/fused/gru.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/matmul.h"
#include "heed/autograd/ops/movement.h"
#include "heed/tensor/create.h"
#include "heed/tensor/mutate.h"
#include "op_cases.h"
#include "support/catch.h"

using namespace heed;
using namespace heed::test;

namespace {

struct Keeper final : Rule<Keeper> {  // y0 = a, y1 = b: keeps one tensor of every kind
  static constexpr std::string_view op = "keeper";
  Saved input{*this}, output{*this}, constant{*this}, nothing{*this};
  template <class V>
  Grads<V> vjp(std::span<const V> dy) {
    return {dy[0], dy[1]};
  }
};

struct Kept {
  Variable a, b;
  std::vector<Variable> y;
  Keeper* rule = nullptr;

  Kept() : a(ones({2}, DType::f64), true), b(ones({3}, DType::f64), true) {
    b = b * 2.0;
    const std::vector<Tensor> values{a.value(), b.value().clone()};
    y = record_outputs<Keeper>(values, {a, b}, [&](Keeper& made) {
      made.input.keep_input(1, b);
      made.output.keep_output(values[1], 1);
      made.constant.keep_constant(values[0]);
      rule = &made;
    });
  }
};

std::vector<std::string> messages(const Saved& saved) {
  try {
    saved.tensor();
  } catch (const GradError& error) {
    return {error.what()};
  }
  return {};
}

}  // namespace

TEST_CASE("operations on constants record nothing, nor does any under NoGrad", "[record]") {
  for (const OpCase& row : op_cases())
    for (const Sample& sample : row.samples()) {
      if (sample.large) continue;
      INFO(row.name << ": " << sample.what);
      const Variable constant = sample.apply({sample.inputs.begin(), sample.inputs.end()});
      CHECK(!constant.requires_grad());
      const Variables x = leaves(sample.inputs);
      const Variable recorded = sample.apply(x);
      CHECK(recorded.requires_grad() == is_float(recorded.dtype()));
      NoGrad quiet;
      const Variable unrecorded = sample.apply(x);
      // What gives back its input itself has made no node either.
      CHECK((!unrecorded.requires_grad() || unrecorded.is_leaf()));
    }
}

TEST_CASE("NoGrad nests and belongs to its thread", "[record]") {
  const Variable x(ones({}, DType::f64), true);
  CHECK(grad_enabled());
  {
    NoGrad outer;
    {
      NoGrad inner;
      CHECK(!grad_enabled());
    }
    CHECK(!grad_enabled());
    CHECK(!(x + x).requires_grad());
    bool elsewhere = false;
    std::thread([&] { elsewhere = (x + x).requires_grad(); }).join();
    CHECK(elsewhere);
  }
  CHECK(grad_enabled());
  try {
    NoGrad quiet;
    throw 1;
  } catch (int) {
  }
  CHECK(grad_enabled());
}

TEST_CASE("one input that needs a gradient is enough", "[record]") {
  const Variable x(ones({2}, DType::f64), true), c(ones({2}, DType::f64));
  CHECK((x * c).requires_grad());
  CHECK((c * x).requires_grad());
  CHECK(!(c * c).requires_grad());
  const Variable y = c * x;
  CHECK(!y.node()->needs(0));
  CHECK(y.node()->needs(1));
}

TEST_CASE("several results are slots of one node", "[record]") {
  const Variable x(ones({3, 2}, DType::f64), true);
  const std::vector<Variable> rows = unstack(x, 0);
  REQUIRE(rows.size() == 3);
  for (std::uint32_t i = 0; i < 3; ++i) {
    CHECK(rows[i].node().get() == rows[0].node().get());
    CHECK(rows[i].slot() == i);
    CHECK(rows[i].node()->output(i).shape == Shape{2});
  }
  CHECK(rows[0].node()->output_count() == 3);
  CHECK(unstack(Variable(ones({0, 2}, DType::f64), true), 0).empty());
  CHECK(!unstack(Variable(ones({2, 2}, DType::f64)), 0)[1].requires_grad());
}

TEST_CASE("a saved tensor finds its place in the graph again", "[record]") {
  const Kept kept;
  const Variable input = kept.rule->input.as<Variable>(), output = kept.rule->output.as<Variable>(),
                 constant = kept.rule->constant.as<Variable>();
  CHECK(input.node().get() == kept.b.node().get());
  CHECK(input.slot() == kept.b.slot());
  CHECK(output.node().get() == kept.y[1].node().get());
  CHECK(output.slot() == 1);
  CHECK(!constant.requires_grad());
  CHECK(&kept.rule->input.as<Tensor>() == &kept.rule->input.tensor());
}

TEST_CASE("a saved tensor that changed says which and how often", "[record]") {
  Kept kept;
  CHECK(messages(kept.rule->output).empty());
  Tensor changed = kept.y[1].value();
  fill(changed, 5);
  REQUIRE(messages(kept.rule->output).size() == 1);
  CHECK(messages(kept.rule->output)[0].starts_with(
      "keeper: output 1 of shape [3] was changed in place after it was saved: version "));
  CHECK(messages(kept.rule->input).empty());
  Tensor b = kept.b.value();
  Tensor part = slice(b, 0, 0, 1);
  add_scaled(part, ones({1}, DType::f64));
  CHECK(messages(kept.rule->input).size() == 1);
  CHECK_THROWS_AS(kept.rule->input.as<Variable>(), GradError);
}

TEST_CASE("what was never kept, or was given back, is a GradError", "[record]") {
  Kept kept;
  CHECK(!kept.rule->nothing.has_value());
  CHECK(messages(kept.rule->nothing)[0] == "keeper: a tensor its rule asks for was not saved");
  kept.rule->release_saved();
  CHECK(!kept.rule->input.has_value());
  CHECK(messages(kept.rule->input)[0].starts_with("keeper: its saved tensors are gone"));
}

TEST_CASE("products keep only what the other side's gradient needs", "[record]") {
  const auto saved = [](const Variable& y) {
    std::vector<const Storage*> result;
    for (const Saved* s = y.node()->first_saved(); s; s = s->next())
      if (s->has_value()) result.push_back(s->tensor().storage().get());
    return result;
  };
  const Variable x(ones({2, 2}, DType::f64), true), c(ones({2, 2}, DType::f64));
  const std::vector<const Storage*> only_c{c.value().storage().get()};
  CHECK(saved(x * c) == only_c);
  CHECK(saved(c * x) == only_c);
  CHECK(saved(matmul(x, c)) == only_c);
  CHECK(saved(matmul(c, x)) == only_c);
  CHECK(saved(linear(x, c)) == only_c);
  CHECK(saved(linear(c, x)) == only_c);
  CHECK(saved(x / c) == only_c);
  CHECK(saved(x + c).empty());
  CHECK(saved(x * x).size() == 2);
}

TEST_CASE("the final state of a gru may change: its gradient does not need it, but the outputs", "[record]") {
  for (GruReset reset : {GruReset::after, GruReset::before}) {
    const Variable gates(ones({2, 4, 9}, DType::f64), true), h(ones({2, 3}, DType::f64), true),
        weight(ones({9, 3}, DType::f64), true);
    const auto [y, final_state] = gru(gates, h, weight, no_bias, reset);
    Tensor value = final_state.value();
    fill(value, 7);
    CHECK_NOTHROW(backward(final_state, ones({2, 3}, DType::f64), {.retain_graph = true}));
    Tensor outputs = y.value();
    fill(outputs, 7);
    CHECK_THROWS_AS(backward(final_state, ones({2, 3}, DType::f64)), GradError);
  }
}

TEST_CASE("a node takes any number of inputs, expected or not", "[record]") {
  for (std::size_t expected : {0u, 3u, 9u})
    for (std::size_t count : {0u, 4u, 5u, 9u}) {
      std::vector<Variable> x;
      NodeRef node(new Keeper);
      for (std::size_t i = 0; i < count; ++i) {
        if (i == 2) node->expect_inputs(expected);
        x.emplace_back(ones({}), true);
        node->add_input({x.back().node(), static_cast<std::uint32_t>(i)});
      }
      REQUIRE(node->inputs().size() == count);
      for (std::size_t i = 0; i < count; ++i) {
        CHECK(node->inputs()[i].node.get() == x[i].node().get());
        CHECK(node->inputs()[i].slot == i);
      }
    }
}
