// ParameterSource: where the parameters of a layer come from. Every layer's constructor takes one and asks it for its
// parameters, so one description of a model draws it, prepares it for a file, and tells its size:
//
//   Generator generator(1);
//   nn::Linear layer(config, generator);                      // drawn; a Generator& is a source
//   nn::Linear loaded(config, nn::ParameterSource::zeros());  // to be loaded into: nothing is drawn
//   nn::count_parameters<nn::Linear>(config);                 // makes no tensor
#pragma once

#include <functional>

#include "heed/nn/parameter.h"
#include "heed/tensor/random/random.h"

namespace heed::nn {

/// What a parameter does in its layer. A recurrent weight is [gates·H, H] and multiplies the state of the step before;
/// a gain multiplies normalised numbers, element by element, and starts at 1.
enum class ParameterKind : std::uint8_t { weight, recurrent, bias, gain };

struct ParameterSpec {
  Shape shape;
  ParameterKind kind = ParameterKind::weight;
  DType dtype = DType::f32;
};

/// Gives a parameter its first value, a tensor of the spec's shape and dtype.
using Initialiser = std::function<Tensor(const ParameterSpec&, Generator&)>;

/// Valid as long as what it was made of: a layer uses its source in its constructor only.
class ParameterSource {
 public:
  /// Draws from `generator`. Implicit, so that users write Layer(config, generator).
  ParameterSource(Generator& generator) : generator_(&generator) {}

  /// Parameters of zeros, which draw nothing: for a model that is loaded next.
  static ParameterSource zeros() { return {}; }

  /// Adds the number of elements to `total` and makes no tensor: the parameters are undefined, and the sizes may be
  /// too large for any memory.
  static ParameterSource counting(double& total);

  /// The same source, whose parameters start as `rule` says instead of as their layers say; where it gives an undefined
  /// tensor the layer decides. A rule that is already there is asked first. Zeros stay zeros.
  ParameterSource with(Initialiser rule) const;

  /// The parameter, which starts as `initialiser` says where no rule does. ShapeError, DTypeError when they give
  /// another shape or dtype.
  Parameter make(const ParameterSpec& spec, const Initialiser& initialiser) const;

  /// From U(-1/√fan_in, 1/√fan_in), as PyTorch's linear and recurrent layers start.
  Parameter make(const ParameterSpec& spec, std::int64_t fan_in) const;

 private:
  ParameterSource() = default;

  Generator* generator_ = nullptr;
  double* total_ = nullptr;
  Initialiser rule_;
};

/// How many elements the parameters of a Model(config, source) have, as a double: also where no memory could hold them.
template <class Model>
double count_parameters(const typename Model::Config& config) {
  double total = 0;
  const Model model(config, ParameterSource::counting(total));
  return total;
}

}  // namespace heed::nn
