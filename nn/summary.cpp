#include "heed/nn/summary.h"

#include <cxxabi.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <unordered_set>

#include "heed/autograd/inspect/untracked.h"
#include "heed/autograd/record.h"

namespace heed::nn {
namespace {

// "Recurrent<GruCell>": the name of a type without namespaces.
std::string readable(const std::type_info& type) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> demangled(
      abi::__cxa_demangle(type.name(), nullptr, nullptr, &status), std::free);
  const std::string full = status == 0 ? demangled.get() : type.name();
  std::string result;
  for (std::size_t i = 0; i < full.size(); ++i) {
    if (full.compare(i, 2, "::") != 0) {
      result += full[i];
      continue;
    }
    if (const std::string hidden = "(anonymous namespace)"; result.ends_with(hidden))
      result.erase(result.size() - hidden.size());
    const std::size_t before = result.find_last_of("<, ");
    result.erase(before == std::string::npos ? 0 : before + 1);
    ++i;
  }
  return result;
}

std::int64_t bytes_of(const Tensor& x) { return x.numel() * static_cast<std::int64_t>(size_of(x.dtype())); }

// The nodes behind the result, those nearest to it first.
std::vector<const Node*> behind(const Variable& result) {
  std::vector<const Node*> nodes;
  if (!result.requires_grad()) return nodes;
  std::unordered_set<const Node*> found{result.node().get()};
  nodes.push_back(result.node().get());
  for (std::size_t i = 0; i < nodes.size(); ++i)
    for (const Edge& input : nodes[i]->inputs())
      if (input.node && found.insert(input.node.get()).second) nodes.push_back(input.node.get());
  return nodes;
}

// 1234567 as "1,234,567".
std::string grouped(std::int64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, ",");
  return text;
}

constexpr std::size_t columns = 6;
using Line = std::array<std::string, columns>;

std::string table(const std::vector<Line>& lines) {
  std::array<std::size_t, columns> widths{};
  for (const Line& line : lines)
    for (std::size_t i = 0; i < columns; ++i) widths[i] = std::max(widths[i], line[i].size());
  std::string text;
  for (const Line& line : lines) {
    std::string row;
    for (std::size_t i = 0; i < columns; ++i)
      row += i == 3 || i == 4 ? fmt::format("{:>{}}  ", line[i], widths[i])  // numbers
                              : fmt::format("{:<{}}  ", line[i], widths[i]);
    row.erase(row.find_last_not_of(' ') + 1);
    text += row + "\n";
  }
  return text;
}

}  // namespace

void detail::SummaryBuilder::enter(const std::string& name, const std::type_info& type) {
  summary_.layers.push_back({name, readable(type), {}, {}});
  leaves_.emplace_back();
}

void detail::SummaryBuilder::add(const std::string& name, const Parameter& parameter) {
  const Variable handle = parameter.handle();
  const Node* leaf = handle.node().get();
  const std::string& layer = summary_.layers.back().name;
  const bool tied = leaf != nullptr && first_names_.at(leaf) != (layer.empty() ? name : layer + "." + name);
  const std::int64_t elements = tied ? 0 : handle.numel(), bytes = tied ? 0 : bytes_of(handle.value());
  const bool frozen = parameter.is_frozen();
  summary_.layers.back().members.push_back({name, handle.shape(), handle.dtype(), elements, bytes,
                                            tied     ? "tied"
                                            : frozen ? "frozen"
                                                     : ""});
  summary_.parameters += elements;
  summary_.parameter_bytes += bytes;
  if (frozen) summary_.frozen += elements;
  leaves_.back().push_back(leaf);
  tracked_.push_back(handle);
}

void detail::SummaryBuilder::add(const std::string& name, const Buffer& buffer) {
  const std::int64_t bytes = bytes_of(buffer);
  summary_.layers.back().members.push_back({name, buffer.shape(), buffer.dtype(), buffer.numel(), bytes, "buffer"});
  summary_.buffer_bytes += bytes;
}

void detail::SummaryBuilder::look_at(const Variable& result) {
  std::unordered_map<const Node*, const Node*> readers;  // of each leaf the one nearest the result
  std::unordered_set<const Storage*> counted;
  for (const Variable& parameter : tracked_) counted.insert(parameter.value().storage().get());
  std::int64_t bytes = 0;
  const std::vector<const Node*> nodes = behind(result);
  std::unordered_map<const Node*, std::size_t> order;
  for (const Node* node : nodes) {
    order.emplace(node, order.size());
    for (const Edge& input : node->inputs())
      if (input.node) readers.emplace(input.node.get(), node);
    for (const Saved* saved = node->first_saved(); saved; saved = saved->next())
      if (saved->has_value() && counted.insert(saved->peek().storage().get()).second)
        bytes += static_cast<std::int64_t>(saved->peek().storage()->bytes());
  }
  summary_.activation_bytes = bytes;
  for (std::size_t i = 0; i < leaves_.size(); ++i) {
    const Node* nearest = nullptr;
    for (const Node* leaf : leaves_[i])
      if (const auto found = readers.find(leaf); found != readers.end())
        if (nearest == nullptr || order.at(found->second) < order.at(nearest)) nearest = found->second;
    if (nearest) summary_.layers[i].output = nearest->output(0).shape;
  }
  summary_.untracked = untracked_leaves(result, tracked_);
}

std::string Summary::str() const {
  std::vector<Line> lines{{"layer", "type", "shape", "elements", "bytes", "output"}};
  for (const Layer& layer : layers) {
    std::int64_t elements = 0, bytes = 0;
    for (const Member& member : layer.members) elements += member.elements, bytes += member.bytes;
    const bool holds = !layer.members.empty();
    lines.push_back({layer.name.empty() ? "(model)" : layer.name, layer.type, "", holds ? grouped(elements) : "",
                     holds ? grouped(bytes) : "", layer.output ? layer.output->str() : ""});
    for (const Member& member : layer.members)
      lines.push_back({"  " + member.name, member.note,
                       fmt::format("{} {}", heed::name(member.dtype), member.shape.str()), grouped(member.elements),
                       grouped(member.bytes), ""});
  }
  std::string text = table(lines);
  text += fmt::format("{} parameters in {} bytes", grouped(parameters), grouped(parameter_bytes));
  if (frozen > 0) text += fmt::format(", {} of them frozen", grouped(frozen));
  if (buffer_bytes > 0) text += fmt::format("; buffers: {} bytes", grouped(buffer_bytes));
  text += "\n";
  if (activation_bytes) text += fmt::format("the run keeps {} bytes for backward\n", grouped(*activation_bytes));
  for (const std::string& leaf : untracked) text += fmt::format("no visit() lists {}\n", leaf);
  return text;
}

}  // namespace heed::nn
