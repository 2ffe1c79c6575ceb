// Modules: any struct with a static member template
//
//   template <class Self, class Visitor>
//   static void visit(Self& self, Visitor&& visitor) {
//     visitor("weight", self.weight);     // a Parameter, a Buffer, a module, a ModuleList of those, a std::array of
//     modules visitor("bias", self.bias);
//   }
//
// From that one list come names, state dicts, files and counts. What it leaves out is neither saved nor trained:
// untracked_leaves() (autograd/inspect/untracked.h) finds such a parameter. There is no base class; forward() is an
// ordinary member with whatever signature fits.
//
// A module is a value:
//   * `Net best = net` is a second model: parameters and buffers are copied.
//   * `net = best` and `net = Net(config)` write the numbers into net's own parameters and buffers, so that an
//     optimizer of net goes on training it. ShapeError, DTypeError where the two differ, one of them has a parameter
//     more included; members before that one have been assigned by then. All or nothing, so that a failure changes
//     nothing, is load_state_dict(net, state_dict(best)). Settings stand behind the parameters in a struct: what the
//     parameters refuse then leaves them as they are.
//   * `Net other = std::move(net)`, std::swap(net, best) and a std::vector<Net> that grows move the leaves: an
//     optimizer of net trains what is now `other`, or `best`.
#pragma once

#include <array>
#include <concepts>
#include <map>
#include <string>
#include <type_traits>
#include <vector>

#include "heed/nn/buffer.h"
#include "heed/nn/module_list.h"
#include "heed/nn/parameter.h"

namespace heed::nn {

/// Named tensors, "encoder.weight_ih_l0" style, as in PyTorch.
using StateDict = std::map<std::string, Tensor>;

/// A row of members that is assigned element by element.
template <class T>
inline constexpr bool is_module_list = false;
template <class M>
inline constexpr bool is_module_list<ModuleList<M>> = true;
template <class M, std::size_t n>
inline constexpr bool is_module_list<std::array<M, n>> = !std::same_as<M, Parameter> && !std::same_as<M, Buffer>;

/// What a visit() may list. A Tensor is not: two copies of the module would share it. A std::vector is not: assigning
/// it replaces the parameters. A std::array of Parameters or Buffers is not: g++ 12 cannot copy it.
template <class T>
concept ModuleMember = std::same_as<T, Parameter> || std::same_as<T, Buffer> || is_module_list<T> ||
                       requires(T& member) { T::visit(member, [](std::string_view, auto&) {}); };

/// Calls on_parameter(name, Parameter&) and on_buffer(name, Buffer&) for everything inside `module`, in the order of
/// its visit(); both const when the module is. Undefined ones (a bias that is switched off) are left out.
template <class Module, class OnParameter, class OnBuffer>
void walk(Module& module, OnParameter&& on_parameter, OnBuffer&& on_buffer, const std::string& prefix = "") {
  const auto enter = [&]<class Member>(const auto& self, const std::string& name, Member& member) -> void {
    using Plain = std::remove_const_t<Member>;
    static_assert(ModuleMember<Plain>,
                  "visit() may list a Parameter, a Buffer (for a Tensor), a module, an nn::ModuleList of those (for "
                  "a std::vector, or an array of Parameters or Buffers), or a std::array of modules");
    if constexpr (std::same_as<Plain, Parameter>) {
      if (member.defined()) on_parameter(name, member);
    } else if constexpr (std::same_as<Plain, Buffer>) {
      if (member.defined()) on_buffer(name, member);
    } else if constexpr (is_module_list<Plain>) {
      for (std::size_t i = 0; i < member.size(); ++i) self(self, name + "." + std::to_string(i), member[i]);
    } else {
      walk(member, on_parameter, on_buffer, name + ".");
    }
  };
  std::remove_const_t<Module>::visit(
      module, [&](std::string_view name, auto& member) { enter(enter, prefix + std::string(name), member); });
}

/// Handles to all parameters, for an optimizer. They stay valid when the module is moved.
template <class Module>
std::vector<Variable> parameters(const Module& module) {
  std::vector<Variable> result;
  walk(module, [&](const std::string&, const Parameter& p) { result.push_back(p); }, [](const auto&, const auto&) {});
  return result;
}

/// How many numbers the parameters hold.
template <class Module>
std::int64_t parameter_count(const Module& module) {
  std::int64_t count = 0;
  for (const Variable& parameter : parameters(module)) count += parameter.numel();
  return count;
}

/// state[name] = tensor; Error when the name is taken.
void add_state(StateDict& state, const std::string& name, const Tensor& tensor);

/// All parameters and buffers by name. The tensors share the module's numbers. Error when two have the same name.
template <class Module>
StateDict state_dict(const Module& module) {
  StateDict state;
  walk(
      module, [&](const std::string& name, const Parameter& p) { add_state(state, name, p.value()); },
      [&](const std::string& name, const Buffer& buffer) { add_state(state, name, buffer); });
  return state;
}

/// Copies `source` into `target` name by name, converting between f32 and f64. All or nothing: FormatError that lists
/// missing and unexpected names, or names the tensor whose shape differs; ShapeError that names a tensor of `target`
/// that repeats its elements (an expanded view); both before anything changes. Tensors of `source` may share numbers
/// with those of `target`: all are read as they were before the call.
void assign_state(const StateDict& target, const StateDict& source);

/// Loads a state dict into a module of the same structure; errors of assign_state.
template <class Module>
void load_state_dict(Module& module, const StateDict& state) {
  assign_state(state_dict(module), state);
}

}  // namespace heed::nn
