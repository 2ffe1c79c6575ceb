// Dropout (Hinton et al. 2012), scaled while training so that nothing is to be done afterwards.
#pragma once

#include <string_view>

#include "heed/autograd/variable.h"
#include "heed/tensor/random/random.h"

namespace heed::nn {

/// y = x∘m / (1 - p), m = 0 with probability p and 1 else, drawn for each element in row-major order; zeros for p = 1,
/// x itself for p = 0, which draws nothing. f32, f64; saves m, as bool. Error unless 0 <= p <= 1.
Variable dropout(const Variable& x, double p, Generator& generator);

/// Error unless 0 <= p <= 1.
void check_probability(std::string_view operation, double p);

/// The same as a module without parameters, which drops while `training` is true.
struct Dropout {
  struct Config {
    double p = 0.5;  ///< in [0, 1]
  };

  /// Error unless 0 <= p <= 1.
  explicit Dropout(const Config& config);

  /// What stays of x, or x itself where training is false, which draws nothing.
  Variable forward(const Variable& x, Generator& generator) const { return training ? dropout(x, p, generator) : x; }
  /// x itself; Error where training is true and p is not 0: then a generator is needed.
  Variable forward(const Variable& x) const;
  /// The first where there is a generator, else the second.
  Variable forward(const Variable& x, Generator* generator) const {
    return generator ? forward(x, *generator) : forward(x);
  }

  template <class Self, class Visitor>
  static void visit(Self&, Visitor&&) {}

  double p;
  bool training = true;
};

}  // namespace heed::nn
