// Runs claims and tells what they measured.
#pragma once

#include <filesystem>
#include <iosfwd>
#include <string>
#include <utility>
#include <vector>

#include "examples/claims/claim.h"
#include "heed/nn/train/terminal.h"

namespace heed::examples {

struct ClaimsOutcome {
  std::vector<std::pair<std::string, double>> metrics;  ///< "P-04: what was measured" -> value, and the counts
  std::vector<std::string> failed;                      ///< ids of claims with a criterion that does not hold
  std::vector<nn::AttentionMap> attention;              ///< of all claims, layers named "ID layer"
};

/// The claims of these ids in the order of `claims`, all for none. FormatError for an id that is not among them.
std::vector<Claim> select_claims(const std::vector<Claim>& claims, const std::vector<std::string>& ids);

/// "id  title (source)" for each.
void list_claims(const std::vector<Claim>& claims, std::ostream& out);

/// Runs one after the other and writes a line for each criterion,
///   P-04  pass  what was measured: value (criterion)
/// below a line with title and source. A claim that ends with an Error, or with no criteria, fails. Where `folder` is
/// not empty, pictures are written to folder/ID.svg. `terminal` is what `out` goes to: maps are drawn for it.
ClaimsOutcome run_claims(const std::vector<Claim>& claims, const ClaimSettings& settings,
                         const std::filesystem::path& folder, std::ostream& out, const nn::Terminal& terminal);

}  // namespace heed::examples
