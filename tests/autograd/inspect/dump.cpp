#include "heed/autograd/inspect/dump.h"

#include "heed/autograd/backward.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/matmul.h"
#include "heed/autograd/ops/movement.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/tensor/create.h"
#include "heed/tensor/mutate.h"
#include "support/catch.h"

using namespace heed;

TEST_CASE("a dump has one line per node", "[dump]") {
  const Variable x(ones({8, 64})), w(ones({64, 10}), true);
  const Variable y = sum(matmul(x, w));
  CHECK(dump(y) ==
        "%0 sum f32 [] <- %1\n"
        "%1 matmul f32 [8, 10] <- const %2 | saves f32 [8, 64]\n"
        "%2 leaf f32 [64, 10]\n");
  backward(y);
  CHECK(dump(y) ==
        "%0 sum f32 [] <- %1\n"
        "%1 matmul f32 [8, 10] <- const %2\n"
        "%2 leaf f32 [64, 10]\n");
}

TEST_CASE("a dump of a constant says so", "[dump]") {
  CHECK(dump(Variable(ones({2}))) == "const\n");
  CHECK(dump(Variable()) == "const\n");
  CHECK(dump(Variable(ones({2}, DType::f64), true)) == "%0 leaf f64 [2]\n");
}

TEST_CASE("a result stands before what it was computed from, however it is reached", "[dump]") {
  const Variable x(ones({2}, DType::f64), true);
  CHECK(dump(x + exp(neg(x))) ==
        "%0 add f64 [2] <- %3 %1\n"
        "%1 exp f64 [2] <- %2 | saves f64 [2]\n"
        "%2 neg f64 [2] <- %3\n"
        "%3 leaf f64 [2]\n");
}

TEST_CASE("a dump names the slots of a node with several results", "[dump]") {
  const Variable x(ones({2, 3}, DType::f64), true);
  const std::vector<Variable> rows = unstack(x, 0);
  CHECK(dump(rows[1] - rows[0]) ==
        "%0 sub f64 [3] <- %1:1 %1\n"
        "%1 unstack f64 [3] f64 [3] <- %2\n"
        "%2 leaf f64 [2, 3]\n");
}

TEST_CASE("a dump shows a saved tensor that has changed since", "[dump]") {
  const Variable x(ones({2}, DType::f64), true);
  const Variable y = exp(x);
  Tensor value = y.value();
  fill(value, 3);
  CHECK(dump(y) ==
        "%0 exp f64 [2] <- %1 | saves f64 [2]\n"
        "%1 leaf f64 [2]\n");
}
