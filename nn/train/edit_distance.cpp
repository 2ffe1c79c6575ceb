#include "heed/nn/train/edit_distance.h"

#include <algorithm>
#include <numeric>

namespace heed::nn {
namespace {

// One row of the table of distances between the beginnings of a and b, row after row in place.
template <class T>
std::int64_t distance(std::span<const T> a, std::span<const T> b) {
  if (a.size() < b.size()) std::swap(a, b);
  std::vector<std::int64_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::int64_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::int64_t diagonal = row[0]++;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::int64_t substituted = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({substituted, diagonal + 1, row[j] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::int64_t edit_distance(std::span<const std::int64_t> a, std::span<const std::int64_t> b) { return distance(a, b); }

std::int64_t edit_distance(std::span<const std::string> a, std::span<const std::string> b) { return distance(a, b); }

void ErrorRate::add(std::span<const std::string> reference, std::span<const std::string> candidate) {
  edits_ += distance(reference, candidate);
  length_ += static_cast<std::int64_t>(reference.size());
}

double ErrorRate::value() const { return edits_ == 0 ? 0 : static_cast<double>(edits_) / static_cast<double>(length_); }

}  // namespace heed::nn
