#include "heed/nn/train/json_lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "heed/tensor/error.h"
#include "heed/tensor/runtime.h"

namespace heed::nn {
namespace {

double seconds_since_1970() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string json(std::string_view text) {
  return nlohmann::json(std::string(text)).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string json(std::int64_t value) { return std::to_string(value); }

std::string json(bool value) { return value ? "true" : "false"; }

// The fewest digits that read back as the same number, whatever the locale.
std::string json(double value) {
  if (!std::isfinite(value)) return "null";
  if (value == 0 && std::signbit(value)) return "-0.0";  // readers take -0 for an integer, which has no such zero
  std::array<char, 32> digits;
  return {digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr};
}

template <class T>
std::string field(std::string_view name, const T& value) {
  return "," + json(name) + ":" + json(value);
}

std::string list_of(std::string_view name, const JsonLines::Metrics& metrics, bool (*belongs)(double)) {
  std::string names;
  for (const auto& [metric, value] : metrics)
    if (belongs(value)) names += (names.empty() ? "" : ",") + json(std::string_view(metric));
  return names.empty() ? names : "," + json(name) + ":[" + names + "]";
}

void check_names(const JsonLines::Metrics& metrics) {
  constexpr std::array<std::string_view, 8> taken{"t", "run", "step", "epoch", "split", "nan", "inf", "-inf"};
  for (auto metric = metrics.begin(); metric != metrics.end(); ++metric) {
    const bool reserved = std::ranges::find(taken, metric->first) != taken.end();
    const bool again = std::any_of(metrics.begin(), metric, [&](const auto& m) { return m.first == metric->first; });
    if (reserved || again)
      throw Error(fmt::format("JsonLines: the metric {} {}", json(std::string_view(metric->first)),
                              reserved ? "has the name of a field that every record has" : "is there twice"));
  }
}

}  // namespace

JsonLines::JsonLines(const std::string& path, AppendFile::Open how, std::function<double()> clock)
    : file_(path, how),
      clock_(clock ? std::move(clock) : std::function<double()>(seconds_since_1970)),
      torn_(!file_.ends_in_newline()) {}

void JsonLines::header(const Fields& run) {
  std::set<std::string_view> names;
  for (const auto& [name, value] : run)
    if (!names.insert(name).second)
      throw Error(fmt::format("JsonLines: the field {} is there twice", json(std::string_view(name))));
  std::string fields;
  for (const auto& [name, value] : run)
    fields += std::visit([&, &key = name](const auto& v) { return field(key, v); }, value);
  std::string line = "{\"t\":" + json(clock_()) + ",\"run\":{" + (fields.empty() ? "" : fields.substr(1)) + "}";
  line += field("threads", std::int64_t{threads()}) + field("reproducible", reproducible()) +
          field("simd", simd_description()) + field("blas", blas_description());
  write(line + "}");
}

void JsonLines::record(const Place& place, const Metrics& metrics) {
  check_names(metrics);
  std::string line = "{\"t\":" + json(clock_()) + field("step", place.step) +
                     (place.epoch ? field("epoch", *place.epoch) : "") + field("split", std::string_view(place.split));
  for (const auto& [name, value] : metrics) line += field(name, value);
  Metrics listed = metrics;
  if (place.epoch) listed.emplace(listed.begin(), "epoch", *place.epoch);
  line += list_of("nan", listed, [](double value) { return std::isnan(value); });
  line += list_of("inf", listed, [](double value) { return std::isinf(value) && value > 0; });
  line += list_of("-inf", listed, [](double value) { return std::isinf(value) && value < 0; });
  write(line + "}");
}

void JsonLines::write(std::string line) {
  line += '\n';
  if (torn_) line.insert(line.begin(), '\n');
  torn_ = true;
  file_.append(std::as_bytes(std::span(line)));
  torn_ = false;
}

}  // namespace heed::nn
