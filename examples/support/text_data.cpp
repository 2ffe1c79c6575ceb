#include "examples/support/text_data.h"

#include <fmt/format.h>

#include <filesystem>

#include "heed/models/tasks/requests.h"
#include "heed/tensor/error.h"

namespace heed::examples {
namespace {

namespace fs = std::filesystem;

nn::LabelledTexts part_of(const nn::LabelledTexts& all, const std::vector<std::int64_t>& order, std::size_t begin,
                          std::size_t end) {
  nn::LabelledTexts part;
  part.names = all.names;
  for (std::size_t i = begin; i < end; ++i) {
    part.texts.push_back(all.texts[to_size(order[i])]);
    part.labels.push_back(all.labels[to_size(order[i])]);
  }
  return part;
}

TextData divided(const nn::LabelledTexts& all, const std::string& path, Generator& generator) {
  const std::size_t count = all.texts.size();
  if (count < 10) throw FormatError(fmt::format("{}: {} texts, expected at least 10", path, count));
  const std::vector<std::int64_t> order = permutation(generator, all.size());
  const std::size_t valid = count * 8 / 10, test = count * 9 / 10;
  return {
      part_of(all, order, 0, valid), part_of(all, order, valid, test), part_of(all, order, test, count), {all.summary}};
}

TextData read_divided(const fs::path& folder) {
  TextData data;
  for (const auto& [name, part] : {std::pair("train", &data.train), {"valid", &data.valid}, {"test", &data.test}}) {
    *part = nn::read_text_and_label_lines((folder / name / "seq.in").string(), (folder / name / "label").string());
    if (part != &data.train) part->use_names(data.train.names);
    data.notes.push_back(part->summary);
  }
  return data;
}

nn::LabelledTexts requests(std::int64_t count, Generator& generator) {
  nn::LabelledTexts texts;
  texts.names.assign(models::request_intents.begin(), models::request_intents.end());
  for (std::int64_t i = 0; i < count; ++i) {
    models::Request request = models::make_request(generator);
    texts.texts.push_back(std::move(request.text));
    texts.labels.push_back(request.intent);
  }
  return texts;
}

}  // namespace

TextData read_text_data(const std::string& path, Generator& generator) {
  std::error_code unknown;  // then reading tells
  const bool is_divided = fs::exists(fs::path(path) / "train" / "seq.in", unknown);
  TextData data = is_divided ? read_divided(path)
                             : divided(fs::is_directory(path, unknown) ? nn::read_labelled_folders(path)
                                                                       : nn::read_labelled_lines(path),
                                       path, generator);
  if (data.train.size() < 8)
    throw FormatError(fmt::format("{}: {} texts to learn from, expected at least 8", path, data.train.size()));
  if (data.train.names.size() < 2)
    throw FormatError(fmt::format("{}: {} labels, expected at least 2", path, data.train.names.size()));
  return data;
}

TextData make_text_data(Generator& generator) {
  TextData data;
  data.train = requests(3000, generator);
  data.valid = requests(500, generator);
  data.test = requests(1000, generator);
  return data;
}

}  // namespace heed::examples
