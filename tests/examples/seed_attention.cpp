// examples/seed_attention as its users run it.
#include <cmath>
#include <nlohmann/json.hpp>

#include "examples/program.h"
#include "heed/tensor/ops/reduce.h"
#include "support/attention_page.h"

using namespace heed::test;

namespace {

double largest(const TemporaryFolder& folder) {
  return nlohmann::json::parse(read_bytes(folder.path() / "work" / "r.json"))["metrics"]["mean largest weight"];
}

}  // namespace

TEST_CASE("seed_attention: ten vectors of width 512, and a softmax that is nearly a choice", "[programs][attention]") {
  const TemporaryFolder folder;
  double mean = 0;
  for (int seed = 1; seed <= 10; ++seed) {
    const Outcome got =
        run(folder, "--seed " + std::to_string(seed) + " --json r.json --out pictures", "", "seed_attention");
    INFO(got.out << got.err);
    CHECK(got.status == 0);
    CHECK(got.err.empty());
    CHECK(got.out.starts_with("input    [10, 512]\nweights  [10, 10]\noutput   [10, 512]\n"));
    CHECK(contains(got.out, "mean largest weight 0."));
    mean += largest(folder) / 10;
  }
  CHECK(mean > 0.81);  // 0.86 for scores that are normal with a standard deviation of sqrt(512)/3
  CHECK(mean < 0.91);
  CHECK(contains(read_bytes(folder.path() / "work" / "pictures" / "weights.svg"), "</svg>"));
}

TEST_CASE("seed_attention: --quick is narrow, and its softmax flatter", "[programs][attention]") {
  const TemporaryFolder folder;
  const Outcome got = run(folder, "--quick --json r.json", "", "seed_attention");
  CHECK(got.status == 0);
  CHECK(got.out.starts_with("input    [10, 64]\n"));
  CHECK(largest(folder) < 0.75);
  CHECK(largest(folder) > 0.2);
}

TEST_CASE("seed_attention: the page shows what each position looked at", "[programs][attention]") {
  const TemporaryFolder folder;
  for (int round = 0; round < 2; ++round) {  // the second replaces the first
    const Outcome got = run(folder, "--quick --json r.json --attention page.html", "", "seed_attention");
    CHECK(got.status == 0);
    CHECK(contains(got.out, "\nwrote page.html\n"));
  }
  const auto maps = page_maps(read_bytes(folder.path() / "work" / "page.html"));
  REQUIRE(maps.size() == 1);
  const heed::Tensor weights = page_weights(maps[0]);
  CHECK(weights.shape() == heed::Shape{1, 10, 10});
  const double mean = heed::mean(heed::max(weights, heed::Axes{-1})).item();
  CHECK(std::abs(mean - largest(folder)) < 1e-6);
}

TEST_CASE("seed_attention replaces nothing that is not its own", "[programs][attention]") {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder.path() / "work" / "pictures");
  folder.write("work/notes.txt", "mine");
  folder.write("work/pictures/weights.svg", "mine");
  check_refused(run(folder, "--json notes.txt", "", "seed_attention"), 2, "notes.txt: would be replaced",
                "seed_attention");
  check_refused(run(folder, "--out pictures", "", "seed_attention"), 2, "weights.svg", "seed_attention");
  check_refused(run(folder, "--attention notes.txt", "", "seed_attention"), 2, "choose another --attention",
                "seed_attention");
  check_refused(run(folder, "--attention a.html --json a.html", "", "seed_attention"), 2,
                "--attention a.html are the same file", "seed_attention");
  CHECK(read_bytes(folder.path() / "work" / "notes.txt") == "mine");
  CHECK(read_bytes(folder.path() / "work" / "pictures" / "weights.svg") == "mine");
  check_refused(run(folder, "--width 3", "", "seed_attention"), 2, "--width", "seed_attention");
}
