// What rnn, lstm and gru do not read, and sequences without a token: gradients and recorded gradients.
#include <functional>
#include <limits>

#include "heed/autograd/backward.h"
#include "heed/autograd/fused/gru.h"
#include "heed/autograd/fused/lstm.h"
#include "heed/autograd/fused/rnn.h"
#include "heed/autograd/ops/movement.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/tensor/create.h"
#include "heed/tensor/mutate.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/layouts.h"

using namespace heed;
using test::Numbers;

namespace {

using Variables = std::vector<Variable>;
using Operation = std::function<Variables(const Variables& x, const SequenceOrder& order)>;

struct Row {
  std::string name;
  std::int64_t gates;
  Operation apply;  // x: gates [B, T, G·H], weight [G·H, H], h [B, H], c [B, H]
};

template <std::size_t n>
Variables listed(const std::array<Variable, n>& outputs) {
  return {outputs.begin(), outputs.end()};
}

std::vector<Row> rows() {
  return {{"rnn", 1,
           [](const Variables& x, const SequenceOrder& order) {
             return listed(rnn(x[0], x[2], x[1], RnnActivation::tanh, order));
           }},
          {"lstm", 4,
           [](const Variables& x, const SequenceOrder& order) { return listed(lstm(x[0], x[2], x[3], x[1], order)); }},
          {"gru", 3,
           [](const Variables& x, const SequenceOrder& order) {
             return listed(gru(x[0], x[2], x[1], no_bias, GruReset::after, order));
           }},
          {"gru, before", 3, [](const Variables& x, const SequenceOrder& order) {
             return listed(gru(x[0], x[2], x[1], no_bias, GruReset::before, order));
           }}};
}

Variables inputs(const Row& row, std::int64_t steps) {
  Numbers numbers(71);
  Variables x;
  for (const Shape& shape : {Shape{2, steps, 3 * row.gates}, Shape{3 * row.gates, 3}, Shape{2, 3}, Shape{2, 3}})
    x.emplace_back(numbers.uniform(shape, -1, 1), true);
  return x;
}

// Gradients of every input the operation reads, both ways.
std::vector<Tensor> all_gradients(const Row& row, const Variables& x, const SequenceOrder& order) {
  const auto loss = [&] { return sum(row.apply(x, order)[0]); };
  Variables wanted(x.begin(), x.begin() + (row.name == "lstm" ? 4 : 3));
  std::vector<Tensor> found = gradients(loss(), wanted);
  for (const Variable& dx : recorded_gradients(loss(), wanted)) found.push_back(dx.value());
  return found;
}

}  // namespace

TEST_CASE("what stands in the padding reaches no gradient, recorded or not", "[autograd][sequences]") {
  for (const Row& row : rows())
    for (bool reverse : {false, true}) {
      const SequenceOrder order{{1, 3}, reverse};
      const Variables x = inputs(row, 3);
      Tensor padding = slice(select(x[0].value(), 0, 0), 0, 1, 3);
      fill(padding, 0);
      const std::vector<Tensor> clean = all_gradients(row, x, order);
      for (double ugly : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
        fill(padding, ugly);
        const std::vector<Tensor> found = all_gradients(row, x, order);
        for (std::size_t i = 0; i < found.size(); ++i) {
          CAPTURE(row.name, reverse, ugly, i);
          CHECK(test::difference(found[i], test::to_array(clean[i]), 0) == "");
        }
      }
    }
}

TEST_CASE("the state of an example without a token reaches no weight", "[autograd][sequences]") {
  for (const Row& row : rows()) {
    const SequenceOrder order{{0, 3}, false};
    const Variables x = inputs(row, 3);
    const std::vector<Tensor> clean = all_gradients(row, x, order);
    Tensor h = select(x[2].value(), 0, 0);
    fill(h, std::numeric_limits<double>::infinity());
    const std::vector<Tensor> found = all_gradients(row, x, order);
    for (std::size_t i = 0; i < found.size(); ++i) {
      CAPTURE(row.name, i);
      CHECK(test::difference(found[i], test::to_array(clean[i]), 0) == "");
    }
  }
}

TEST_CASE("no time at all has gradients of 0, recorded or not", "[autograd][sequences]") {
  for (const Row& row : rows()) {
    const Variables x = inputs(row, 0);
    for (std::size_t output = 0; output < 2; ++output) {
      const auto loss = [&] { return sum(row.apply({x[0], x[1], x[2].detach(), x[3].detach()}, {})[output]); };
      CAPTURE(row.name, output);
      CHECK(test::same_bits(gradients(loss(), {x[1]})[0], zeros(x[1].shape(), DType::f64)));
      CHECK(test::same_bits(recorded_gradients(loss(), {x[1]})[0].value(), zeros(x[1].shape(), DType::f64)));
    }
  }
}
