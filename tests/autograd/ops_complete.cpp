// The table is complete: every operation that autograd/ declares has a row, and every row an operation.
#include <algorithm>
#include <iterator>
#include <set>

#include "autograd/declared_operations.h"
#include "op_cases.h"
#include "support/catch.h"

using namespace heed::test;

namespace {

// Names of `declared` that no row has.
std::vector<std::string> missing(const std::vector<std::string>& declared, const std::set<std::string>& rows) {
  std::vector<std::string> result;
  std::copy_if(declared.begin(), declared.end(), std::back_inserter(result),
               [&](const std::string& name) { return rows.count(name) == 0; });
  return result;
}

}  // namespace

TEST_CASE("every declared operation has a row", "[ops]") {
  std::set<std::string> rows, names;
  for (const OpCase& row : op_cases()) {
    CHECK(names.insert(row.name).second);
    rows.insert(row.operation());
  }
  const std::vector<std::string> declared = operations_of_the_library("autograd");
  REQUIRE(declared.size() >= 48);
  CHECK(missing(declared, rows) == std::vector<std::string>{});

  const std::set<std::string> known(declared.begin(), declared.end());
  for (const std::string& row : rows) {
    INFO(row);
    CHECK(known.count(row) == 1);
  }
  rows.erase("matmul");
  CHECK(missing(declared, rows) == std::vector<std::string>{"matmul"});
}

TEST_CASE("declared operations are found in a header", "[ops]") {
  const std::string header = R"(
// Variable in_a_comment(const Variable& x);
#pragma once
#define Variable macro(const Variable& x)
namespace heed {
namespace detail { Variable inner(const Variable& x); }
/* Variable hidden(const Variable& x); */
class Thing {
  Variable method(const Variable& x);
  Variable other(const Variable& x) { return x; }
};
Variable plain(const Variable& x);  ///< dx = dy; of two(const Variable&)
Variable plain(const Variable& x, int axis);
Variable spread(const Tensor& condition,
                const Variable& a, const std::vector<int>& b = {});
std::vector<Variable> several(const Variable& x);
std::array<Variable, 2> pair(const Variable& x);
Variable list(const std::vector<Variable>& parts);
LstmState record(const LstmState& before, const Variable& x);
inline Variable short_one(const Variable& x) { return plain(x); }
inline Variable operator+(const Variable& a, const Variable& b) { return add(a, b); }
template <class V> std::vector<V> gradients(const Variable& y);
template <class R>
Variable recorded(Tensor y, const Variable& x) { return y; }
void backward(const Variable& y);
std::string dump(const Variable& y);
std::vector<std::string> report(const Variable& y);
bool test(const Variable& y);
Variable from_numbers(const Tensor& x);
using Function = std::function<Variable(const std::vector<Variable>&)>;
struct Nothing {};
Variable last(Variable x);
}  // namespace heed
)";
  CHECK(declared_operations(header) ==
        std::vector<std::string>{"inner", "plain", "spread", "several", "pair", "list", "record", "short_one", "last"});
  CHECK(declared_operations("").empty());
}
