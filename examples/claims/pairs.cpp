#include "examples/claims/pairs.h"

#include <fmt/format.h>

#include "heed/models/tasks/copy.h"
#include "heed/models/tasks/swap.h"
#include "heed/nn/attention/measures.h"
#include "heed/tensor/ops/movement.h"

namespace heed::examples {
namespace {

std::vector<std::string> texts(const std::vector<std::int64_t>& words) {
  std::vector<std::string> result;
  for (const std::int64_t word : words) result.push_back(fmt::to_string(word));
  return result;
}

Tensor without_padding(const Tensor& weights, const models::SequencePair& pair) {
  return slice(slice(weights, -2, 0, std::ssize(pair.target)), -1, 0, std::ssize(pair.source)).clone();
}

}  // namespace

DrawPair swapped(std::int64_t length) {
  return [=](Generator& generator) { return models::make_swap({.length = length}, generator); };
}

DrawPair copied(std::int64_t length) {
  return [=](Generator& generator) { return models::make_copy({.shortest = length, .longest = length}, generator); };
}

DrawPair reversed(std::int64_t shortest, std::int64_t longest) {
  return [=](Generator& generator) {
    return models::make_copy({.shortest = shortest, .longest = longest, .reversed = true}, generator);
  };
}

std::vector<models::SequencePair> draw_pairs(const DrawPair& draw, int count, Generator& generator) {
  std::vector<models::SequencePair> pairs;
  for (int i = 0; i < count; ++i) pairs.push_back(draw(generator));
  return pairs;
}

double alignment_error(const Tensor& weights, const std::vector<models::SequencePair>& pairs, std::int64_t row_shift) {
  nn::AlignmentErrorRate rate({.row_shift = row_shift});
  for (std::size_t i = 0; i < pairs.size(); ++i)
    rate.add(slice(select(weights, 0, static_cast<std::int64_t>(i)), 0, 0, std::ssize(pairs[i].target)),
             {.sure = pairs[i].alignment});
  return rate.value();
}

nn::Heatmap alignment_picture(const std::string& title, const Tensor& weights, const models::SequencePair& pair) {
  return {.title = title,
          .target = texts(pair.target),
          .source = texts(pair.source),
          .weights = without_padding(weights, pair),
          .gold = pair.alignment};
}

nn::Heatmap two_alignments(const std::string& title, const Tensor& left, const Tensor& right,
                           const models::SequencePair& pair) {
  nn::Heatmap map = alignment_picture(title, left, pair);
  const nn::Heatmap beside = alignment_picture("", right, pair);
  map.weights = concat({map.weights, beside.weights}, 1);
  map.source.insert(map.source.end(), beside.source.begin(), beside.source.end());
  for (std::size_t t = 0; t < map.gold.size(); ++t)
    for (const std::int64_t link : pair.alignment[t]) map.gold[t].push_back(link + std::ssize(beside.source));
  return map;
}

nn::AttentionMap alignment_map(const std::string& layer, const Tensor& weights, const models::SequencePair& pair) {
  return {.layer = layer,
          .queries = texts(pair.target),
          .keys = texts(pair.source),
          .weights = without_padding(weights, pair)};
}

}  // namespace heed::examples
