// A fused operation whose inputs are constants in turn.
#pragma once

#include <functional>
#include <vector>

#include "heed/autograd/variable.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/layouts.h"

namespace heed::test {

/// For every set of inputs that are constants: the rule gives those no gradient, and all others the bits they have when
/// none is constant.
inline void check_constants(const std::vector<Tensor>& inputs,
                            const std::function<Variable(const std::vector<Variable>&)>& operation) {
  const auto run = [&](unsigned constants) {
    std::vector<Variable> x;
    for (std::size_t i = 0; i < inputs.size(); ++i) x.emplace_back(inputs[i], (constants >> i & 1) == 0);
    const Variable y = operation(x);
    std::vector<Tensor> dy(y.node()->output_count());  // of one output alone
    dy[y.slot()] = Numbers(52).uniform(y.shape());
    return y.node()->run(std::span<const Tensor>(dy), nullptr);
  };
  const auto all = run(0);
  REQUIRE(all.size() == inputs.size());
  for (unsigned constants = 1; constants < (1u << inputs.size()) - 1; ++constants) {
    const auto some = run(constants);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      CAPTURE(constants, i);
      if ((constants >> i & 1) != 0)
        CHECK(!some[i].defined());
      else
        CHECK(same_bits(some[i], all[i]));
    }
  }
}

}  // namespace heed::test
