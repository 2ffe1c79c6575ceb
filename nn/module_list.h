// ModuleList: a list of modules of one type, as a member of a module (PyTorch's ModuleList and ParameterList).
//
// A std::vector that is assigned throws its elements away, or takes those of the other vector: the parameters in it
// would be replaced while an optimizer keeps the old ones. Assigning a ModuleList assigns element by element instead.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "heed/nn/moved_from.h"
#include "heed/tensor/error.h"

namespace heed::nn {

/// A list of modules, Parameters or Buffers that grows at its end.
template <class Module>
class ModuleList {
 public:
  ModuleList() = default;
  ModuleList(const ModuleList&) = default;
  ModuleList(ModuleList&&) noexcept = default;
  ~ModuleList() = default;

  /// Element by element; a list that has been moved from becomes the other. ShapeError unless both have equally many.
  ModuleList& operator=(const ModuleList& other) {
    if (modules_.empty() && moved_from_) {
      modules_ = other.modules_;
      moved_from_ = other.moved_from_;
    } else {
      check_size(other);
      for (std::size_t i = 0; i < size(); ++i) modules_[i] = other.modules_[i];
    }
    return *this;
  }
  ModuleList& operator=(ModuleList&& other) {
    if (modules_.empty() && moved_from_) {
      modules_ = std::move(other.modules_);
      moved_from_ = std::move(other.moved_from_);
    } else {
      check_size(other);
      for (std::size_t i = 0; i < size(); ++i) modules_[i] = std::move(other.modules_[i]);
    }
    return *this;
  }

  /// A new last element made of `arguments`; elements that are there move, and handles to their parameters stay valid.
  template <class... Arguments>
  Module& emplace_back(Arguments&&... arguments) {
    return modules_.emplace_back(std::forward<Arguments>(arguments)...);
  }
  void push_back(Module module) { modules_.push_back(std::move(module)); }

  std::size_t size() const { return modules_.size(); }
  bool empty() const { return modules_.empty(); }
  Module& operator[](std::size_t i) { return modules_[i]; }
  const Module& operator[](std::size_t i) const { return modules_[i]; }
  Module& back() { return modules_.back(); }
  const Module& back() const { return modules_.back(); }
  auto begin() { return modules_.begin(); }
  auto end() { return modules_.end(); }
  auto begin() const { return modules_.begin(); }
  auto end() const { return modules_.end(); }

 private:
  void check_size(const ModuleList& other) const {
    if (other.size() != size())
      throw ShapeError("module list: " + std::to_string(other.size()) + " modules are assigned to " +
                       std::to_string(size()));
  }

  std::vector<Module> modules_;
  MovedFrom moved_from_;
};

}  // namespace heed::nn
