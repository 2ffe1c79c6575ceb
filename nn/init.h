// Initial values of parameters: tensors drawn from a generator, the same bits on every processor. uniform, normal and
// truncated_normal are those of tensor/random/random.h; zeros, ones and full those of tensor/create.h.
//
//   Generator generator(1);
//   nn::Linear layer(config, generator);  // drawn as the layer says; another way, before anything is drawn:
//   nn::Linear other(config, nn::ParameterSource(generator).with([](const nn::ParameterSpec& p, Generator& g) {
//     return p.kind == nn::ParameterKind::weight ? nn::xavier_uniform(g, p.shape, 1, p.dtype) : zeros(p.shape,
//     p.dtype);
//   }));
//   Tensor weight = layer.weight.value();  // or over what is there
//   copy_from(weight, nn::orthogonal(generator, weight.shape()));
//
// Shapes are those of weights in PyTorch's layout, [out, in] or [out, in, ..]; ShapeError for fewer than two axes.
// A fan of 0 counts as 1.
#pragma once

#include "heed/tensor/random/random.h"

namespace heed::nn {

/// U(-1/√fan_in, 1/√fan_in): what PyTorch's Linear and recurrent layers start from. Any shape. ShapeError when fan_in
/// is negative.
Tensor fan_in_uniform(Generator& generator, const Shape& shape, std::int64_t fan_in, DType dtype);

/// How many inputs an output of the weight reads, and how many outputs read an input: [out, in, k..] has in·k.. and
/// out·k..
struct Fans {
  std::int64_t in, out;
};
Fans fans_of(const Shape& shape);

enum class Nonlinearity : std::uint8_t { linear, sigmoid, tanh, relu, leaky_relu, selu };

/// What the nonlinearity takes from the deviation of its inputs, as torch.nn.init.calculate_gain has it: 1, 1, 5/3, √2,
/// √(2/(1 + negative_slope²)), 3/4.
double calculate_gain(Nonlinearity nonlinearity, double negative_slope = 0.01);

/// N(0, s²), or U with that deviation, s = gain·√(2/(fan_in + fan_out)) (Glorot and Bengio 2010). Error unless gain is
/// finite and not negative.
Tensor xavier_normal(Generator& generator, const Shape& shape, double gain = 1, DType dtype = DType::f32);
Tensor xavier_uniform(Generator& generator, const Shape& shape, double gain = 1, DType dtype = DType::f32);

enum class Fan : std::uint8_t { in, out };

struct Kaiming {
  Fan mode = Fan::in;  ///< in keeps the deviation of what goes forward, out that of gradients
  Nonlinearity nonlinearity = Nonlinearity::leaky_relu;
  double negative_slope = 0;  ///< of leaky_relu
};

/// N(0, s²), or U with that deviation, s = calculate_gain/√fan (He et al. 2015).
Tensor kaiming_normal(Generator& generator, const Shape& shape, const Kaiming& config = {}, DType dtype = DType::f32);
Tensor kaiming_uniform(Generator& generator, const Shape& shape, const Kaiming& config = {}, DType dtype = DType::f32);

/// gain times a random matrix with orthonormal columns or, where it is wider than high, rows; [out, in, k..] counts as
/// [out, in·k..]. Evenly distributed: the Q of a QR decomposition of normal draws whose R has a positive diagonal
/// (Mezzadri, "How to generate random matrices from the classical compact groups", Notices of the AMS 54 (2007); Saxe
/// et al. 2014), by Householder's reflections in double precision. Error unless gain is finite.
Tensor orthogonal(Generator& generator, const Shape& shape, double gain = 1, DType dtype = DType::f32);

}  // namespace heed::nn
