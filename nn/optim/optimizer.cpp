#include "heed/nn/optim/optimizer.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <set>

#include "heed/nn/internal/check_distinct_leaves.h"
#include "heed/tensor/create.h"
#include "heed/tensor/error.h"
#include "heed/tensor/internal/overlap.h"

namespace heed::nn {
namespace {

constexpr std::string_view step_count = "step";

std::string key(const std::string& parameter, std::string_view what) {
  return fmt::format("state.{}.{}", parameter, what);
}

// The count of steps a state has for a parameter, 0 where it has none.
std::int64_t count_in(const StateDict& state, const std::string& name) {
  const auto found = state.find(name);
  if (found == state.end() || !found->second.defined()) return 0;
  const Tensor& given = found->second;
  if (given.dtype() != DType::i64 || given.rank() != 0)
    throw FormatError(fmt::format("load_state_dict: {} is i64 [], the file has {} {}", name, heed::name(given.dtype()),
                                  given.shape().str()));
  const auto count = given.item<std::int64_t>();
  if (count < 0 || count > std::int64_t{1} << 53)
    throw FormatError(fmt::format("load_state_dict: {} is {}, expected a count of 0 to 2^53", name, count));
  return count;
}

// True for the tensor of a memory that has not begun.
bool not_begun(const StateDict& state, const std::string& name) {
  const auto found = state.find(name);
  return found != state.end() && found->second.defined() && found->second.shape() == Shape{0};
}

}  // namespace

Optimizer::Optimizer(std::string_view name, const std::vector<const NamedParameters*>& groups) : name_(name) {
  std::set<std::string> names;
  for (std::size_t group = 0; group < groups.size(); ++group) {
    const auto& [variables, given] = *groups[group];
    if (!given.empty() && given.size() != variables.size())
      throw Error(fmt::format("{}: {} parameters have {} names", name, variables.size(), given.size()));
    for (std::size_t i = 0; i < variables.size(); ++i) {
      std::string own = given.empty() ? std::to_string(parameters_.size()) : given[i];
      if (!names.insert(own).second) throw Error(fmt::format("{}: two parameters are called {}", name, own));
      slots_.push_back({std::move(own), group});
      parameters_.push_back(variables[i]);
    }
  }
  if (parameters_.empty()) throw Error(fmt::format("{}: there are no parameters", name));
  check_distinct_leaves(name, parameters_);
  for (std::size_t i = 0; i < parameters_.size(); ++i)
    if (!parameters_[i].value().is_contiguous())
      throw ShapeError(fmt::format("{}: parameter {} {} is not contiguous", name, i, parameters_[i].shape().str()));
  ready_.reserve(parameters_.size());
}

// All memory that a step needs is there before anything changes.
void Optimizer::prepare() {
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    if (!parameters_[i].grad().defined()) continue;
    const Tensor& x = parameters_[i].value();
    Ready ready{i, unless_overlapping(parameters_[i].grad().contiguous(), x), {}};
    const Memories memories = this->memories(slots_[i].group);
    for (std::size_t j = 0; j < memory_limit; ++j) {
      if (memories[j].name.empty() || !memories[j].kept) continue;
      ready.memory[j] = slots_[i].memory[j];
      if (ready.memory[j].defined()) continue;
      ready.memory[j] = full(x.shape(), memories[j].start, x.dtype());
      ready.starts = true;
    }
    ready_.push_back(std::move(ready));
  }
}

void Optimizer::step() {
  check_settings();
  try {
    prepare();
  } catch (...) {
    ready_.clear();  // what there was memory for would stay until the next step
    throw;
  }
  for (Ready& ready : ready_) {
    Slot& slot = slots_[ready.parameter];
    slot.memory = std::move(ready.memory);
    update(slot.group, {++slot.steps, ready.starts, parameters_[ready.parameter].value(), ready.gradient, slot.memory});
  }
  ready_.clear();
}

void Optimizer::zero_grad() {
  for (const Variable& parameter : parameters_) parameter.set_grad({});
}

StateDict Optimizer::state_dict() const {
  StateDict result;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const Slot& slot = slots_[i];
    result.emplace(key(slot.name, step_count), full({}, slot.steps, DType::i64));
    const Memories memories = this->memories(slot.group);
    for (std::size_t j = 0; j < memory_limit; ++j) {
      if (slot.steps == 0 || memories[j].name.empty() || !memories[j].kept) continue;
      const bool begun = slot.memory[j].defined();
      result.emplace(key(slot.name, memories[j].name),
                     begun ? slot.memory[j] : empty({0}, parameters_[i].value().dtype()));
    }
  }
  return result;
}

std::vector<Optimizer::Slot> Optimizer::loaded(const StateDict& state) const {
  std::vector<Slot> result;
  StateDict target;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const Tensor& x = parameters_[i].value();
    Slot slot{slots_[i].name, slots_[i].group};
    const std::string counted = key(slot.name, step_count);
    target.emplace(counted, zeros({}, DType::i64));
    slot.steps = count_in(state, counted);
    const Memories memories = this->memories(slot.group);
    for (std::size_t j = 0; j < memory_limit; ++j) {
      if (slot.steps == 0 || memories[j].name.empty() || !memories[j].kept) continue;
      const std::string name = key(slot.name, memories[j].name);
      const bool begins = not_begun(state, name);
      if (!begins) slot.memory[j] = zeros(x.shape(), x.dtype());
      target.emplace(name, begins ? empty({0}, x.dtype()) : slot.memory[j]);
    }
    result.push_back(std::move(slot));
  }
  assign_state(target, state);
  return result;
}

void Optimizer::load_state_dict(const StateDict& state) { slots_ = loaded(state); }

void Optimizer::check_group(std::size_t group, std::size_t groups) const {
  if (group >= groups) throw IndexError(fmt::format("{}: there is no group {}, there are {}", name_, group, groups));
}

DType Optimizer::narrowest(std::size_t group) const {
  for (std::size_t i = 0; i < slots_.size(); ++i)
    if (slots_[i].group == group && parameters_[i].dtype() == DType::f32) return DType::f32;
  return DType::f64;
}

void Optimizer::SettingCheck::refuse(std::string_view setting, double value, std::string_view expected) const {
  const std::string group = groups_ > 1 ? fmt::format("group {}: ", group_) : "";
  throw Error(fmt::format("{}: {}{} is {}, expected {}", optimizer_, group, setting, value, expected));
}

void Optimizer::SettingCheck::holds(std::string_view setting, double value, bool holds,
                                    std::string_view expected) const {
  if (!holds || !std::isfinite(value)) refuse(setting, value, expected);
  if (dtype_ == DType::f32 && std::abs(value) > double{std::numeric_limits<float>::max()})
    refuse(setting, value, "a number that is finite as f32");
}

void Optimizer::SettingCheck::not_negative(std::string_view setting, double value) const {
  holds(setting, value, value >= 0, "a finite number that is not negative");
}

void Optimizer::SettingCheck::positive(std::string_view setting, double value) const {
  holds(setting, value, value > 0, "a finite number above 0");
  if (dtype_ == DType::f32 && static_cast<float>(value) == 0) refuse(setting, value, "a number above 0 as f32");
}

void Optimizer::SettingCheck::fraction(std::string_view setting, double value) const {
  if (!(value >= 0 && value < 1)) holds(setting, value, false, fmt::format("0 <= {} < 1", setting));
}

}  // namespace heed::nn
