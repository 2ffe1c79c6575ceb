// A claim as a program: an experiment that says what it measured and what the claim demands of each number.
//
// A new claim is one file in this folder with one function that returns a Claim, and a line in all_claims.cpp. Measured
// values stand in docs/claims.md.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "heed/nn/plot/attention_page.h"
#include "heed/nn/plot/heatmap.h"
#include "heed/nn/plot/line_chart.h"
#include "heed/tensor/random/random.h"

namespace heed::examples {

/// A number that was measured, and where it has to lie for the claim to hold.
struct Criterion {
  std::string measured;  ///< what it is, in plain words
  double value;
  double low = -std::numeric_limits<double>::infinity(), high = std::numeric_limits<double>::infinity();
  bool is_time = false;  ///< made of times, which depend on what else the machine does: no test asks whether it holds

  bool holds() const { return low <= value && value <= high; }  ///< false for a NaN
};

/// The interval as it is printed: "<= 0.5", ">= 0.95", "0.9 to 1.15", "= 3".
std::string bounds_text(const Criterion& criterion);

inline Criterion at_least(std::string measured, double value, double low) {
  return {.measured = std::move(measured), .value = value, .low = low};
}
inline Criterion at_most(std::string measured, double value, double high) {
  return {.measured = std::move(measured), .value = value, .high = high};
}
inline Criterion between(std::string measured, double value, double low, double high) {
  return {.measured = std::move(measured), .value = value, .low = low, .high = high};
}
inline Criterion exactly(std::string measured, double value, double expected) {
  return between(std::move(measured), value, expected, expected);
}

struct ClaimSettings {
  std::uint64_t seed = 1;
  bool quick = false;  ///< the claim's stated smaller size, where it has one

  /// Independent generators of one seed.
  Generator generator(std::uint64_t index) const { return Generator(seed).split(index); }
};

struct ClaimResult {
  std::vector<Criterion> criteria = {};
  std::vector<std::string> notes = {};           ///< lines that are printed below: a table, numbers without a criterion
  std::optional<nn::Heatmap> map = {};           ///< where a model looked: printed below the notes
  std::vector<nn::AttentionMap> attention = {};  ///< where a model looked, for the page that --attention asks for
  std::optional<nn::LineChart> chart = {};       ///< the picture that --out asks for; without one it is the map
};

struct Claim {
  std::string id;      ///< of the catalogue: "P-04"
  std::string title;   ///< the claim as a sentence
  std::string source;  ///< who claims it
  ClaimResult (*run)(const ClaimSettings& settings);
};

}  // namespace heed::examples
