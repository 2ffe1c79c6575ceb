// Translations whose words come from known places: how they are drawn, and what weights say about them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "heed/models/tasks/sequence_pair.h"
#include "heed/nn/plot/attention_page.h"
#include "heed/nn/plot/heatmap.h"
#include "heed/tensor/random/random.h"

namespace heed::examples {

using DrawPair = std::function<models::SequencePair(Generator&)>;

DrawPair swapped(std::int64_t length);                           ///< models/tasks/swap.h
DrawPair copied(std::int64_t length);                            ///< models/tasks/copy.h
DrawPair reversed(std::int64_t shortest, std::int64_t longest);  ///< there

std::vector<models::SequencePair> draw_pairs(const DrawPair& draw, int count, Generator& generator);

/// The alignment error rate (nn/attention/measures.h) of the weights [N, T, S] of N pairs, all links sure.
double alignment_error(const Tensor& weights, const std::vector<models::SequencePair>& pairs,
                       std::int64_t row_shift = 0);

/// The weights [T, S] of one pair, as far as it has words, with the places where they come from.
nn::Heatmap alignment_picture(const std::string& title, const Tensor& weights, const models::SequencePair& pair);

/// Two weights of one pair beside each other: the words of the source stand there twice.
nn::Heatmap two_alignments(const std::string& title, const Tensor& left, const Tensor& right,
                           const models::SequencePair& pair);

/// The weights [T, S] or, of heads, [H, T, S] of one pair for the page.
nn::AttentionMap alignment_map(const std::string& layer, const Tensor& weights, const models::SequencePair& pair);

}  // namespace heed::examples
