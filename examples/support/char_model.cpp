#include "examples/support/char_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>

#include "examples/support/json_report.h"
#include "heed/nn/data/utf8.h"
#include "heed/tensor/io/safetensors.h"

namespace heed::examples {
namespace {

constexpr const char* metadata_key = "heed.char_rnn";
constexpr std::array<const char*, 3> cells{"rnn", "lstm", "gru"};

void check_elements(const nn::StateDict& state, double expected) {
  double elements = 0;
  for (const auto& [name, tensor] : state) elements += static_cast<double>(tensor.numel());
  if (elements != expected)
    throw FormatError(fmt::format("it has {} elements, a model of its sizes {}", elements, expected));
}

// A JSON number without a fraction; 4.9 or 1e300 is none.
std::int64_t integer(const nlohmann::json& description, const char* name) {
  if (!description.at(name).is_number_integer()) throw FormatError(fmt::format("{} is not a whole number", name));
  return description.at(name).get<std::int64_t>();
}

CharModel from_file(const TensorFile& file) {
  const auto found = file.metadata.find(metadata_key);
  if (found == file.metadata.end()) throw FormatError(fmt::format("its metadata lacks {}", metadata_key));
  const auto description = nlohmann::json::parse(found->second);
  const auto cell = description.at("cell").get<std::string>();
  Alphabet alphabet(description.at("characters").get<std::vector<std::string>>());
  const models::RecurrentLmConfig config{.vocabulary = alphabet.size(),
                                         .embedding = integer(description, "embedding"),
                                         .hidden = integer(description, "hidden"),
                                         .layers = integer(description, "layers"),
                                         .dropout = description.at("dropout").get<double>()};
  if (config.layers > 1000) throw FormatError(fmt::format("{} layers are too many", config.layers));
  double expected = 0;  // so that a small file cannot ask for a large model
  make_lm(cell, config, nn::ParameterSource::counting(expected));
  check_elements(file.tensors, expected);
  CharModel model{std::move(alphabet), make_lm(cell, config, nn::ParameterSource::zeros())};
  std::visit([&](auto& lm) { nn::load_state_dict(lm, file.tensors); }, model.lm);
  return model;
}

}  // namespace

Alphabet::Alphabet(std::string_view text) {
  const std::u32string code_points = nn::decode_utf8(text);
  for (char32_t code : std::set<char32_t>(code_points.begin(), code_points.end()))
    nn::append_utf8(characters_.emplace_back(), code);
}

Alphabet::Alphabet(std::vector<std::string> characters) : characters_(std::move(characters)) {
  for (const std::string& one : characters_)
    if (nn::first_invalid_utf8(one) != std::string::npos || nn::characters(one).size() != 1)
      throw FormatError("its alphabet holds something that is no character");
  // UTF-8 sorts as the code points do.
  if (std::adjacent_find(characters_.begin(), characters_.end(), std::greater_equal<>()) != characters_.end())
    throw FormatError("its alphabet is not in the order of Unicode");
}

std::vector<std::int64_t> Alphabet::encode(std::string_view text) const {
  std::vector<std::int64_t> ids;
  for (const std::string& one : nn::characters(text)) {
    const auto found = std::lower_bound(characters_.begin(), characters_.end(), one);
    if (found == characters_.end() || *found != one)
      throw FormatError(fmt::format("the model does not know the character '{}'", one));
    ids.push_back(found - characters_.begin());
  }
  return ids;
}

AnyLm make_lm(std::string_view cell, const models::RecurrentLmConfig& config, const nn::ParameterSource& source) {
  if (cell == cells[0]) return models::RnnLm(config, source);
  if (cell == cells[1]) return models::LstmLm(config, source);
  if (cell == cells[2]) return models::GruLm(config, source);
  throw FormatError(fmt::format("'{}' is no kind of recurrent network", cell));
}

void CharModel::save(const std::filesystem::path& path) const {
  TensorFile file;
  std::visit(
      [&](const auto& model) {
        const models::RecurrentLmConfig& c = model.config();
        file.tensors = nn::state_dict(model);
        const nlohmann::json description = {{"cell", cells[lm.index()]}, {"embedding", c.embedding},
                                            {"hidden", c.hidden},        {"layers", c.layers},
                                            {"dropout", c.dropout},      {"characters", alphabet.characters()}};
        file.metadata = {{"format", "pt"}, {metadata_key, description.dump()}, {"heed.machine", machine_json().dump()}};
      },
      lm);
  write_safetensors(path, file);
}

CharModel CharModel::load(const std::filesystem::path& path) {
  const TensorFile file = read_safetensors(path);
  try {
    return from_file(file);
  } catch (const nlohmann::json::exception&) {  // its text speaks of the library's types
    throw FormatError(fmt::format("{}: {} in its metadata is not what char_rnn writes", path.string(), metadata_key));
  } catch (const MemoryError&) {
    throw;
  } catch (const Error& error) {
    throw FormatError(fmt::format("{}: not a model of char_rnn: {}", path.string(), error.what()));
  }
}

void CharModel::check_replaceable(const std::filesystem::path& path) {
  std::error_code reason;
  if (!std::filesystem::exists(path, reason)) return;
  try {
    if (read_safetensors(path).metadata.contains(metadata_key)) return;
  } catch (const FormatError&) {
  }
  throw FormatError(fmt::format(
      "{}: would be replaced, but is not a model of char_rnn: move it away or choose another --out", path.string()));
}

}  // namespace heed::examples
