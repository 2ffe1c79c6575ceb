// Gradients of gradients: every rule, run on Variables, records a function whose gradient is right again.
#include "heed/autograd/ops/elementwise.h"
#include "op_cases.h"
#include "support/catch.h"

using namespace heed;
using namespace heed::test;

TEST_CASE("gradients of gradients equal differences", "[ops]") {
  for (const OpCase& row : op_cases())
    for (const Sample& sample : row.samples()) {
      if (!sample.differentiable || sample.large) continue;
      INFO(row.name << ": " << sample.what);
      // Squared, so that the gradient that comes in depends on the inputs as well.
      const auto squared = [&](const Variables& v) {
        const Variable y = sample.apply(v);
        return y * y;
      };
      CHECK(gradcheck_twice(squared, sample.inputs) == "");
      CHECK(gradcheck_twice(squared, rearranged(sample).back()) == "");
    }
}
