#include "examples/claims/runner.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iostream>

#include "examples/support/program.h"
#include "examples/support/write_file.h"
#include "heed/tensor/error.h"

namespace heed::examples {
namespace {

// A failed criterion in place of a result that did not come.
ClaimResult failure(std::string what) {
  return {.criteria = {{.measured = std::move(what), .value = std::numeric_limits<double>::quiet_NaN()}}};
}

ClaimResult result_of(const Claim& claim, const ClaimSettings& settings) {
  try {
    ClaimResult result = claim.run(settings);
    return result.criteria.empty() ? failure("nothing was measured") : result;
  } catch (const Error& error) {
    return failure(nn::printable(error.what()));
  }
}

}  // namespace

std::string bounds_text(const Criterion& c) {
  const bool below = c.low == -std::numeric_limits<double>::infinity(),
             above = c.high == std::numeric_limits<double>::infinity();
  if (below && above) return "any number";
  if (below) return fmt::format("<= {:.4g}", c.high);
  if (above) return fmt::format(">= {:.4g}", c.low);
  if (c.low == c.high) return fmt::format("= {:.6g}", c.low);
  return fmt::format("{:.4g} to {:.4g}", c.low, c.high);
}

std::vector<Claim> select_claims(const std::vector<Claim>& claims, const std::vector<std::string>& ids) {
  std::vector<std::string> known;
  for (const Claim& claim : claims) known.push_back(claim.id);
  for (const std::string& id : ids)
    if (std::ranges::find(known, id) == known.end())
      throw FormatError(fmt::format("no claim {}; there are: {}", id.empty() ? "''" : id, fmt::join(known, ", ")));
  std::vector<Claim> selected;
  for (const Claim& claim : claims)
    if (ids.empty() || std::ranges::find(ids, claim.id) != ids.end()) selected.push_back(claim);
  return selected;
}

void list_claims(const std::vector<Claim>& claims, std::ostream& out) {
  for (const Claim& claim : claims) out << fmt::format("{}  {} ({})\n", claim.id, claim.title, claim.source);
}

ClaimsOutcome run_claims(const std::vector<Claim>& claims, const ClaimSettings& settings,
                         const std::filesystem::path& folder, std::ostream& out, const nn::Terminal& terminal) {
  ClaimsOutcome outcome;
  const auto metric = [&](const Claim& claim, const std::string& name, double value) {
    outcome.metrics.emplace_back(claim.id + ": " + name, value);
  };
  for (const Claim& claim : claims) {
    list_claims({claim}, out);
    out << std::flush;  // what follows may take minutes
    const double start = now();
    const ClaimResult result = result_of(claim, settings);
    const double seconds = now() - start;
    std::int64_t failed = 0;
    for (const Criterion& c : result.criteria) {
      out << fmt::format("{}  {}  {}: {:.4g} ({})\n", claim.id, c.holds() ? "pass" : "FAIL", c.measured, c.value,
                         bounds_text(c));
      metric(claim, c.measured, c.value);
      failed += !c.holds();
    }
    for (const std::string& note : result.notes) out << "      " << note << '\n';
    if (result.map) out << nn::heatmap_text(*result.map, terminal);
    if (!folder.empty() && (result.chart || result.map)) {
      const std::filesystem::path picture = folder / (claim.id + ".svg");
      write_file(picture, result.chart ? nn::line_chart_svg(*result.chart) : nn::heatmap_svg(*result.map));
      out << fmt::format("      wrote {}\n", picture.string());
    }
    for (nn::AttentionMap map : result.attention) {
      map.layer = claim.id + " " + map.layer;
      map.group = claim.id;
      outcome.attention.push_back(std::move(map));
    }
    out << fmt::format("      {:.1f} s\n", seconds) << std::flush;
    metric(claim, "failed criteria", static_cast<double>(failed));
    metric(claim, "seconds", seconds);
    if (failed > 0) outcome.failed.push_back(claim.id);
  }
  return outcome;
}

}  // namespace heed::examples
