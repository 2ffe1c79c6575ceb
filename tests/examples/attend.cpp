// examples/attend as its users run it.
#include <nlohmann/json.hpp>

#include "examples/attend/mechanisms.h"
#include "examples/program.h"
#include "support/attention_page.h"

using namespace heed::test;
using namespace heed::examples;

TEST_CASE("attend: every criterion holds at the quick size, whatever the seed", "[programs][attention]") {
  for (const Claim& claim : attention_mechanisms())
    for (const std::uint64_t seed : {1u, 2u}) {
      const ClaimResult result = claim.run({.seed = seed, .quick = true});
      for (const Criterion& criterion : result.criteria) {
        INFO(claim.id << ", seed " << seed << ": " << criterion.measured << ": " << criterion.value << " ("
                      << bounds_text(criterion) << ")");
        CHECK(criterion.holds());
      }
      CHECK(result.map);
      CHECK(!result.attention.empty());
    }
}

TEST_CASE("attend: a table, pictures and a report", "[programs][attention]") {
  const TemporaryFolder folder;
  const Outcome got = run(folder, "T-06 --quick --json r.json --out pictures --attention page.html", "", "attend");
  INFO(got.out << got.err);
  CHECK(got.status == 0);
  CHECK(got.err.empty());
  CHECK(contains(got.out, "T-06  pass  attention pooling, classes right: "));
  CHECK(contains(got.out, "What attention pooling looked at"));
  CHECK(contains(got.out, "1 of 1 claims hold"));
  const std::filesystem::path work = folder.path() / "work";
  CHECK(contains(read_bytes(work / "pictures" / "T-06.svg"), "</svg>"));
  const auto report = nlohmann::json::parse(read_bytes(work / "r.json"));
  CHECK(report["program"] == "attend");
  CHECK(report["metrics"]["T-06: failed criteria"] == 0);
  const auto maps = page_maps(read_bytes(work / "page.html"));
  REQUIRE(maps.size() == 1);
  CHECK(maps[0]["layer"] == "T-06 pooling");
  CHECK(page_weights(maps[0]).shape() == heed::Shape{1, 8, 20});
  folder.write("work/notes.txt", "mine");
  check_refused(run(folder, "T-06 --attention notes.txt", "", "attend"), 2, "choose another --attention", "attend");
  check_refused(run(folder, "--list --attention a.html", "", "attend"), 2, "--attention has no use with --list",
                "attend");
  check_refused(run(folder, "T-99", "", "attend"), 2, "no claim T-99; there are: T-06", "attend");
}
