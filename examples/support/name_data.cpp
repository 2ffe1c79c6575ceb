#include "examples/support/name_data.h"

#include <fmt/format.h>

#include <algorithm>

#include "heed/nn/data/batches.h"
#include "heed/nn/data/lines.h"
#include "heed/nn/data/utf8.h"
#include "heed/tensor/create.h"
#include "heed/tensor/error.h"
#include "heed/tensor/ops/movement.h"

namespace heed::examples {
namespace {

std::vector<nn::PairLength> lengths_of(const std::vector<NameIds>& names) {
  std::vector<nn::PairLength> lengths;
  for (const NameIds& name : names) lengths.push_back({std::ssize(name), std::ssize(name)});
  return lengths;
}

}  // namespace

std::vector<std::string> read_names(const std::string& path) {
  constexpr std::size_t longest = 200, fewest = 10;
  std::vector<std::string> names;
  nn::read_lines(path, {}, [&](std::int64_t number, std::string_view line) {
    if (line.empty()) return true;
    const std::size_t length = nn::characters(line).size();
    if (length > longest)
      throw FormatError(
          fmt::format("{}:{}: a name of {} characters, expected at most {}", path, number, length, longest));
    names.emplace_back(line);
    return true;
  });
  if (names.size() < fewest)
    throw FormatError(fmt::format("{}: {} names, expected at least {}, one a line", path, names.size(), fewest));
  return names;
}

NameSplit split_names(std::vector<std::string> names) {
  Generator generator(42);
  for (std::size_t left = names.size(); left > 1; --left)
    std::swap(names[left - 1], names[to_size(generator.uniform_int(static_cast<std::int64_t>(left)))]);
  const auto at = [&](std::size_t tenths) {
    return names.begin() + static_cast<std::ptrdiff_t>(names.size() * tenths / 10);
  };
  return {{at(0), at(8)}, {at(8), at(9)}, {at(9), names.end()}};
}

Tensor NameBatch::inputs() const { return slice(ids, 1, 0, ids.size(1) - 1); }

NameBatch make_name_batch(const std::vector<NameIds>& names, const std::vector<std::int64_t>& rows, std::int64_t end,
                          std::int64_t padding) {
  std::vector<NameIds> sequences;
  for (const std::int64_t row : rows) {
    NameIds& ids = sequences.emplace_back(to_size(padding), end);
    const NameIds& name = names[to_size(row)];
    ids.insert(ids.end(), name.begin(), name.end());
    ids.push_back(end);
  }
  nn::PaddedBatch padded = nn::pad_batch(sequences, end);
  const std::int64_t batch = padded.ids.size(0), steps = padded.ids.size(1) - padding;
  Tensor weights = zeros({batch, steps});
  double symbols = 0;
  for (std::int64_t b = 0; b < batch; ++b) {
    const std::int64_t length = padded.lengths[to_size(b)] - padding;
    std::fill_n(weights.mutable_data<float>() + b * steps, length, 1.0f);
    symbols += static_cast<double>(length);
  }
  return {padded.ids, slice(padded.ids, 1, padding, padding + steps), weights, symbols};
}

NameBatches::NameBatches(std::vector<NameIds> names, std::int64_t batch, std::int64_t end, std::int64_t padding,
                         Generator generator)
    : names_(std::move(names)), end_(end), padding_(padding), order_(lengths_of(names_), batch, generator) {}

}  // namespace heed::examples
