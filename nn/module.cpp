#include "heed/nn/module.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>

#include "heed/tensor/internal/overlap.h"
#include "heed/tensor/mutate.h"

namespace heed::nn {

void add_state(StateDict& state, const std::string& name, const Tensor& tensor) {
  if (!state.emplace(name, tensor).second) throw Error(fmt::format("state_dict: two tensors are called {}", name));
}

void assign_state(const StateDict& target, const StateDict& source) {
  std::vector<std::string> missing, unexpected;
  for (const auto& [name, tensor] : target)
    if (!source.contains(name)) missing.push_back(name);
  for (const auto& [name, tensor] : source)
    if (!target.contains(name)) unexpected.push_back(name);
  if (!missing.empty() || !unexpected.empty())
    throw FormatError(fmt::format("load_state_dict: missing: [{}], unexpected: [{}]", fmt::join(missing, ", "),
                                  fmt::join(unexpected, ", ")));
  const auto describe = [](const Tensor& x) {
    return x.defined() ? fmt::format("{} {}", heed::name(x.dtype()), x.shape().str()) : "no tensor";
  };
  for (const auto& [name, to] : target) {
    const Tensor& from = source.at(name);
    if (!from.defined() || !(from.shape() == to.shape()) ||
        (from.dtype() != to.dtype() && !(is_float(from.dtype()) && is_float(to.dtype()))))
      throw FormatError(fmt::format("load_state_dict: {} is {}, the file has {}", name, describe(to), describe(from)));
    check_no_repeats(("load_state_dict: " + name).c_str(), to);
  }
  // A source that stands in a storage which is written below is copied first, unless it is its own target.
  std::set<const Storage*> written;
  for (const auto& [name, to] : target) written.insert(to.storage().get());
  std::map<std::string, Tensor> copies;
  for (const auto& [name, to] : target) {
    const Tensor& from = source.at(name);
    if (written.contains(from.storage().get()) && overlap(from, to) != Overlap::same)
      copies.emplace(name, from.clone());
  }
  for (const auto& [name, to] : target) {
    Tensor place = to;  // a handle: the numbers are the module's
    const auto copy = copies.find(name);
    copy_from(place, copy == copies.end() ? source.at(name) : copy->second);
  }
}

}  // namespace heed::nn
