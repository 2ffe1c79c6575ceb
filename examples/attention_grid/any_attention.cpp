#include "examples/attention_grid/any_attention.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "examples/attention_grid/with_align.h"
#include "heed/tensor/error.h"

namespace heed::examples {
namespace {

std::size_t index_of(const std::string& what, const std::string& name, const std::vector<std::string>& names) {
  const auto found = std::ranges::find(names, name);
  if (found == names.end())
    throw FormatError(fmt::format("no {} '{}'; there are: {}", what, name, fmt::join(names, ", ")));
  return static_cast<std::size_t>(found - names.begin());
}

}  // namespace

const std::vector<std::string>& score_names() {
  static const std::vector<std::string> names{
      "dot",      "scaled dot", "general",        "biased general", "activated general",
      "additive", "concat",     "cosine",         "Gaussian",       "inverse distance",
      "elu dot",  "location",   "location-aware", "feature-wise",   "uniform"};
  return names;
}

const std::vector<std::string>& align_names() {
  static const std::vector<std::string> names{"softmax", "sum", "gumbel", "hard", "local-m", "local-p", "diagonal"};
  return names;
}

std::unique_ptr<AnyAttention> make_attention(const std::string& score, const std::string& align,
                                             const AttentionSizes& sizes, const nn::ParameterSource& source) {
  static const std::vector<ScoreTable> tables{with_softmax(), with_sum(),     with_gumbel(),  with_hard(),
                                              with_local_m(), with_local_p(), with_diagonal()};
  const MakeAttention make = tables[index_of("align", align, align_names())][index_of("score", score, score_names())];
  return make == nullptr ? nullptr : make(sizes, source);
}

}  // namespace heed::examples
