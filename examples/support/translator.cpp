#include "examples/support/translator.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "examples/support/json_report.h"
#include "heed/nn/data/batches.h"
#include "heed/nn/data/text.h"
#include "heed/nn/data/utf8.h"
#include "heed/tensor/create.h"
#include "heed/tensor/error.h"
#include "heed/tensor/io/safetensors.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/reduce.h"

namespace heed::examples {
namespace {

using nlohmann::json;
using nn::Vocabulary;

constexpr const char* metadata_key = "heed.translator";
constexpr std::size_t sentences_at_a_time = 64;

Tensor ids_tensor(const std::vector<Ids>& rows) { return nn::pad_batch(rows).ids; }

// The sizes a state dict was made with. A model of these sizes must have as many elements as the state dict, so that a
// small file cannot ask for a large model. FormatError otherwise.
models::RnnSearchConfig config_of(const nn::StateDict& state) {
  double elements = 0;
  for (const auto& [name, tensor] : state) {
    if (!is_float(tensor.dtype()))
      throw FormatError(fmt::format("{} is {}, expected f32 or f64", name, heed::name(tensor.dtype())));
    elements += static_cast<double>(tensor.numel());
  }
  const auto size = [&](const char* name, int rank, int axis) {
    const auto found = state.find(name);
    if (found == state.end() || found->second.rank() != rank || found->second.numel() == 0)
      throw FormatError(fmt::format("it lacks a tensor {} of rank {}", name, rank));
    return found->second.size(axis);
  };
  const models::RnnSearchConfig config{.source_vocabulary = size("source_embedding.weight", 2, 0),
                                       .target_vocabulary = size("target_embedding.weight", 2, 0),
                                       .embedding = size("source_embedding.weight", 2, 1),
                                       .hidden = size("decoder.weight_hh", 2, 1),
                                       .alignment = size("attention.v", 1, 0),
                                       .maxout = size("output.weight", 2, 1)};
  const double expected = nn::count_parameters<models::RnnSearch>(config);
  if (elements != expected)
    throw FormatError(fmt::format("it has {} elements, a model of its sizes {}", elements, expected));
  return config;
}

constexpr std::array<const char*, 3> level_names{"characters", "words", "spaced words"};  // in the order of Level
constexpr std::array<const char*, 2> readout_names{"previous", "current"};

// The member of the description, and what it must be. FormatError when it is missing or something else.
template <class Value>
Value member(const json& description, const char* name, const char* expected) {
  try {
    return description.at(name).get<Value>();
  } catch (const json::exception&) {  // its text speaks of the library's types
    throw FormatError(fmt::format("{} in its metadata: no {} there, expected {}", metadata_key, name, expected));
  }
}

// The index among `names` of the member's text.
template <std::size_t N>
std::size_t choice(const json& description, const char* name, const std::array<const char*, N>& names) {
  const auto text = member<std::string>(description, name, "a text");
  const auto found = std::find(names.begin(), names.end(), text);
  if (found == names.end())
    throw FormatError(fmt::format("{} in its metadata: {} is \"{}\", expected one of: {}", metadata_key, name, text,
                                  fmt::join(names, ", ")));
  return static_cast<std::size_t>(found - names.begin());
}

nn::TextOptions text_options(Level level) { return {.split_characters = level != Level::spaced_words}; }

}  // namespace

Tokens split(Level level, std::string_view text) {
  return level == Level::characters ? nn::characters(text) : nn::words(text, text_options(level));
}

std::string join(Level level, const Tokens& tokens) {
  if (level != Level::characters) return nn::join_words(tokens, text_options(level));
  std::string text;
  for (const std::string& token : tokens) text += token;
  return text;
}

Tokens Tokenizer::split(Level level, std::string_view text) const {
  return subwords ? subwords->pieces(text) : examples::split(level, text);
}

std::string Tokenizer::join(const Tokens& target_tokens) const {
  return subwords ? subwords->join(target_tokens) : examples::join(target_level, target_tokens);
}

Tokens Tokenizer::words(const Translation& translation) const {
  if (subwords) return examples::split(target_level, translation.text);
  Tokens words = translation.target;
  if (!words.empty() && words.back() == "<eos>") words.pop_back();
  return words;
}

Example Tokenizer::encode(std::string_view source_text, std::string_view target_text) const {
  Example example{source.encode(split(source_level, source_text)), target.encode(split(target_level, target_text))};
  example.source.push_back(Vocabulary::eos);
  return example;
}

TrainingBatch Tokenizer::batch(const std::vector<Example>& examples, std::span<const std::int64_t> rows) const {
  std::vector<Ids> sources, inputs, labels;
  for (std::int64_t row : rows) {
    const Example& example = examples[static_cast<std::size_t>(row)];
    sources.push_back(example.source);
    inputs.push_back(example.target);
    inputs.back().insert(inputs.back().begin(), Vocabulary::bos);
    labels.push_back(example.target);
    labels.back().push_back(Vocabulary::eos);
  }
  nn::PaddedBatch padded = nn::pad_batch(sources);
  TrainingBatch result{{padded.ids, std::move(padded.lengths)}, ids_tensor(inputs), ids_tensor(labels), {}, 0};
  result.weights = zeros(result.labels.shape());
  float* weight = result.weights.mutable_data<float>();
  for (std::size_t b = 0; b < labels.size(); ++b) {
    std::fill_n(weight + static_cast<std::int64_t>(b) * result.labels.size(1), labels[b].size(), 1.0f);
    result.tokens += static_cast<std::int64_t>(labels[b].size());
  }
  return result;
}

std::vector<Translation> Translator::translate(const std::vector<std::string>& texts, std::int64_t beam) const {
  std::vector<Ids> sources;
  for (const std::string& text : texts) sources.push_back(tokenizer.encode(text, "").source);
  // Sentences of one length go together: how long a translation may become depends on its own source alone.
  std::map<std::size_t, std::vector<std::size_t>> of_length;
  for (std::size_t i = 0; i < texts.size(); ++i) of_length[sources[i].size()].push_back(i);

  std::vector<Translation> result(texts.size());
  for (const auto& [length, indices] : of_length) {
    const std::int64_t max_length = 2 * static_cast<std::int64_t>(length) + 10;
    for (std::size_t begin = 0; begin < indices.size(); begin += sentences_at_a_time) {
      const std::size_t end = std::min(indices.size(), begin + sentences_at_a_time);
      std::vector<Ids> rows;
      for (std::size_t i = begin; i < end; ++i) rows.push_back(sources[indices[i]]);
      nn::PaddedBatch batch = nn::pad_batch(rows);
      std::vector<nn::Hypothesis> found =
          model.translate({batch.ids, std::move(batch.lengths)}, {.beam = beam, .max_length = max_length});
      for (std::size_t i = begin; i < end; ++i) {
        nn::Hypothesis& hypothesis = found[i - begin];
        Translation& translation = result[indices[i]];
        translation.source = tokenizer.split(tokenizer.source_level, texts[indices[i]]);
        translation.source.emplace_back("<eos>");
        translation.text = tokenizer.join(tokenizer.target.decode(hypothesis.tokens));
        for (std::int64_t id : hypothesis.tokens) translation.target.push_back(tokenizer.target.token(id));
        if (hypothesis.ended) translation.target.emplace_back("<eos>");
        translation.weights = std::move(hypothesis.weights);
      }
    }
  }
  return result;
}

void Translator::save(const std::filesystem::path& path) const {
  json description = {{"source_level", level_names[static_cast<std::size_t>(tokenizer.source_level)]},
                      {"target_level", level_names[static_cast<std::size_t>(tokenizer.target_level)]},
                      {"readout", readout_names[model.config().readout_state == models::ReadoutState::current]},
                      {"source", tokenizer.source.tokens()},
                      {"target", tokenizer.target.tokens()}};
  if (tokenizer.subwords) description["subwords"] = tokenizer.subwords->hex();
  TensorFile file;
  file.tensors = nn::state_dict(model);
  file.metadata = {{"format", "pt"}, {metadata_key, description.dump()}, {"heed.machine", machine_json().dump()}};
  write_safetensors(path, file);
}

void Translator::check_replaceable(const std::filesystem::path& path) {
  std::error_code reason;
  if (!std::filesystem::exists(path, reason)) {
    if (reason) throw IoError(fmt::format("{}: cannot read: {}", path.string(), reason.message()));
    return;
  }
  const auto refuse = [&](const std::string& why) {
    throw FormatError(
        fmt::format("{}: would be replaced, but {}: move it away or choose another --out", path.string(), why));
  };
  TensorFile file;
  try {
    file = read_safetensors(path);
  } catch (const MemoryError&) {
    throw;
  } catch (const Error& error) {
    refuse(fmt::format("cannot be read ({})", error.what()));
  }
  if (!file.metadata.contains(metadata_key)) refuse("is not a model of this program");
}

Translator Translator::load(const std::filesystem::path& path) {
  const TensorFile file = read_safetensors(path);
  const auto metadata = file.metadata.find(metadata_key);
  if (metadata == file.metadata.end())
    throw FormatError(fmt::format("{}: not a translator: its metadata lacks {}", path.string(), metadata_key));
  try {
    const json description = json::parse(metadata->second, nullptr, false);
    if (!description.is_object())
      throw FormatError(fmt::format("{} in its metadata is not a JSON object", metadata_key));
    Tokenizer tokenizer{static_cast<Level>(choice(description, "source_level", level_names)),
                        static_cast<Level>(choice(description, "target_level", level_names)),
                        Vocabulary(member<Tokens>(description, "source", "a list of texts")),
                        Vocabulary(member<Tokens>(description, "target", "a list of texts"))};
    if (description.contains("subwords"))
      tokenizer.subwords = SubwordModel::from_hex(member<std::string>(description, "subwords", "a text"));
    models::RnnSearchConfig config = config_of(file.tensors);
    if (tokenizer.source.size() != config.source_vocabulary || tokenizer.target.size() != config.target_vocabulary)
      throw FormatError(fmt::format("vocabularies of {} and {} words, embeddings of {} and {}", tokenizer.source.size(),
                                    tokenizer.target.size(), config.source_vocabulary, config.target_vocabulary));
    if (choice(description, "readout", readout_names) == 1) config.readout_state = models::ReadoutState::current;
    Translator translator{tokenizer, models::RnnSearch(config, nn::ParameterSource::zeros())};
    nn::load_state_dict(translator.model, file.tensors);
    for (const auto& [name, tensor] : nn::state_dict(translator.model))
      if (!std::isfinite(norm(to(tensor, DType::f64))))
        throw FormatError(std::isfinite(norm(to(file.tensors.at(name), DType::f64)))
                              ? fmt::format("{} has elements that f32 cannot hold", name)
                              : fmt::format("{} has a NaN or an infinite number", name));
    return translator;
  } catch (const MemoryError&) {
    throw;
  } catch (const Error& error) {
    throw FormatError(fmt::format("{}: not a translator: {}", path.string(), error.what()));
  }
}

}  // namespace heed::examples
