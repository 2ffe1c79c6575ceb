#include "heed/nn/train/checkpoint.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <bit>
#include <filesystem>
#include <span>
#include <string_view>

#include "heed/tensor/create.h"
#include "heed/tensor/io/file.h"
#include "heed/tensor/io/safetensors.h"

namespace heed::nn {
namespace {

namespace fs = std::filesystem;

constexpr const char *version_key = "heed.checkpoint", *version = "1";
constexpr std::string_view setting_prefix = "heed.setting.", remark_prefix = "heed.remark.";

std::string operator+(std::string_view a, const std::string& b) { return std::string(a) + b; }

// What stands behind the prefix; empty when it is not there.
std::string without_prefix(const std::string& text, std::string_view prefix) {
  return text.starts_with(prefix) ? text.substr(prefix.size()) : "";
}

const std::string* find(const std::vector<std::pair<std::string, std::string>>& texts, std::string_view name) {
  for (const auto& [found, value] : texts)
    if (found == name) return &value;
  return nullptr;
}

std::string full_name(const std::string& part, const std::string& tensor) {
  return tensor.empty() ? part : part + "." + tensor;
}

// A part that is one tensor of this dtype and shape; -1 is any size.
const Tensor& only_tensor(const StateDict& state, DType dtype, std::int64_t size) {
  const auto found = state.find("");
  if (state.size() != 1 || found == state.end()) throw FormatError("expected one tensor of this name");
  const Tensor& x = found->second;
  const bool fits = size < 0 ? x.rank() == 1 : x.numel() == size && x.rank() == (size > 1);
  if (x.dtype() != dtype || !fits)
    throw FormatError(fmt::format("is {} {}, expected {} {}", heed::name(x.dtype()), x.shape().str(), heed::name(dtype),
                                  size < 0    ? "[n]"
                                  : size == 1 ? "[]"
                                              : fmt::format("[{}]", size)));
  return x;
}

template <class T>
StateDict one_tensor(std::span<const T> numbers, const Shape& shape) {
  return {{"", tensor(numbers, shape)}};
}

}  // namespace

void Checkpoint::add(const std::string& name, Save save, Load load) {
  const bool is_known = std::any_of(parts_.begin(), parts_.end(), [&](const Part& part) { return part.name == name; });
  if (name.empty() || name.find('.') != name.npos || is_known)
    throw Error(fmt::format("checkpoint: a part cannot be called '{}'{}", name, is_known ? ": there is one" : ""));
  parts_.push_back({name, std::move(save), std::move(load)});
}

void Checkpoint::add(const std::string& name, Generator& generator) {
  const auto numbers = [&generator] {
    return std::array{std::bit_cast<std::int64_t>(generator.seed()), std::bit_cast<std::int64_t>(generator.stream()),
                      std::bit_cast<std::int64_t>(generator.counter())};
  };
  add(
      name, [=] { return one_tensor<std::int64_t>(numbers(), {3}); },
      [=, &generator](const StateDict& state) {
        const auto* saved = only_tensor(state, DType::i64, 3).data<std::int64_t>();
        const auto here = numbers();
        if (saved[0] != here[0] || saved[1] != here[1])
          throw FormatError(fmt::format("the generator has seed {} and stream {}, here {} and {}",
                                        std::bit_cast<std::uint64_t>(saved[0]), std::bit_cast<std::uint64_t>(saved[1]),
                                        generator.seed(), generator.stream()));
        generator.set_counter(std::bit_cast<std::uint64_t>(saved[2]));
      });
}

void Checkpoint::add(const std::string& name, std::int64_t& number) {
  add(
      name, [&number] { return one_tensor<std::int64_t>({&number, 1}, {}); },
      [&number](const StateDict& state) { number = only_tensor(state, DType::i64, 1).item<std::int64_t>(); });
}

void Checkpoint::add(const std::string& name, double& number) {
  add(
      name, [&number] { return one_tensor<double>({&number, 1}, {}); },
      [&number](const StateDict& state) { number = only_tensor(state, DType::f64, 1).item(); });
}

void Checkpoint::add(const std::string& name, std::vector<double>& numbers) {
  add(
      name, [&numbers] { return one_tensor<double>(numbers, {std::ssize(numbers)}); },
      [&numbers](const StateDict& state) {
        const Tensor& x = only_tensor(state, DType::f64, -1);
        numbers.assign(x.data<double>(), x.data<double>() + x.numel());
      });
}

void Checkpoint::require(const std::string& name, const std::string& value) {
  if (find(settings_, name)) throw Error(fmt::format("checkpoint: two settings called '{}'", name));
  settings_.emplace_back(name, value);
}

void Checkpoint::remark(const std::string& name, const std::string& value) { remarks_.emplace_back(name, value); }

void Checkpoint::save(const std::string& path, const std::string& previous) const {
  TensorFile file;
  for (const Part& part : parts_)
    for (const auto& [name, tensor] : part.save()) add_state(file.tensors, full_name(part.name, name), tensor);
  file.metadata[version_key] = version;
  for (const auto& [name, value] : settings_) file.metadata[setting_prefix + name] = value;
  for (const auto& [name, value] : remarks_) file.metadata[remark_prefix + name] = value;
  const std::vector<std::byte> bytes = serialize_safetensors(file);
  const std::span<const std::byte> whole = bytes;
  write_file_atomically(path, std::span(&whole, 1), previous);
}

void Checkpoint::check_settings(const std::string& path, const std::map<std::string, std::string>& metadata) const {
  std::vector<std::string> differences;
  for (const auto& [name, value] : settings_) {
    const auto saved = metadata.find(setting_prefix + name);
    if (saved == metadata.end())
      differences.push_back(fmt::format("without the setting {}, here it is {}", name, value));
    else if (saved->second != value)
      differences.push_back(fmt::format("with {} {}, here it is {}", name, saved->second, value));
  }
  for (const auto& [key, value] : metadata)
    if (const std::string name = without_prefix(key, setting_prefix); !name.empty() && !find(settings_, name))
      differences.push_back(fmt::format("with {} {}, here there is no such setting", name, value));
  if (!differences.empty()) throw FormatError(fmt::format("{}: of a run {}", path, fmt::join(differences, "; ")));
}

void Checkpoint::load(const std::string& path) {
  TensorFile file = read_safetensors(path);
  const auto refuse = [&](const std::string& reason) { throw FormatError(fmt::format("{}: {}", path, reason)); };
  if (!file.metadata.contains(version_key)) refuse("not a checkpoint");
  if (file.metadata.at(version_key) != version)
    refuse(fmt::format("a checkpoint of version {}, expected {}", file.metadata.at(version_key), version));
  if (!file.has_checksums) refuse("a checkpoint without checksums");
  check_settings(path, file.metadata);

  std::map<std::string, StateDict> saved;  // of each part
  for (const auto& [name, tensor] : file.tensors) {
    const std::size_t dot = name.find('.');
    saved[name.substr(0, dot)].emplace(dot == name.npos ? "" : name.substr(dot + 1), tensor);
  }
  for (const auto& [name, state] : saved)
    if (std::none_of(parts_.begin(), parts_.end(), [&wanted = name](const Part& part) { return part.name == wanted; }))
      refuse(fmt::format("has a part '{}', here there is none", name));

  std::vector<StateDict> before;
  for (const Part& part : parts_) {
    before.push_back(part.save());
    for (auto& [name, tensor] : before.back()) tensor = tensor.clone();
    saved.try_emplace(part.name);
  }
  // Parts that have been loaded become again what they were when a later one fails. That needs memory, as loading did:
  // what was read makes room for it.
  std::size_t loaded = 0;
  try {
    for (; loaded < parts_.size(); ++loaded) try {
        parts_[loaded].load(saved.at(parts_[loaded].name));
      } catch (const MemoryError&) {
        throw;
      } catch (const Error& error) {
        refuse(fmt::format("{}: {}", parts_[loaded].name, error.what()));
      }
  } catch (...) {
    saved.clear();
    file = {};
    while (loaded-- > 0) parts_[loaded].load(before[loaded]);
    throw;
  }
  std::vector<std::string> differences;
  for (const auto& [name, value] : remarks_)
    if (const auto found = file.metadata.find(remark_prefix + name);
        found != file.metadata.end() && found->second != value)
      differences.push_back(fmt::format("{} was {}, is {}", name, found->second, value));
  different_ = fmt::format("{}", fmt::join(differences, "; "));
}

void Checkpoint::check_replaceable(const std::string& path) {
  std::error_code reason;
  if (!fs::exists(path, reason)) return;
  InputFile file(path);
  std::string beginning(std::min<std::uint64_t>(file.size(), std::uint64_t{1} << 20), '\0');
  file.read(std::as_writable_bytes(std::span(beginning)));
  if (beginning.find(fmt::format("\"{}\"", version_key)) == beginning.npos)
    throw FormatError(fmt::format("{}: would be replaced, but is not a checkpoint", path));
}

}  // namespace heed::nn
