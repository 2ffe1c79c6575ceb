// Sequential: modules and functions one after the other, as one module.
//
//   nn::Sequential<nn::Linear, nn::Relu, nn::Dropout, nn::Linear> net(
//       {{.in = 8, .out = 64}, {}, {.p = 0.1}, {.in = 64, .out = 3}}, generator);
//   const Variable logits = net.forward(x, dropout_generator);
//   net.get<0>().weight;
#pragma once

#include <concepts>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include "heed/nn/module.h"
#include "heed/nn/parameter_source.h"

namespace heed::nn {

namespace detail {

/// What a part of a Sequential is made of: the Config of a module, or a function itself.
template <class Part>
struct PartConfig {
  using type = Part;
};
template <class Part>
  requires requires { typename Part::Config; }
struct PartConfig<Part> {
  using type = typename Part::Config;
};

template <class Part>
Part make_part(const typename PartConfig<Part>::type& config, const ParameterSource& source) {
  if constexpr (std::constructible_from<Part, const typename PartConfig<Part>::type&, const ParameterSource&>)
    return Part(config, source);
  else
    return Part(config);  // has no parameters
}

}  // namespace detail

/// y = part_n(… part_1(part_0(x))). A part is a module whose forward() takes one Variable and gives one, or a function
/// of one Variable: a struct with an operator() (nn/activation.h) or a function pointer. Parameters have PyTorch's
/// names, "0.weight" for the first part's; a part that is a function has a number too.
template <class... Parts>
class Sequential {
 public:
  using Config =
      std::tuple<typename detail::PartConfig<Parts>::type...>;  ///< of a module its Config, a function itself

  /// Makes the parts in their order. Errors as theirs.
  Sequential(const Config& config, const ParameterSource& source)
      : Sequential(config, source, std::index_sequence_for<Parts...>()) {}

  /// `generator`, where there is one, goes to each part whose forward() takes it after x: those that drop.
  template <class... Given>
  Variable forward(const Variable& x, Given&... generator) const {
    static_assert(sizeof...(Given) <= 1, "forward() takes x and perhaps a Generator");
    Variable y = x;
    std::apply([&](const Parts&... part) { ((y = apply(part, y, generator...)), ...); }, parts_);
    return y;
  }

  template <std::size_t i>
  auto& get() {
    return std::get<i>(parts_);
  }
  template <std::size_t i>
  const auto& get() const {
    return std::get<i>(parts_);
  }
  static constexpr std::size_t size() { return sizeof...(Parts); }

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    std::apply(
        [&](auto&... part) {
          std::size_t next = 0;
          const auto list = [&]<class Part>(Part& one) {
            const std::string name = std::to_string(next++);
            if constexpr (ModuleMember<std::remove_const_t<Part>>) visitor(name, one);
          };
          (list(part), ...);
        },
        self.parts_);
  }

 private:
  // In braces: the parts are made, and draw, one after the other.
  template <std::size_t... i>
  Sequential(const Config& config, const ParameterSource& source, std::index_sequence<i...>)
      : parts_{detail::make_part<Parts>(std::get<i>(config), source)...} {}

  template <class Part, class... Given>
  static Variable apply(const Part& part, const Variable& x, Given&... generator) {
    if constexpr (requires { part.forward(x, generator...); })
      return part.forward(x, generator...);
    else if constexpr (requires { part.forward(x); })
      return part.forward(x);
    else
      return part(x);
  }

  std::tuple<Parts...> parts_;
};

}  // namespace heed::nn
