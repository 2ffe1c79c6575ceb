// examples/claims as its users run it.
#include <nlohmann/json.hpp>

#include "examples/claims/all_claims.h"
#include "examples/program.h"
#include "support/attention_page.h"

using namespace heed::test;

TEST_CASE("claims: the program runs what it is asked for", "[programs][claims]") {
  const TemporaryFolder folder;
  const Outcome list = run(folder, "--list", "", "claims");
  CHECK(list.status == 0);
  CHECK(static_cast<std::size_t>(lines(list.out)) == heed::examples::all_claims().size());

  const Outcome some = run(folder, "P-04 P-15 --quick --seed 3 --threads 1 --json r.json --out pictures", "", "claims");
  INFO(some.out);
  CHECK(some.status == 0);
  CHECK(some.err.empty());
  CHECK(contains(some.out, "P-15  pass  of 20 sentences"));
  CHECK(contains(some.out, "2 of 2 claims hold; seed 3, 1 threads"));
  const std::filesystem::path work = folder.path() / "work";
  CHECK(contains(read_bytes(work / "pictures" / "P-04.svg"), "</svg>"));
  CHECK_FALSE(std::filesystem::exists(work / "pictures" / "P-15.svg"));
  const auto report = nlohmann::json::parse(read_bytes(work / "r.json"));
  CHECK(report["threads"] == 1);
  CHECK(report["metrics"]["P-04: failed criteria"] == 0);

  check_refused(run(folder, "P-99", "", "claims"), 2, "no claim P-99; there are: M-01", "claims");
}

TEST_CASE("claims: --attention shows where the model of a claim looked", "[programs][claims]") {
  const TemporaryFolder folder;
  const Outcome got = run(folder, "P-19 --quick --attention page.html", "", "claims");
  INFO(got.out << got.err);
  CHECK(got.status == 0);
  CHECK(contains(got.out, "wrote page.html"));
  const auto maps = page_maps(read_bytes(folder.path() / "work" / "page.html"));
  REQUIRE(maps.size() == 4);
  CHECK(maps[0]["layer"] == "P-19 self-attention");
  CHECK(maps[0]["step"] == "sentence 1");
  CHECK(maps[0]["queries"].size() == 16);
  CHECK(maps[0]["queries"] == maps[0]["keys"]);
  CHECK(page_weights(maps[0]).shape() == heed::Shape{4, 16, 16});

  check_refused(run(folder, "--list --attention a.html", "", "claims"), 2, "--attention has no use with --list",
                "claims");
}
