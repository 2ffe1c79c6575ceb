#include "heed/nn/plot/attention_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <nlohmann/json.hpp>
#include <span>

#include "heed/nn/plot/internal/attention_page_parts.h"
#include "heed/nn/plot/svg.h"
#include "heed/tensor/error.h"
#include "heed/tensor/io/sha256.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/movement.h"

namespace heed::nn {
namespace {

// A map whose weights are [H, T, S], contiguous f32.
AttentionMap checked(const AttentionMap& map) {
  const auto queries = static_cast<std::int64_t>(map.queries.size()), keys = static_cast<std::int64_t>(map.keys.size());
  AttentionMap result = map;
  if (map.weights.defined() && map.weights.rank() == 2) result.weights = unsqueeze(map.weights, 0);
  if (!map.weights.defined() || result.weights.rank() != 3 || result.weights.size(1) != queries ||
      result.weights.size(2) != keys)
    throw ShapeError(
        fmt::format("attention page: layer {}: weights {} for {} queries and {} keys, expected [H, {}, {}]", map.layer,
                    map.weights.defined() ? map.weights.shape().str() : "undefined", queries, keys, queries, keys));
  dispatch_float("attention page", map.weights.dtype(), []<class T>() {});
  result.weights = to(result.weights, DType::f32).contiguous();
  return result;
}

std::string base64(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) group = group << 8 | (i + k < bytes.size() ? bytes[i + k] : 0U);
    for (std::size_t k = 0; k < 4; ++k)
      text += i + k <= bytes.size() ? digits[group >> (18 - 6 * k) & 63] : '=';  // k digits hold more than k - 1 bytes
  }
  return text;
}

std::string weights_text(const Tensor& weights) {
  std::vector<std::uint8_t> bytes;
  bytes.reserve(static_cast<std::size_t>(weights.numel()) * 4);
  for (const float weight : std::span(weights.data<float>(), static_cast<std::size_t>(weights.numel()))) {
    const auto bits = std::bit_cast<std::uint32_t>(weight);
    for (int shift = 0; shift < 32; shift += 8) bytes.push_back(static_cast<std::uint8_t>(bits >> shift));
  }
  return base64(bytes);
}

// ASCII alone, and without the characters that mean something to HTML: no text can end the element around it.
std::string json_in_html(const nlohmann::json& data) {
  std::string text;
  for (const char c : data.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace)) {
    if (c == '<' || c == '>' || c == '&')
      text += fmt::format("\\u{:04x}", static_cast<int>(c));
    else
      text += c;
  }
  return text;
}

// What a Content-Security-Policy calls a script or style of these bytes: nothing else may run.
std::string source_hash(std::string_view bytes) {
  const std::string digits = sha256(std::as_bytes(std::span(bytes)));
  std::vector<std::uint8_t> hash;
  for (std::size_t i = 0; i < digits.size(); i += 2)
    hash.push_back(static_cast<std::uint8_t>(std::stoi(digits.substr(i, 2), nullptr, 16)));
  return "'sha256-" + base64(hash) + "'";
}

}  // namespace

std::string attention_group(const std::string& layer) {
  if (layer.find("multihead_attn") != std::string::npos) return "cross";
  for (const char* group : {"encoder", "decoder"})
    if (layer.starts_with(group)) return group;
  return "";
}

AttentionMap attention_map(const std::string& layer, const Tensor& recorded, std::int64_t example,
                           const std::vector<std::string>& queries, const std::vector<std::string>& keys) {
  const auto rows = static_cast<std::int64_t>(queries.size()), columns = static_cast<std::int64_t>(keys.size());
  if (!recorded.defined() || recorded.rank() != 4 || recorded.size(2) < rows || recorded.size(3) < columns)
    throw ShapeError(
        fmt::format("attention map: layer {}: weights {}, expected [B, H, T, S] for {} queries and {} keys", layer,
                    recorded.defined() ? recorded.shape().str() : "undefined", rows, columns));
  return {.layer = layer,
          .group = attention_group(layer),
          .queries = queries,
          .keys = keys,
          .weights = slice(slice(select(recorded, 0, example), 1, 0, rows), 2, 0, columns)};
}

std::string attention_page(const AttentionPage& page) {
  if (page.maps.empty()) throw Error("attention page: no map");
  nlohmann::json maps = nlohmann::json::array();
  for (const AttentionMap& given : page.maps) {
    const AttentionMap map = checked(given);
    maps.push_back({{"layer", map.layer},
                    {"group", map.group},
                    {"step", map.step},
                    {"queries", map.queries},
                    {"keys", map.keys},
                    {"heads", map.weights.size(0)},
                    {"weights", weights_text(map.weights)}});
  }
  const std::string title = xml_text(page.title.empty() ? "Attention" : page.title);
  const std::string_view style = attention_page_style(), script = attention_page_script();
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\" data-made-by=\"heed\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src {}; script-src {}; "
      "base-uri 'none'; form-action 'none'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n"
      "<style>{}</style>\n</head>\n<body>\n<h1 dir=\"auto\">{}</h1>\n{}"
      "<script type=\"application/json\" id=\"data\">{}</script>\n<script>{}</script>\n</body>\n</html>\n",
      source_hash(style), source_hash(script), title, style, title, attention_page_body(),
      json_in_html({{"maps", maps}}), script);
}

}  // namespace heed::nn
