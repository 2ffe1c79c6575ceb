#include "heed/nn/train/ema.h"

#include <fmt/format.h>

#include <algorithm>

#include "heed/nn/internal/optimizer_pass.h"
#include "heed/tensor/create.h"
#include "heed/tensor/error.h"
#include "heed/tensor/mutate.h"

namespace heed::nn {
namespace {

void check_same(const std::string& name, const StateDict& known, const Tensor& x) {
  const auto found = known.find(name);
  if (found == known.end()) throw ShapeError(fmt::format("ema: the module has {}, which it did not have", name));
  const Tensor& a = found->second;
  if (!(a.shape() == x.shape()) || a.dtype() != x.dtype())
    throw ShapeError(fmt::format("ema: {} is {} {}, it was {} {}", name, heed::name(x.dtype()), x.shape().str(),
                                 heed::name(a.dtype()), a.shape().str()));
}

void check_count(const char* kind, std::size_t now, std::size_t before) {
  if (now != before) throw ShapeError(fmt::format("ema: the module has {} {}, it had {}", now, kind, before));
}

void average(Tensor& a, const Tensor& given, double share) {
  const Tensor x = given.contiguous();
  std::array<Tensor, 0> nothing;
  optimizer_pass<0>(a, x, nothing, [&](const auto& kernels, auto* from, auto* to, std::size_t n) {
    kernels.average(share, from, to, n);
  });
}

}  // namespace

void Ema::begin(const NamedParameters& parameters, const StateDict& buffers) {
  if (!(config_.decay >= 0 && config_.decay <= 1))
    throw Error(fmt::format("ema: decay is {}, expected 0 <= decay <= 1", config_.decay));
  for (std::size_t i = 0; i < parameters.variables.size(); ++i)
    add_state(averages_, parameters.names[i], parameters.variables[i].value().clone());
  for (const auto& [name, buffer] : buffers) buffers_.emplace(name, buffer.clone());
}

void Ema::update(const NamedParameters& parameters, const StateDict& buffers) {
  const auto& [variables, names] = parameters;
  check_count("parameters", variables.size(), averages_.size());
  check_count("buffers", buffers.size(), buffers_.size());
  for (std::size_t i = 0; i < variables.size(); ++i) check_same(names[i], averages_, variables[i].value());
  for (const auto& [name, buffer] : buffers) check_same(name, buffers_, buffer);

  const auto t = static_cast<double>(updates_);
  const double decay = config_.warm_up ? std::min(config_.decay, (1 + t) / (10 + t)) : config_.decay;
  for (std::size_t i = 0; i < variables.size(); ++i) average(averages_.at(names[i]), variables[i].value(), 1 - decay);
  for (const auto& [name, buffer] : buffers) copy_from(buffers_.at(name), buffer);
  ++updates_;
}

StateDict Ema::values() const {
  StateDict result = averages_;
  result.insert(buffers_.begin(), buffers_.end());
  return result;
}

StateDict Ema::state_dict() const {
  StateDict result{{"n_averaged", full({}, updates_, DType::i64)}};
  for (const auto& [name, tensor] : values()) result.emplace("module." + name, tensor);
  return result;
}

void Ema::load_state_dict(const StateDict& state) {
  const StateDict target = state_dict();
  const auto count = state.find("n_averaged");
  if (count != state.end() && count->second.defined() && count->second.dtype() == DType::i64 &&
      count->second.rank() == 0) {
    const auto updates = count->second.item<std::int64_t>();
    if (updates < 0 || updates > std::int64_t{1} << 53)
      throw FormatError(fmt::format("load_state_dict: n_averaged is {}, expected a count of 0 to 2^53", updates));
  }
  assign_state(target, state);
  updates_ = target.at("n_averaged").item<std::int64_t>();
}

}  // namespace heed::nn
