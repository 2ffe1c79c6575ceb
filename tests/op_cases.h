// The table of operations: one row for every function on Variables in autograd/. The drivers in tests/autograd/ops_*
// take every row through the same checks; ops_complete.cpp fails when a function has no row. A new operation needs a
// row here and no other test to be checked for values, gradients, layouts, errors, NaN and changes in place.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "heed/autograd/inspect/gradcheck.h"
#include "support/array.h"
#include "support/layouts.h"

namespace heed::test {

using Variables = std::vector<Variable>;
using Arrays = std::vector<Array>;

/// One call that must succeed.
struct Sample {
  std::string what;            ///< what is ugly about it
  std::vector<Tensor> inputs;  ///< f64, numbers that f32 holds exactly
  Function apply;              ///< the operation with this sample's axes, masks and indices; takes f64 and f32
  std::function<Array(const Arrays&)> expected;  ///< the same by plain loops
  std::vector<Tensor> constants = {};            ///< masks, indices, targets: tensors `apply` reads besides
  bool differentiable = true;                    ///< no kink near, nothing infinite
  bool large = false;                            ///< many numbers: checks that take each of them are left out
  bool cancels = false;                          ///< its gradient subtracts equal terms: 0, but not of a NaN
};

enum class Refusal { shape, dtype, index, grad };

/// One call that must be refused with exactly this exception, whose message begins with the operation's name or, where
/// it is a part of the operation that refuses, with `speaker`.
struct Misuse {
  std::string what;
  Refusal refusal;
  std::vector<Tensor> inputs;
  Function apply;
  std::string speaker = {};
};

struct OpCase {
  std::string name;  ///< of the function in autograd/, followed by ", …" where it has several rows

  /// The function's name.
  std::string operation() const { return name.substr(0, name.find(',')); }

  std::function<std::vector<Sample>()> samples;
  std::function<std::vector<Misuse>()> misuses = {};

  /// Accepted distance of values from the reference, in units in the last place; `scale` as in difference().
  double ulps = 0;
  double scale = 0;

  /// Every NaN in an input must show in the result. False where the operation picks some of its inputs' numbers only.
  bool shows_every_nan = true;

  /// The gradient adds up numbers of dy, in an order that depends on dy's strides (tensor/ops/reduce.h).
  bool sums_gradient = false;
};

/// All rows, one family after the other.
const std::vector<OpCase>& op_cases();

/// The row of this name; throws std::out_of_range when there is none.
const OpCase& op_case(const std::string& name);

std::vector<OpCase> unary_cases();
std::vector<OpCase> binary_cases();
std::vector<OpCase> view_cases();
std::vector<OpCase> join_cases();
std::vector<OpCase> reduce_cases();
std::vector<OpCase> index_cases();
std::vector<OpCase> matmul_cases();
std::vector<OpCase> softmax_cases();
std::vector<OpCase> loss_cases();
std::vector<OpCase> class_loss_cases();
std::vector<OpCase> gate_cases();
std::vector<OpCase> fused_cases();
std::vector<OpCase> attention_cases();
std::vector<OpCase> conv_cases();
std::vector<OpCase> recurrent_cases();

/// Leaves of these numbers.
Variables leaves(const std::vector<Tensor>& inputs);

/// The inputs as another dtype (those that are no floats stay).
std::vector<Tensor> converted(const std::vector<Tensor>& inputs, DType dtype);

/// A sample's inputs once more in each of these layouts, and once in different ones; the first is the sample itself.
/// A sample of large inputs is given back as it is.
std::vector<std::vector<Tensor>> rearranged(const Sample& sample);

}  // namespace heed::test
