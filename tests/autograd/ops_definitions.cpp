// A fused operation and its definition are the same function: values, gradients, recorded gradients and theirs.
#include <algorithm>
#include <cmath>
#include <set>

#include "autograd/declared_operations.h"
#include "heed/autograd/backward.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/reduce.h"
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

// y, its gradients, the same recorded, and the gradients of a weighted sum of those by the inputs and dy.
std::vector<Tensor> everything(const Sample& sample, bool second_order) {
  const Variables x = leaves(sample.inputs);
  const Variable y = sample.apply(x);
  std::vector<Tensor> result{y.value()};
  const Variable dy(Numbers(35).uniform(y.shape()), true);
  for (const Tensor& gradient : gradients(y, x, dy.value(), {.retain_graph = true})) result.push_back(gradient);
  if (!second_order) return result;
  Variables all = x;
  all.push_back(dy);
  Variable total;
  Numbers numbers(36);
  for (const Variable& gradient : recorded_gradients(y, x, dy)) {
    result.push_back(gradient.value());
    const Variable part = sum(gradient * numbers.uniform(gradient.shape()));
    total = total.defined() ? total + part : part;
  }
  if (!total.requires_grad()) return result;
  for (const Tensor& gradient : gradients(total, all)) result.push_back(gradient);
  return result;
}

std::string fused_name(const std::string& definition) { return definition.substr(0, definition.rfind('_')); }

// What is declared in the headers of this folder: the definitions, or all other operations.
std::set<std::string> declared(const std::string& folder, bool definitions) {
  std::set<std::string> names;
  for (const std::string& name : operations_of_the_library(folder))
    if (name.ends_with("_definition") == definitions) names.insert(name);
  return names;
}

}  // namespace

TEST_CASE("fused operations equal their definitions", "[ops]") {
  std::set<std::string> compared;
  for (const OpCase& definition : op_cases()) {
    if (!definition.name.ends_with("_definition")) continue;
    compared.insert(definition.name);
    const std::string name = fused_name(definition.name);
    const OpCase& fused = op_case(name);
    const std::vector<Sample> samples = fused.samples(), composed = definition.samples();
    REQUIRE(samples.size() == composed.size());
    REQUIRE(!samples.empty());
    for (std::size_t s = 0; s < samples.size(); ++s) {
      INFO(fused.name << ": " << samples[s].what);
      const bool second_order = samples[s].differentiable && !samples[s].large;
      const std::vector<Tensor> got = everything(samples[s], second_order),
                                wanted = everything(composed[s], second_order);
      REQUIRE(got.size() == wanted.size());
      for (std::size_t i = 0; i < got.size(); ++i) {
        CAPTURE(i);
        CHECK(far_apart(got[i], wanted[i]) == "");
      }
    }
  }
  CHECK(compared == declared("autograd", true));
}

TEST_CASE("every fused operation has a definition", "[ops]") {
  const std::set<std::string> definitions = declared("autograd", true);
  for (const std::string& name : declared("autograd/fused", false)) {
    CAPTURE(name);
    CHECK(definitions.count(name + "_definition") == 1);
  }
}
