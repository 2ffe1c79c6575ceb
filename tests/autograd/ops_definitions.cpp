// A fused operation and its definition are the same function: values, gradients, and the shape of what is refused.
#include <algorithm>
#include <cmath>

#include "heed/autograd/backward.h"
#include "op_cases.h"
#include "support/catch.h"

using namespace heed;
using namespace heed::test;

namespace {

std::string far_apart(const Tensor& got, const Tensor& wanted) {  // beyond 1e-12
  double size = 1;
  for (double number : to_array(wanted).numbers)
    if (std::isfinite(number)) size = std::max(size, std::abs(number));
  return difference(got, to_array(wanted), 1e-12 / 2.3e-16, size);
}

}  // namespace

TEST_CASE("fused operations equal their definitions", "[ops]") {
  std::size_t pairs = 0;
  for (const OpCase& definition : op_cases()) {
    if (!definition.name.ends_with("_definition")) continue;
    const std::string fused_name = definition.name.substr(0, definition.name.rfind('_'));
    const OpCase& fused = op_case(fused_name);
    const std::vector<Sample> samples = fused.samples(), composed = definition.samples();
    REQUIRE(samples.size() == composed.size());
    ++pairs;
    for (std::size_t s = 0; s < samples.size(); ++s) {
      INFO(fused.name << ": " << samples[s].what);
      const Variables x = leaves(samples[s].inputs);
      const Variable y = samples[s].apply(x), wanted = composed[s].apply(x);
      REQUIRE(far_apart(y.value(), wanted.value()) == "");
      const Tensor dy = Numbers(35).uniform(y.shape());
      const std::vector<Tensor> got = gradients(y, x, dy), right = gradients(wanted, x, dy);
      for (std::size_t i = 0; i < x.size(); ++i) CHECK(far_apart(got[i], right[i]) == "");
    }
  }
  CHECK(pairs == 5);
}
