// Weight normalisation (Salimans and Kingma 2016): a layer whose weight is a length times a direction.
#pragma once

#include "heed/nn/module.h"
#include "heed/nn/parameter_source.h"

namespace heed::nn {

/// weight = g∘v/‖v‖, the norm over all axes but the first: v [out, ..], g [out, 1, ..] -> [out, ..]. ShapeError unless
/// they fit.
Variable normalised_weight(const Variable& g, const Variable& v);

/// A layer with a Config that has `out`, and a parameter `weight` [out, ..]: Linear, Bilinear. Instead of the weight it
/// has, as torch.nn.utils.parametrizations.weight_norm, the parameters "parametrizations.weight.original0", which is g,
/// and "parametrizations.weight.original1", v: v starts as the layer's weight would, and g as its norm, so that the
/// layer computes the same. The weight is computed at every forward().
template <class Layer>
struct WeightNorm {
  using Config = typename Layer::Config;

  WeightNorm(const Config& c, const ParameterSource& source);

  /// The layer's own, with the computed weight.
  template <class... Inputs>
  auto forward(Inputs&&... inputs) const
    requires requires(const Layer& layer) { layer.forward(std::forward<Inputs>(inputs)...); }
  {
    double ignored = 0;
    Layer bound(config, ParameterSource::counting(ignored));  // without tensors
    bind_others(bound);
    bound.weight.rebind(weight());
    return bound.forward(std::forward<Inputs>(inputs)...);
  }

  Variable weight() const { return normalised_weight(g, v); }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    Layer::visit(self.others, visitor);  // its weight is undefined
    visitor("parametrizations.weight.original0", self.g);
    visitor("parametrizations.weight.original1", self.v);
  }

  Layer others;  ///< the layer without its weight
  Parameter g, v;
  Config config;

 private:
  // The parameters of `bound` become those of `others`.
  void bind_others(Layer& bound) const {
    std::vector<Variable> handles;
    Layer::visit(others, [&](std::string_view, const Parameter& parameter) { handles.push_back(parameter); });
    std::size_t next = 0;
    Layer::visit(bound, [&](std::string_view, Parameter& parameter) { parameter.rebind(handles[next++]); });
  }
};

namespace detail {
/// g of a weight: its norm, [out, 1, ..]. Where the source makes no tensors only its number of elements counts.
Parameter weight_length(const Parameter& v, std::int64_t out, DType dtype, const ParameterSource& source);
}  // namespace detail

template <class Layer>
WeightNorm<Layer>::WeightNorm(const Config& c, const ParameterSource& source)
    : others(c, source),
      g(detail::weight_length(others.weight, c.out, c.dtype, source)),
      v(std::move(others.weight)),
      config(c) {
  others.weight.rebind({});
}

}  // namespace heed::nn
