#include "heed/nn/parameter_source.h"

#include <fmt/format.h>

#include "heed/nn/init.h"
#include "heed/tensor/create.h"

namespace heed::nn {

ParameterSource ParameterSource::counting(double& total) {
  ParameterSource source;
  source.total_ = &total;
  return source;
}

ParameterSource ParameterSource::with(Initialiser rule) const {
  ParameterSource source = *this;
  source.rule_ = [first = rule_, rule = std::move(rule)](const ParameterSpec& spec, Generator& generator) {
    Tensor value = first ? first(spec, generator) : Tensor();
    return value.defined() ? value : rule(spec, generator);
  };
  return source;
}

Parameter ParameterSource::make(const ParameterSpec& spec, const Initialiser& initialiser) const {
  if (total_) {
    double elements = 1;
    for (std::int64_t size : spec.shape) elements *= static_cast<double>(size);
    *total_ += elements;
    return Parameter();
  }
  if (!generator_) return Parameter(heed::zeros(spec.shape, spec.dtype));
  Tensor value = rule_ ? rule_(spec, *generator_) : Tensor();
  if (!value.defined()) value = initialiser(spec, *generator_);
  if (!value.defined() || !(value.shape() == spec.shape))
    throw ShapeError(fmt::format("parameter source: the initialiser gave {}, expected {}",
                                 value.defined() ? value.shape().str() : "an undefined tensor", spec.shape.str()));
  if (value.dtype() != spec.dtype)
    throw DTypeError(
        fmt::format("parameter source: the initialiser gave {}, expected {}", name(value.dtype()), name(spec.dtype)));
  return Parameter(std::move(value));
}

Parameter ParameterSource::make(const ParameterSpec& spec, std::int64_t fan_in) const {
  return make(spec, [fan_in](const ParameterSpec& p, Generator& generator) {
    return fan_in_uniform(generator, p.shape, fan_in, p.dtype);
  });
}

}  // namespace heed::nn
