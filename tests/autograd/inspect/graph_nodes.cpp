// The nodes of a graph as a list: each once, results before what they were computed from.
#include "heed/autograd/inspect/graph_nodes.h"

#include "heed/autograd/ops/elementwise.h"
#include "heed/tensor/create.h"
#include "support/catch.h"

using namespace heed;

TEST_CASE("the nodes of a graph are listed once, results first", "[autograd]") {
  const Variable x(ones({2}), true), a = exp(x), b = tanh(a) + a;
  std::vector<std::string> names;
  for (const Node* node : graph_nodes(b)) names.emplace_back(node->name());
  CHECK(names == std::vector<std::string>{"add", "tanh", "exp", "leaf"});
  CHECK(graph_nodes(x).size() == 1);
  CHECK(graph_nodes(Variable(ones({2}))).empty());
}
