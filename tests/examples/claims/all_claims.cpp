// Every claim at its quick size: with seed 1, and in the long tier with two more.
#include "examples/claims/all_claims.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "support/catch.h"

using namespace heed::examples;

namespace {

void check_quick(const std::string& id, const std::vector<std::uint64_t>& seeds = {1}) {
  const auto& all = all_claims();
  const auto claim = std::ranges::find(all, id, &Claim::id);
  REQUIRE(claim != all.end());
  for (const std::uint64_t seed : seeds) {
    const ClaimResult result = claim->run({.seed = seed, .quick = true});
    CHECK(std::ranges::count_if(result.criteria, [](const Criterion& c) { return !c.is_time; }) > 0);
    for (const Criterion& criterion : result.criteria) {
      INFO(id << ", seed " << seed << ": " << criterion.measured << ": " << criterion.value << " ("
              << bounds_text(criterion) << ")");
      CHECK((criterion.is_time || criterion.holds()));
    }
    if (result.chart) CHECK_FALSE(result.chart->series.empty());
  }
}

}  // namespace

TEST_CASE("claims: ids are those of the catalogue, each once, in order", "[claims]") {
  std::vector<std::string> ids;
  for (const Claim& claim : all_claims()) {
    INFO(claim.id);
    CHECK(claim.id.size() == 4);
    CHECK(claim.id[1] == '-');
    CHECK_FALSE(claim.title.empty());
    CHECK_FALSE(claim.source.empty());
    ids.push_back(claim.id);
  }
  CHECK(std::ranges::is_sorted(ids));
  CHECK(std::set(ids.begin(), ids.end()).size() == ids.size());
}

// One test for each, so that a failure says which.
TEST_CASE("claim M-01 holds at its quick size", "[claims][learning]") { check_quick("M-01"); }
TEST_CASE("claim M-02 holds at its quick size", "[claims][learning]") { check_quick("M-02"); }
TEST_CASE("claim M-03 holds at its quick size", "[claims][learning]") { check_quick("M-03"); }
TEST_CASE("claim M-20 holds at its quick size", "[claims][learning]") { check_quick("M-20"); }
TEST_CASE("claim M-21 holds at its quick size", "[claims][learning]") { check_quick("M-21"); }
TEST_CASE("claim M-22 holds at its quick size", "[claims][learning]") { check_quick("M-22"); }
TEST_CASE("claim M-23 holds at its quick size, times apart", "[claims][learning]") { check_quick("M-23"); }
TEST_CASE("claim M-24 holds at its quick size", "[claims][learning]") { check_quick("M-24"); }
TEST_CASE("claim N-02 holds at its quick size", "[claims][learning]") { check_quick("N-02"); }
TEST_CASE("claim N-03 holds at its quick size", "[claims][learning]") { check_quick("N-03"); }
TEST_CASE("claim N-05 holds at its quick size", "[claims][learning]") { check_quick("N-05"); }
TEST_CASE("claim N-07 holds at its quick size", "[claims][learning]") { check_quick("N-07"); }
TEST_CASE("claim N-08 holds at its quick size", "[claims][learning]") { check_quick("N-08"); }
TEST_CASE("claim P-04 holds at its quick size", "[claims][learning]") { check_quick("P-04"); }
TEST_CASE("claim P-05 holds at its quick size", "[claims][learning]") { check_quick("P-05"); }
TEST_CASE("claim P-07 holds at its quick size", "[claims][learning]") { check_quick("P-07"); }
TEST_CASE("claim P-08 holds at its quick size", "[claims][learning]") { check_quick("P-08"); }
TEST_CASE("claim P-09 holds at its quick size", "[claims][learning]") { check_quick("P-09"); }
TEST_CASE("claim P-10 holds at its quick size, times apart", "[claims][learning]") { check_quick("P-10"); }
TEST_CASE("claim P-11 holds at its quick size, times apart", "[claims][learning]") { check_quick("P-11"); }
TEST_CASE("claim P-12 holds at its quick size, times apart", "[claims][learning]") { check_quick("P-12"); }
TEST_CASE("claim P-13 holds at its quick size", "[claims][learning]") { check_quick("P-13"); }
TEST_CASE("claim P-14 holds at its quick size, times apart", "[claims][learning]") { check_quick("P-14"); }
TEST_CASE("claim P-15 holds at its quick size", "[claims][learning]") { check_quick("P-15"); }
TEST_CASE("claim P-17 holds at its quick size", "[claims][learning]") { check_quick("P-17"); }
TEST_CASE("claim P-19 holds at its quick size", "[claims][learning]") { check_quick("P-19"); }
TEST_CASE("claim P-20 holds at its quick size", "[claims][learning]") { check_quick("P-20"); }
TEST_CASE("claim P-21 holds at its quick size", "[.long][claims][learning]") { check_quick("P-21"); }
TEST_CASE("claim P-22 holds at its quick size", "[claims][learning]") { check_quick("P-22"); }
TEST_CASE("claim P-25 holds at its quick size", "[claims][learning]") { check_quick("P-25"); }
TEST_CASE("claim P-26 holds at its quick size", "[claims][learning]") { check_quick("P-26"); }
TEST_CASE("claim P-27 holds at its quick size", "[claims][learning]") { check_quick("P-27"); }
TEST_CASE("claim P-28 holds at its quick size", "[claims][learning]") { check_quick("P-28"); }
TEST_CASE("claim P-29 holds at its quick size", "[claims][learning]") { check_quick("P-29"); }
TEST_CASE("claim P-32 holds at its quick size", "[claims][learning]") { check_quick("P-32"); }
TEST_CASE("claim S-01 holds at its quick size", "[claims][learning]") { check_quick("S-01"); }
TEST_CASE("claim S-02 holds at its quick size", "[claims][learning]") { check_quick("S-02"); }
TEST_CASE("claim S-03 holds at its quick size", "[claims][learning]") { check_quick("S-03"); }
TEST_CASE("claim S-04 holds at its quick size", "[claims][learning]") { check_quick("S-04"); }
TEST_CASE("claim S-05 holds at its quick size", "[claims][learning]") { check_quick("S-05"); }
TEST_CASE("claim S-06 holds at its quick size", "[claims][learning]") { check_quick("S-06"); }
TEST_CASE("claim S-08 holds at its quick size", "[claims][learning]") { check_quick("S-08"); }
TEST_CASE("claim S-09 holds at its quick size", "[claims][learning]") { check_quick("S-09"); }
TEST_CASE("claim S-10 holds at its quick size", "[claims][learning]") { check_quick("S-10"); }
TEST_CASE("claim S-11 holds at its quick size", "[claims][learning]") { check_quick("S-11"); }
TEST_CASE("claim T-02 holds at its quick size", "[claims][learning]") { check_quick("T-02"); }

TEST_CASE("every claim holds at its quick size with other random numbers", "[.long][claims]") {
  for (const Claim& claim : all_claims()) check_quick(claim.id, {2, 3});
}
