// Attention of any score and any align behind one interface, chosen by their names, so that one trainer serves all of
// them and each is compiled once.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "heed/nn/attention/attention.h"

namespace heed::examples {

/// What some scores and aligns want to know; the others pass it over.
struct AttentionSizes {
  std::int64_t width = 32;     ///< of queries and keys
  std::int64_t hidden = 32;    ///< of scores and aligns that have a layer of their own
  std::int64_t value = 32;     ///< of values, for the feature-wise score
  std::int64_t positions = 0;  ///< for the location score
  std::int64_t window = 2;     ///< D of the local aligns
};

class AnyAttention {
 public:
  virtual ~AnyAttention() = default;
  virtual nn::AttentionMemory project_keys(const nn::AttentionKeys& keys) const = 0;
  virtual nn::AttentionOutput forward(const Variable& query, const nn::AttentionMemory& memory,
                                      const nn::AttentionCall& call) const = 0;
  virtual std::vector<Variable> parameters() const = 0;
};

/// "dot", "scaled dot", "general", … as nn/attention/README.md lists them.
const std::vector<std::string>& score_names();
/// "softmax", "sum", "gumbel", "hard", "local-m", "local-p", "diagonal".
const std::vector<std::string>& align_names();

/// nullptr where the two do not go together (nn/attention/composes.h). FormatError for an unknown name.
std::unique_ptr<AnyAttention> make_attention(const std::string& score, const std::string& align,
                                             const AttentionSizes& sizes, const nn::ParameterSource& source);

}  // namespace heed::examples
