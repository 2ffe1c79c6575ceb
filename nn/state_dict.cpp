#include "heed/nn/state_dict.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstring>
#include <set>
#include <vector>

#include "heed/tensor/error.h"
#include "heed/tensor/internal/overlap.h"
#include "heed/tensor/mutate.h"
#include "heed/tensor/ops/elementwise.h"

namespace heed::nn {
namespace {

// A tensor of the target, and what the source has under its names: more than one name when a weight is tied.
struct Assignment {
  Tensor to;
  std::vector<std::string> names;
  std::vector<std::string> found = {};  // those of `names` that the source has
  Tensor from = {};
};

std::vector<Assignment> tensors_of(const StateDict& target) {
  std::vector<Assignment> result;
  std::map<std::pair<const Storage*, std::int64_t>, std::size_t> known;  // by the first element
  for (const auto& [name, to] : target) {
    const auto [at, is_new] = known.try_emplace({to.storage().get(), to.offset()}, result.size());
    if (!is_new && overlap(to, result[at->second].to) == Overlap::same)
      result[at->second].names.push_back(name);
    else
      result.push_back({to, {name}});
  }
  return result;
}

std::string describe(const Tensor& x) {
  return x.defined() ? fmt::format("{} {}", name(x.dtype()), x.shape().str()) : "no tensor";
}

bool same_bits(const Tensor& a, const Tensor& b) {
  const Tensor x = a.contiguous(), y = b.contiguous();
  return dispatch(x.dtype(), [&]<class T> {
    return std::memcmp(x.data<T>(), y.data<T>(), static_cast<std::size_t>(x.numel()) * sizeof(T)) == 0;
  });
}

void check_fits(const std::string& name, const Tensor& from, const Tensor& to) {
  if (!from.defined() || !(from.shape() == to.shape()) ||
      (from.dtype() != to.dtype() && !(is_float(from.dtype()) && is_float(to.dtype()))))
    throw FormatError(fmt::format("load_state_dict: {} is {}, the file has {}", name, describe(to), describe(from)));
}

}  // namespace

void add_state(StateDict& state, const std::string& name, const Tensor& tensor) {
  if (!state.emplace(name, tensor).second) throw Error(fmt::format("state_dict: two tensors are called {}", name));
}

void assign_state(const StateDict& target, const StateDict& source) {
  std::vector<Assignment> assignments = tensors_of(target);
  std::set<std::string> missing, unexpected;
  for (Assignment& one : assignments) {
    for (const std::string& name : one.names)
      if (source.contains(name)) one.found.push_back(name);
    if (one.found.empty()) missing.insert(one.names.begin(), one.names.end());
  }
  for (const auto& [name, tensor] : source)
    if (!target.contains(name)) unexpected.insert(name);
  if (!missing.empty() || !unexpected.empty())
    throw FormatError(fmt::format("load_state_dict: missing: [{}], unexpected: [{}]", fmt::join(missing, ", "),
                                  fmt::join(unexpected, ", ")));
  for (Assignment& one : assignments) {
    for (const std::string& name : one.found) check_fits(name, source.at(name), one.to);
    check_no_repeats(("load_state_dict: " + one.names.front()).c_str(), one.to);
    one.from = source.at(one.found.front());
    for (const std::string& name : one.found)
      if (name != one.found.front() && !same_bits(to(one.from, one.to.dtype()), to(source.at(name), one.to.dtype())))
        throw FormatError(fmt::format("load_state_dict: {} and {} are one tensor {}, the file has two that differ",
                                      one.found.front(), name, describe(one.to)));
  }
  // A source in a storage that is written to below is copied first, unless it is its own target.
  std::set<const Storage*> written;
  for (const Assignment& one : assignments) written.insert(one.to.storage().get());
  for (Assignment& one : assignments)
    if (written.contains(one.from.storage().get()) && overlap(one.from, one.to) != Overlap::same)
      one.from = one.from.clone();
  for (Assignment& one : assignments) copy_from(one.to, one.from);
}

}  // namespace heed::nn
