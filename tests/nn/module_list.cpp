// A list of modules is assigned element by element, so that its parameters stay.
#include "heed/nn/module_list.h"

#include "heed/nn/module.h"
#include "heed/tensor/create.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/refused.h"

using namespace heed;
using nn::ModuleList;
using nn::Parameter;

namespace {

ModuleList<Parameter> list(std::initializer_list<double> values) {
  ModuleList<Parameter> result;
  for (double value : values) result.emplace_back(full({2}, value));
  return result;
}

}  // namespace

TEST_CASE("assigning a module list keeps its parameters", "[nn][module]") {
  const bool moves = GENERATE(false, true);
  ModuleList<Parameter> a = list({1, 2}), b = list({3, 4}), longer = list({5, 6, 7});
  const Variable first = a[0], last = a.back();
  moves ? a = std::move(b) : a = b;
  CHECK(a[0].node().get() == first.node().get());
  CHECK(test::same_bits(first.value(), full({2}, 3)));
  CHECK(test::same_bits(last.value(), full({2}, 4)));
  const auto assign = [&] { moves ? a = std::move(longer) : a = longer; };
  CHECK(test::refused<ShapeError>(assign) == "module list: 3 modules are assigned to 2");
  CHECK(test::same_bits(first.value(), full({2}, 3)));

  ModuleList<Parameter> none;
  CHECK(test::refused<ShapeError>([&] { moves ? none = std::move(longer) : none = longer; }) ==
        "module list: 3 modules are assigned to 0");
  std::swap(none, longer);
  CHECK(none.size() == 3);
  CHECK_THROWS_AS(longer = none, ShapeError);
  const ModuleList<Parameter> away = std::move(none);
  none = away;
  CHECK(none.size() == 3);
}

TEST_CASE("a module list is copied deep, moves with its leaves, and grows", "[nn][module]") {
  ModuleList<Parameter> a = list({1, 2});
  const Variable first = a[0];
  ModuleList<Parameter> copy = a;
  CHECK(copy[0].node().get() != first.node().get());
  ModuleList<Parameter> moved = std::move(a);
  for (int i = 0; i < 20; ++i) moved.push_back(Parameter(ones({2})));
  CHECK(moved.size() == 22);
  CHECK(moved[0].node().get() == first.node().get());
  std::swap(moved, copy);
  CHECK(copy[0].node().get() == first.node().get());
  CHECK(moved.size() == 2);
  std::size_t count = 0;
  for (const Parameter& p : moved) count += p.defined();
  CHECK(count == 2);
  CHECK(ModuleList<Parameter>().empty());
}
