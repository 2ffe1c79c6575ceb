// What is demanded of cells: the criteria of the scores and aligns in the catalogue, and that what cannot know does
// not.
#include <algorithm>

#include "examples/attention_grid/grid.h"

namespace heed::examples {
namespace {

bool one_of(const std::string& name, const std::vector<std::string>& names) {
  return std::ranges::find(names, name) != names.end();
}

// Scores that compare a query with a key and can be sharp. The inverse distance lies in (0, 1] and the activated
// general score in [-1, 1], so that their softmax cannot (S-05); no demand is made of these.
bool compares(const std::string& score) {
  return one_of(score, {"dot", "scaled dot", "general", "biased general", "additive", "concat", "cosine", "Gaussian",
                        "location-aware", "feature-wise"});
}

std::vector<Criterion> of_recall(const std::string& score, const std::string& align, double accuracy, bool quick) {
  if (score == "uniform") return {at_most({}, accuracy, 0.20)};  // one value of eight
  if (align != "softmax") return {};
  if (score == "location") return {at_most({}, accuracy, 0.20)};             // S-10
  if (score == "dot") return {at_least({}, accuracy, quick ? 0.95 : 0.99)};  // S-01
  // It starts from v = 0 and weights of 0.001 as in the paper, and needs a while to leave there.
  if (score == "additive") return {at_least({}, accuracy, quick ? 0.80 : 0.90)};
  if (compares(score)) return {at_least({}, accuracy, quick ? 0.80 : 0.95)};
  return {};
}

std::vector<Criterion> of_needle(const std::string& score, const std::string& align, double accuracy, bool quick) {
  if (score == "uniform" || (score == "location" && align == "softmax"))
    return {at_most({}, accuracy, 0.60)};  // T-06: a mean of all
  if (align == "softmax" && compares(score)) return {at_least({}, accuracy, quick ? 0.90 : 0.97)};
  return {};
}

std::vector<Criterion> of_swap(const std::string& score, const std::string& align, double accuracy, bool quick) {
  if (quick) return {};
  if (align == "softmax" && one_of(score, {"dot", "scaled dot", "general", "biased general", "concat", "cosine"}))
    return {at_least({}, accuracy, 0.95)};                                              // M-10
  if (align == "local-m" && score == "general") return {at_least({}, accuracy, 0.95)};  // N-05
  if (score == "uniform" && align == "softmax") return {at_most({}, accuracy, 0.65)};
  return {};
}

}  // namespace

std::vector<Criterion> demands(const GridTask& task, const std::string& score, const std::string& align,
                               double accuracy, bool quick) {
  if (task.name == "recall") return of_recall(score, align, accuracy, quick);
  if (task.name == "needle") return of_needle(score, align, accuracy, quick);
  return of_swap(score, align, accuracy, quick);
}

}  // namespace heed::examples
