// Modules: any struct with a static member template
//
//   template <class Self, class Visitor>
//   static void visit(Self& self, Visitor&& visitor) {
//     visitor("weight", self.weight);  // a Parameter, a Buffer, a module,
//     visitor("layers", self.layers);  // a ModuleList of those, or a std::array of modules
//   }
//
// From that one list come names, state dicts, files and counts. What it leaves out is neither saved nor trained:
// untracked_leaves() (autograd/inspect/untracked.h) finds such a parameter. There is no base class; forward() is an
// ordinary member with whatever signature fits.
//
// A module is a value:
//   * `Net best = net` is a second model: parameters and buffers are copied.
//   * `net = best` and `net = Net(config)` copy the values into net's own parameters and buffers, so that an
//     optimizer of net goes on training it. ShapeError, DTypeError where the two differ, one of them has a parameter
//     more included; members before that one have been assigned by then. All or nothing, so that a failure changes
//     nothing, is load_state_dict(net, state_dict(best)). Declare settings after the parameters in a struct: a
//     refused parameter then leaves them unchanged.
//   * `Net other = std::move(net)`, std::swap(net, best) and a std::vector<Net> that grows move the leaves: an
//     optimizer of net trains what is now `other`, or `best`.
//
// Weight tying: one Parameter that visit() lists under two names is one weight.
//
//   visitor("embedding.weight", self.embedding.weight);
//   visitor("output.weight", self.embedding.weight);
//
// parameters() lists it once, so it is stepped, clipped and counted once; its state dict has both names, as PyTorch's.
//
// A module some of whose numbers must keep a value (a padding row of zeros) may have
//
//   void after_load(const std::set<const Node*>& tied) const;  // the leaves that have several names
//
// which load_state_dict() calls when all has been loaded; it must not throw.
#pragma once

#include <array>
#include <concepts>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

#include "heed/nn/buffer.h"
#include "heed/nn/module_list.h"
#include "heed/nn/named_parameters.h"
#include "heed/nn/parameter.h"
#include "heed/nn/state_dict.h"

namespace heed::nn {

/// A list of members that is assigned element by element.
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

namespace detail {

// Calls use(name, Parameter& or Buffer&) for everything inside `module`, in the order of its visit(); both const when
// the module is.
template <class Module, class Use>
void for_each_member(Module& module, const std::string& prefix, Use& use) {
  const auto enter = [&]<class Member>(const auto& self, const std::string& name, Member& member) -> void {
    using Plain = std::remove_const_t<Member>;
    static_assert(ModuleMember<Plain>,
                  "visit() may list a Parameter, a Buffer (for a Tensor), a module, an nn::ModuleList of those (for "
                  "a std::vector, or an array of Parameters or Buffers), or a std::array of modules");
    if constexpr (std::same_as<Plain, Parameter> || std::same_as<Plain, Buffer>) {
      if (member.defined()) use(name, member);
    } else if constexpr (is_module_list<Plain>) {
      for (std::size_t i = 0; i < member.size(); ++i) self(self, name + "." + std::to_string(i), member[i]);
    } else {
      for_each_member(member, name + ".", use);
    }
  };
  std::remove_const_t<Module>::visit(
      module, [&](std::string_view name, auto& member) { enter(enter, prefix + std::string(name), member); });
}

// Calls use(part) for `module` and every module inside it.
template <class Module, class Use>
void for_each_module(Module& module, const Use& use) {
  const auto enter = [&]<class Member>(const auto& self, Member& member) -> void {
    using Plain = std::remove_const_t<Member>;
    if constexpr (is_module_list<Plain>)
      for (std::size_t i = 0; i < member.size(); ++i) self(self, member[i]);
    else if constexpr (!std::same_as<Plain, Parameter> && !std::same_as<Plain, Buffer>)
      for_each_module(member, use);
  };
  use(module);
  std::remove_const_t<Module>::visit(module, [&](std::string_view, auto& member) { enter(enter, member); });
}

template <class Wanted, class Module, class Use>
void for_each(Module& module, Use& use) {
  const auto filter = [&]<class Member>(const std::string& name, Member& member) {
    if constexpr (std::same_as<std::remove_const_t<Member>, Wanted>) use(name, member);
  };
  for_each_member(module, "", filter);
}

}  // namespace detail

/// Calls use(name, Parameter&), const when the module is, for every parameter inside `module` in the order of its
/// visit(), one that is listed under two names twice. Undefined ones (a bias that is switched off) are left out.
template <class Module, class Use>
void for_each_parameter(Module& module, Use&& use) {
  detail::for_each<Parameter>(module, use);
}

/// The same for buffers: use(name, Buffer&).
template <class Module, class Use>
void for_each_buffer(Module& module, Use&& use) {
  detail::for_each<Buffer>(module, use);
}

/// Handles to all parameters and their names, as in the state dict, in the order of visit(), frozen ones included: each
/// leaf once, under its first name. For an optimizer, whose state then has these names.
template <class Module>
NamedParameters named_parameters(const Module& module) {
  NamedParameters result;
  std::set<const Node*> leaves;
  for_each_parameter(module, [&](const std::string& name, const Parameter& p) {
    Variable handle = p.handle();
    if (!handle.is_leaf() || leaves.insert(handle.node().get()).second) result.push_back(name, std::move(handle));
  });
  return result;
}

/// The same handles without names. They stay valid when the module is moved.
template <class Module>
std::vector<Variable> parameters(const Module& module) {
  return named_parameters(module).variables;
}

/// How many elements the parameters have together.
template <class Module>
std::int64_t parameter_count(const Module& module) {
  std::int64_t count = 0;
  for (const Variable& parameter : parameters(module)) count += parameter.numel();
  return count;
}

/// All parameters and buffers by name. The tensors are the module's own: they share its storage. Error when two have
/// the same name.
template <class Module>
StateDict state_dict(const Module& module) {
  StateDict state;
  for_each_parameter(module, [&](const auto& name, const Parameter& p) { add_state(state, name, p.value()); });
  for_each_buffer(module, [&](const auto& name, const Buffer& buffer) { add_state(state, name, buffer); });
  return state;
}

/// Loads a state dict into a module of the same structure; all or nothing, with the errors of assign_state. Then calls
/// after_load of the modules that have one.
template <class Module>
void load_state_dict(Module& module, const StateDict& state) {
  std::set<const Node*> leaves, tied;  // first, for it takes memory
  for_each_parameter(module, [&](const auto&, const Parameter& p) {
    const Node* leaf = p.handle().node().get();
    if (!leaves.insert(leaf).second) tied.insert(leaf);
  });
  assign_state(state_dict(module), state);
  detail::for_each_module(module, [&](auto& part) {
    if constexpr (requires { part.after_load(tied); }) part.after_load(tied);
  });
}

}  // namespace heed::nn
