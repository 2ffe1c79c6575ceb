#include "examples/claims/graph.h"

#include "heed/autograd/inspect/graph_nodes.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/matmul.h"
#include "heed/autograd/ops/movement.h"
#include "heed/tensor/create.h"
#include "support/catch.h"

using namespace heed;
using namespace heed::examples;

namespace {

std::vector<std::string> names(const std::vector<const Node*>& nodes) {
  std::vector<std::string> result;
  for (const Node* node : nodes) result.emplace_back(node->name());
  return result;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("claims: a path through a graph is a shortest one", "[claims]") {
  const Variable x(ones({2, 3}), true), other(ones({2, 3}), true), constant(ones({2, 3}));
  const Variable long_way = exp(tanh(exp(x))), y = long_way * (-x) + other;
  CHECK(names(shortest_path(y, x)) == Names{"add", "mul", "neg", "leaf"});
  CHECK(names(shortest_path(y, other)) == Names{"add", "leaf"});
  CHECK(names(shortest_path(y, long_way)) == Names{"add", "mul", "exp"});
  CHECK(names(shortest_path(x, x)) == Names{"leaf"});
  CHECK(shortest_path(long_way, other).empty());
  CHECK(shortest_path(y, constant).empty());
  CHECK(shortest_path(constant, x).empty());
  CHECK(count_operations(shortest_path(long_way, x), "exp") == 2);
}

TEST_CASE("claims: the longest chain counts what waits, not what there is", "[claims]") {
  const Variable x(ones({2}), true);
  const Variable side_by_side = exp(x) + exp(x * 2) + exp(x * 3), chain = exp(tanh(exp(exp(x)))) + exp(x);
  CHECK(count_operations(graph_nodes(side_by_side), "exp") == 3);
  CHECK(longest_chain(side_by_side, "exp") == 1);
  CHECK(longest_chain(chain, "exp") == 3);
  CHECK(longest_chain(chain, "matmul") == 0);
  CHECK(longest_chain(Variable(ones({2})), "exp") == 0);
}

TEST_CASE("claims: products of matrices have the flops that they have by hand", "[claims]") {
  const Variable a(ones({5, 2, 3}), true), b(ones({5, 3, 7}), true), weight(ones({11, 7}), true);
  const Variable product = matmul(a, b);  // [5, 2, 7]
  CHECK(product_flops(product) == 2 * 5 * 2 * 3 * 7);
  CHECK(product_flops(exp(linear(product, weight))) == 2 * 5 * 2 * 3 * 7 + 2 * 5 * 2 * 7 * 11);
  CHECK(product_flops(matmul(Variable(ones({2, 3})), select(b, 0, 0))) == 2 * 2 * 3 * 7);  // of a constant
  CHECK(product_flops(linear(Variable(ones({4, 7})), weight)) == 2 * 4 * 7 * 11);
  CHECK(product_flops(a * a) == 0);
}
