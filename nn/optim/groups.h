// GroupedOptimizer: an Optimizer whose parameters are in groups, each with its own settings. Biases without decay, say:
//
//   nn::AdamW adam({{weights, {.weight_decay = 0.1}}, {biases, {.weight_decay = 0}}});
//   adam.config(1).learning_rate = 1e-4;
//
// An optimizer is a struct of settings and a class with three functions:
//
//   class Sgd final : public GroupedOptimizer<Sgd, SgdConfig> {
//    public:
//     using GroupedOptimizer::GroupedOptimizer;
//
//    private:
//     friend GroupedOptimizer;
//     static constexpr std::string_view name = "sgd";                      // messages begin with it
//     static void check(const Config& config, const SettingCheck& check);  // Error when one is out of its range
//     static Memories remembered(const Config& config);                    // of a parameter, under PyTorch's names
//     static void change(const Config& config, const Update& one);         // one step of one parameter
//   };
#pragma once

#include "heed/nn/optim/optimizer.h"

namespace heed::nn {

template <class Derived, class Settings>
class GroupedOptimizer : public Optimizer {
 public:
  using Config = Settings;

  struct Group {
    NamedParameters parameters;
    Config config;
  };

  /// One group. Error when a setting is out of its range or there are no parameters; GradError unless they are leaves,
  /// each there once; ShapeError unless they are contiguous.
  GroupedOptimizer(NamedParameters parameters, const Config& config)
      : GroupedOptimizer(std::vector<Group>{{std::move(parameters), config}}) {}

  /// Several groups; the same errors. A leaf that is in two groups is a GradError.
  explicit GroupedOptimizer(const std::vector<Group>& groups) : Optimizer(Derived::name, parameters_of(groups)) {
    for (const Group& group : groups) configs_.push_back(group.config);
    check_settings();
  }

  /// The settings of a group, which may be changed between steps. IndexError when there is no such group.
  Config& config(std::size_t group = 0) {
    check_group(group, configs_.size());
    return configs_[group];
  }
  const Config& config(std::size_t group = 0) const {
    check_group(group, configs_.size());
    return configs_[group];
  }
  std::size_t group_count() const { return configs_.size(); }

 private:
  static std::vector<const NamedParameters*> parameters_of(const std::vector<Group>& groups) {
    std::vector<const NamedParameters*> result;
    for (const Group& group : groups) result.push_back(&group.parameters);
    return result;
  }

  void check_settings() const final {
    for (std::size_t i = 0; i < configs_.size(); ++i)
      Derived::check(configs_[i], SettingCheck(Derived::name, i, configs_.size(), narrowest(i)));
  }
  Memories memories(std::size_t group) const final { return Derived::remembered(configs_[group]); }
  void update(std::size_t group, const Update& one) final { Derived::change(configs_[group], one); }

  std::vector<Config> configs_;
};

}  // namespace heed::nn
