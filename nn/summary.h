// Summary: what a model is made of, as a table.
//
//   std::cout << nn::summary(model).str();
//   std::cout << nn::summary(model, [&] { return cross_entropy(model.forward(x), targets); }).str();
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <typeinfo>
#include <unordered_map>
#include <vector>

#include "heed/nn/module.h"

namespace heed::nn {

struct Summary {
  /// A parameter or buffer.
  struct Member {
    std::string name;
    Shape shape;
    DType dtype;
    std::int64_t elements;  ///< 0 where the same leaf has been listed before
    std::int64_t bytes;
    std::string note;  ///< "buffer", "frozen", "tied"
  };
  struct Layer {
    std::string name;  ///< as in the state dict, "" of the model itself
    std::string type;
    std::vector<Member> members;  ///< its own, without those of the layers in it
    std::optional<Shape> output;  ///< of the operation nearest the result that reads a parameter of its own
  };

  std::vector<Layer> layers;                ///< in the order of visit(), each before those in it
  std::int64_t parameters = 0, frozen = 0;  ///< elements; frozen ones are among `parameters`
  std::int64_t parameter_bytes = 0, buffer_bytes = 0;
  std::optional<std::int64_t> activation_bytes;  ///< that the sample run keeps for backward, parameters not counted
  std::vector<std::string> untracked;            ///< leaves that the run reached and no visit() lists

  std::string str() const;  ///< the table, with a newline behind every line
};

namespace detail {

class SummaryBuilder {
 public:
  /// The parameters' names in the state dict: a leaf counts under its first.
  template <class Module>
  explicit SummaryBuilder(const Module& module) {
    for_each_parameter(module, [&](const std::string& name, const Parameter& parameter) {
      first_names_.emplace(parameter.handle().node().get(), name);
    });
  }

  void enter(const std::string& name, const std::type_info& type);  ///< a layer, to which what follows belongs
  void add(const std::string& name, const Parameter& parameter);
  void add(const std::string& name, const Buffer& buffer);
  void look_at(const Variable& result);
  Summary take() { return std::move(summary_); }

 private:
  Summary summary_;
  std::vector<std::vector<const Node*>> leaves_;  // of each layer
  std::vector<Variable> tracked_;
  std::unordered_map<const Node*, std::string> first_names_;
};

template <class Module>
void summarise(SummaryBuilder& builder, const Module& module, const std::string& name) {
  builder.enter(name, typeid(Module));
  const std::string prefix = name.empty() ? "" : name + ".";
  const auto own = [&]<class Member>(const auto& self, const std::string& inner, const Member& member) -> void {
    if constexpr (std::same_as<Member, Parameter> || std::same_as<Member, Buffer>) {
      if (member.defined()) builder.add(inner, member);
    } else if constexpr (is_module_list<Member>) {
      for (std::size_t i = 0; i < member.size(); ++i) self(self, inner + "." + std::to_string(i), member[i]);
    }
  };
  const auto inside = [&]<class Member>(const auto& self, const std::string& inner, const Member& member) -> void {
    if constexpr (is_module_list<Member>) {
      for (std::size_t i = 0; i < member.size(); ++i) self(self, inner + "." + std::to_string(i), member[i]);
    } else if constexpr (!std::same_as<Member, Parameter> && !std::same_as<Member, Buffer>) {
      summarise(builder, member, prefix + inner);
    }
  };
  Module::visit(module, [&](std::string_view inner, const auto& member) { own(own, std::string(inner), member); });
  Module::visit(module,
                [&](std::string_view inner, const auto& member) { inside(inside, std::string(inner), member); });
}

}  // namespace detail

/// The layers of `module`, what they hold, and how much that is.
template <class Module>
Summary summary(const Module& module) {
  detail::SummaryBuilder builder(module);
  detail::summarise(builder, module, "");
  return builder.take();
}

/// And of one run, whose result it returns: the shapes that layers gave, the memory that the recorded graph keeps until
/// backward, and leaves that visit() forgot (autograd/inspect/untracked.h).
template <class Module>
Summary summary(const Module& module, const std::function<Variable()>& sample_run) {
  detail::SummaryBuilder builder(module);
  detail::summarise(builder, module, "");
  builder.look_at(sample_run());
  return builder.take();
}

}  // namespace heed::nn
