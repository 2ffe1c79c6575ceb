// A gradient does not depend on which other inputs need one: a rule that leaves out what nobody asked for must not
// leave out more.
#include "heed/autograd/backward.h"
#include "op_cases.h"
#include "support/catch.h"

using namespace heed;
using namespace heed::test;

TEST_CASE("gradients are the same whichever other inputs are constants", "[ops]") {
  std::size_t compared = 0;
  for (const OpCase& row : op_cases())
    for (const Sample& sample : row.samples()) {
      const std::size_t count = sample.inputs.size();
      bool floats = true;
      for (const Tensor& input : sample.inputs) floats &= is_float(input.dtype());
      if (!floats || sample.large || count < 2 || count > 5) continue;
      const Variables all = leaves(sample.inputs);
      const Variable y = sample.apply(all);
      if (!y.requires_grad()) continue;
      const Tensor dy = converted({Numbers(52).uniform(y.shape())}, y.dtype())[0];
      const std::vector<Tensor> expected = gradients(y, all, dy);
      for (unsigned constants = 1; constants < (1u << count) - 1; ++constants) {
        Variables x, asked;
        for (std::size_t i = 0; i < count; ++i) {
          x.emplace_back(sample.inputs[i], (constants >> i & 1) == 0);
          if (x.back().requires_grad()) asked.push_back(x.back());
        }
        const Variable again = sample.apply(x);
        if (!again.requires_grad()) continue;  // this sample's result does not depend on those that are left
        const std::vector<Tensor> got = gradients(again, asked, dy);
        for (std::size_t i = 0, next = 0; i < count; ++i) {
          if ((constants >> i & 1) != 0) continue;
          INFO(row.name << ": " << sample.what << ", constants " << constants << ", input " << i);
          CHECK(same_bits(got[next++], expected[i]));
          ++compared;
        }
      }
    }
  CHECK(compared > 100);
}
