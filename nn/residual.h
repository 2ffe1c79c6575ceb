// Residual connection (He et al. 2016).
#pragma once

#include "heed/autograd/ops/elementwise.h"
#include "heed/nn/module.h"
#include "heed/nn/parameter_source.h"
#include "heed/tensor/error.h"

namespace heed::nn {

namespace detail {
/// ShapeError unless both shapes are one.
void check_residual(const Variable& x, const Variable& y);
}  // namespace detail

/// y = x + module(x): `module` keeps x's shape. Its parameters are called "module.weight" and so on.
template <class Module>
struct Residual {
  using Config = typename Module::Config;

  Residual(const Config& config, const ParameterSource& source) : module(config, source) {}

  /// What the module takes besides x follows it. ShapeError when what it makes of x has another shape.
  template <class... More>
  Variable forward(const Variable& x, More&&... more) const
    requires requires(const Module& m) { m.forward(x, std::forward<More>(more)...); }
  {
    const Variable y = module.forward(x, std::forward<More>(more)...);
    detail::check_residual(x, y);
    return x + y;
  }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("module", self.module);
  }

  Module module;
};

}  // namespace heed::nn
