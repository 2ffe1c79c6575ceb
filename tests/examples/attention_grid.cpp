// examples/attention_grid as its users run it.
#include <nlohmann/json.hpp>

#include "examples/attention_grid/grid.h"
#include "examples/program.h"

using namespace heed::test;

TEST_CASE("attention_grid: the quick table, what is demanded of it, and a report", "[programs][attention]") {
  const TemporaryFolder folder;
  const Outcome got = run(folder, "--quick --json r.json", "", "attention_grid");
  INFO(got.out << got.err);
  CHECK(got.status == 0);
  CHECK(got.err.empty());
  CHECK(contains(got.out, "recall, asked by a question from outside: answers right after 400 steps\n"));
  CHECK(contains(got.out, "needle, asked by one learned query"));
  CHECK_FALSE(contains(got.out, "swap"));
  CHECK(contains(got.out, "dot               "));
  CHECK(contains(got.out, " refused"));  // scores below 0 over their sum
  CHECK(contains(got.out, "\nrefused: dot × sum: sum_normalised: a score is -"));
  CHECK(contains(got.out, "pass  recall, asked by a question from outside: dot × softmax: "));
  CHECK_FALSE(contains(got.out, "FAIL"));
  const auto report = nlohmann::json::parse(read_bytes(folder.path() / "work" / "r.json"));
  CHECK(report["program"] == "attention_grid");
  CHECK(report["metrics"]["recall, asked by a question from outside: dot × softmax"] >= 0.95);
  CHECK(report["metrics"]["recall, asked by a question from outside: dot × sum"].is_null());
  CHECK_FALSE(report["metrics"].contains("recall, asked by a question from outside: dot × diagonal"));
}

TEST_CASE("attention_grid: some cells alone, the same bits again", "[programs][attention]") {
  const TemporaryFolder folder;
  const std::string some =
      "--quick --task recall --query question --score dot --align softmax --align local-m --seed 5";
  const Outcome one = run(folder, some, "", "attention_grid"), again = run(folder, some, "", "attention_grid");
  CHECK(one.status == 0);
  CHECK(contains(one.out, "softmax  local-m\n"));
  CHECK_FALSE(contains(one.out, "additive"));
  CHECK_FALSE(contains(one.out, "needle"));
  CHECK_FALSE(contains(one.out, "the text itself"));
  CHECK(one.out.substr(0, one.out.find("seed")) == again.out.substr(0, again.out.find("seed")));
}

TEST_CASE("attention_grid: what cannot be used is refused before anything is trained", "[programs][attention]") {
  const TemporaryFolder folder;
  check_refused(run(folder, "--score dog", "", "attention_grid"), 2, "no score 'dog'; there are: dot, scaled dot,",
                "attention_grid");
  check_refused(run(folder, "--align soft", "", "attention_grid"), 2, "no align 'soft'; there are: softmax, sum,",
                "attention_grid");
  check_refused(run(folder, "--task copy", "", "attention_grid"), 2, "no task 'copy'; there are: recall, swap, needle",
                "attention_grid");
  check_refused(run(folder, "--query nobody", "", "attention_grid"), 2, "no query 'nobody'; there are: question, text,",
                "attention_grid");
  check_refused(run(folder, "--task needle --query state", "", "attention_grid"), 2,
                "no --task of these has such a --query", "attention_grid");
  check_refused(run(folder, "--limit 0", "", "attention_grid"), 2, "--limit 0: expected a number from 1",
                "attention_grid");
  check_refused(run(folder, "--json ''", "", "attention_grid"), 2, "--json: no name", "attention_grid");
  check_refused(run(folder, "--json /nowhere/r.json", "", "attention_grid"), 2, "/nowhere", "attention_grid");
}
