#include "examples/support/digit_data.h"

#include <fmt/format.h>

#include <filesystem>

#include "heed/models/tasks/digits.h"
#include "heed/nn/data/known_files.h"
#include "heed/nn/data/split.h"
#include "heed/tensor/create.h"
#include "heed/tensor/error.h"
#include "heed/tensor/io/idx.h"
#include "heed/tensor/ops/index.h"

namespace heed::examples {
namespace {

namespace fs = std::filesystem;

std::string file_of(const std::string& folder, const std::string& name) {
  const fs::path plain = fs::path(folder) / name, packed = fs::path(folder) / (name + ".gz");
  std::error_code unknown;  // then reading tells
  return (fs::exists(plain, unknown) ? plain : packed).string();
}

Digits read_part(const std::string& folder, const std::string& part, std::vector<std::string>& notes) {
  const std::string images_file = file_of(folder, part + "-images-idx3-ubyte"),
                    labels_file = file_of(folder, part + "-labels-idx1-ubyte");
  const IdxFile images = read_idx_images(images_file), labels = read_idx_labels(labels_file, 10);
  if (images.values.size(0) != labels.values.size(0) || images.values.size(0) == 0)
    throw FormatError(fmt::format("{}: {} images, {} has {} labels", images_file, images.values.size(0), labels_file,
                                  labels.values.size(0)));
  for (const std::string& file : {images_file, labels_file}) notes.push_back(nn::identify_file(file).summary);
  notes.push_back(images.summary);
  return {images.values, labels.values};
}

Digits drawn(std::int64_t count, Generator& generator) {
  models::DigitBatch batch = models::draw_digits(count, generator);
  return {batch.images, batch.labels};
}

}  // namespace

Digits rows_of(const Digits& from, const std::vector<std::int64_t>& rows) {
  const Tensor index = tensor(rows, {std::ssize(rows)});
  return {index_select(from.images, 0, index), index_select(from.labels, 0, index)};
}

DigitData read_digits(const std::string& folder, Generator& generator) {
  DigitData data;
  const Digits train = read_part(folder, "train", data.notes);
  data.test = read_part(folder, "t10k", data.notes);
  if (train.images.size(1) != data.test.images.size(1) || train.images.size(2) != data.test.images.size(2))
    throw FormatError(fmt::format("{}: images of {} to learn from, of {} to measure", folder,
                                  train.images.shape().str(), data.test.images.shape().str()));
  const std::int64_t count = train.images.size(0);
  if (count < 12) throw FormatError(fmt::format("{}: {} images to learn from, expected at least 12", folder, count));
  const nn::IndexSplit split = nn::split_indices(count, count / 12, generator);
  data.train = rows_of(train, split.train);
  data.valid = rows_of(train, split.held_out);
  return data;
}

DigitData draw_digit_data(Generator& generator) {
  DigitData data;
  data.train = drawn(12'000, generator);
  data.valid = drawn(1'000, generator);
  data.test = drawn(2'000, generator);
  return data;
}

}  // namespace heed::examples
