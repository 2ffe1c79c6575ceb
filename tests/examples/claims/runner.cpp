// The runner of claims, on planted ones.
#include "examples/claims/runner.h"

#include <cmath>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "examples/claims/command_line.h"
#include "examples/support/program.h"
#include "heed/tensor/create.h"
#include "heed/tensor/error.h"
#include "support/array.h"
#include "support/attention_page.h"
#include "support/catch.h"
#include "support/paths.h"
#include "support/temporary_folder.h"

using namespace heed;
using namespace heed::examples;

namespace {

ClaimResult true_claim(const ClaimSettings& settings) {
  return {.criteria = {exactly("the answer", 42, 42), between("seed", static_cast<double>(settings.seed), 0, 9)},
          .notes = {"a line below"},
          .chart = nn::LineChart{.series = {{"curve", {{0, 1}, {1, 2}}}}}};
}
// Of a model that attends, in two layers.
ClaimResult attending_claim(const ClaimSettings&) {
  return {.criteria = {exactly("the answer", 42, 42)},
          .attention = {{.layer = "first",
                         .step = "sentence 1",
                         .queries = {"a"},
                         .keys = {"b", "c"},
                         .weights = tensor({0.25, 0.75}, {1, 2})},
                        {.layer = "second", .queries = {"d"}, .keys = {"e"}, .weights = tensor({1}, {1, 1})}}};
}
ClaimResult false_claim(const ClaimSettings& settings) {
  return {.criteria = {at_most("error", 0.25, 0.5), at_least("accuracy", settings.quick ? 0.5 : 0.75, 0.95)}};
}
ClaimResult no_number(const ClaimSettings&) { return {.criteria = {at_most("loss", NAN, 1)}}; }
ClaimResult no_result(const ClaimSettings&) { throw ShapeError("matmul: sizes\ndiffer"); }
ClaimResult no_criteria(const ClaimSettings&) { return {}; }

const std::vector<Claim> planted{{"A-01", "The answer is 42", "Adams 1979", true_claim},
                                 {"A-02", "Nothing fails", "nobody", false_claim},
                                 {"A-03", "A loss is a number", "nobody", no_number},
                                 {"A-04", "Sizes fit", "nobody", no_result},
                                 {"A-05", "Nothing is measured", "nobody", no_criteria}};

const std::vector<Claim> attending{{"B-01", "It attends", "nobody", attending_claim},
                                   {"B-02", "It attends too", "nobody", attending_claim},
                                   {"B-03", "It does not", "nobody", true_claim}};

struct Run {
  int status;
  std::string out, err;
};

void planted_program(int argc, char** argv) { run_claims_program({"claims", "Planted", planted}, argc, argv); }
void attending_program(int argc, char** argv) {
  run_claims_program({"claims", "Planted", attending, true}, argc, argv);
}

// A program with planted claims: what run_program() makes of it.
Run claims(std::vector<std::string> arguments, void (*program)(int, char**) = planted_program) {
  arguments.insert(arguments.begin(), "claims");
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  std::ostringstream out, err;
  std::streambuf* const old_out = std::cout.rdbuf(out.rdbuf());
  std::streambuf* const old_err = std::cerr.rdbuf(err.rdbuf());
  const int status = run_program("claims", program, static_cast<int>(argv.size()), argv.data());
  std::cout.rdbuf(old_out);
  std::cerr.rdbuf(old_err);
  return {status, out.str(), err.str()};
}

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

}  // namespace

TEST_CASE("claims: a criterion is a closed interval", "[claims]") {
  CHECK(at_least("", 0.95, 0.95).holds());
  CHECK_FALSE(at_least("", 0.949, 0.95).holds());
  CHECK(at_most("", 0.5, 0.5).holds());
  CHECK_FALSE(at_most("", 0.51, 0.5).holds());
  CHECK(exactly("", 3, 3).holds());
  CHECK_FALSE(exactly("", 3.1, 3).holds());
  CHECK_FALSE(between("", NAN, -INFINITY, INFINITY).holds());
  CHECK(bounds_text(at_least("", 0, 0.95)) == ">= 0.95");
  CHECK(bounds_text(at_most("", 0, 1e6)) == "<= 1e+06");
  CHECK(bounds_text(between("", 0, -0.7625, 1.15)) == "-0.7625 to 1.15");
  CHECK(bounds_text(exactly("", 0, 20736)) == "= 20736");
}

TEST_CASE("claims: a line for each criterion, and an exit code for all", "[claims]") {
  const Run good = claims({"A-01", "--seed", "7"});
  CHECK(good.status == 0);
  CHECK(good.err.empty());
  CHECK(has_line(good.out, "A-01  The answer is 42 (Adams 1979)"));
  CHECK(has_line(good.out, "A-01  pass  the answer: 42 (= 42)"));
  CHECK(has_line(good.out, "A-01  pass  seed: 7 (0 to 9)"));
  CHECK(has_line(good.out, "      a line below"));
  CHECK(good.out.find("1 of 1 claims hold; seed 7") != std::string::npos);

  const Run bad = claims({"A-02", "A-01", "--quick"});
  CHECK(bad.status == 1);
  CHECK(bad.err == "claims: not every criterion holds: A-02\n");
  CHECK(has_line(bad.out, "A-02  pass  error: 0.25 (<= 0.5)"));
  CHECK(has_line(bad.out, "A-02  FAIL  accuracy: 0.5 (>= 0.95)"));
  CHECK(bad.out.find("1 of 2 claims hold") != std::string::npos);
  CHECK(claims({"A-01", "--seed", "10"}).status == 1);
}

TEST_CASE("claims: what yields no number fails, and the others still run", "[claims]") {
  const Run run = claims({});
  CHECK(run.status == 1);
  CHECK(run.err == "claims: not every criterion holds: A-02, A-03, A-04, A-05\n");
  CHECK(has_line(run.out, "A-01  pass  the answer: 42 (= 42)"));
  CHECK(has_line(run.out, "A-02  FAIL  accuracy: 0.75 (>= 0.95)"));
  CHECK(has_line(run.out, "A-03  FAIL  loss: nan (<= 1)"));
  CHECK(run.out.find("A-04  FAIL  matmul: sizes") != std::string::npos);
  CHECK(run.out.find("A-05  FAIL  nothing was measured") != std::string::npos);
}

TEST_CASE("claims: flags that cannot be used run nothing", "[claims]") {
  const auto refused = [](std::vector<std::string> arguments, const std::string& expected) {
    const Run run = claims(std::move(arguments));
    INFO(run.err);
    CHECK(run.status == 2);
    CHECK(run.out.empty());
    CHECK(run.err.find(expected) != std::string::npos);
  };
  refused({"A-01", "B-01"}, "claims: no claim B-01; there are: A-01, A-02, A-03, A-04, A-05");
  refused({"a-01"}, "no claim a-01");
  refused({""}, "no claim ''");
  refused({"--seed", "-1"}, "--seed -1: expected a whole number");
  refused({"--threads", "0"}, "--threads 0");
  refused({"--json", ""}, "--json: no name");
  refused({"--out", ""}, "--out: no name");
  refused({"--json", "/nowhere/r.json"}, "/nowhere");
  refused({"--wrong"}, "--wrong");
  for (const std::vector<std::string>& flag : std::vector<std::vector<std::string>>{{"--quick"},
                                                                                    {"--reproducible"},
                                                                                    {"--seed", "2"},
                                                                                    {"--threads", "1"},
                                                                                    {"--out", "never_written"},
                                                                                    {"--json", "never_written"}}) {
    std::vector<std::string> arguments{"--list"};
    arguments.insert(arguments.end(), flag.begin(), flag.end());
    refused(std::move(arguments), "claims: " + flag[0] + " has no use with --list");
  }
}

TEST_CASE("claims: lists, help, pictures and JSON", "[claims]") {
  const Run list = claims({"--list", "A-02", "A-01"});
  CHECK(list.status == 0);
  CHECK(list.out == "A-01  The answer is 42 (Adams 1979)\nA-02  Nothing fails (nobody)\n");
  CHECK(claims({"--help"}).out.find("--quick") != std::string::npos);

  const test::TemporaryFolder folder;
  const std::string json = (folder.path() / "r.json").string(), out = (folder.path() / "pictures").string();
  const Run run = claims({"A-01", "A-02", "A-03", "--json", json, "--out", out});
  CHECK(run.status == 1);  // and everything is written
  const auto report = nlohmann::json::parse(test::read_bytes(json));
  CHECK(report["program"] == "claims");
  CHECK(report["seed"] == 1);
  CHECK(report.contains("threads"));
  CHECK(report["seconds"] >= 0);
  CHECK(report["metrics"]["A-01: the answer"] == 42);
  CHECK(report["metrics"]["A-01: failed criteria"] == 0);
  CHECK(report["metrics"]["A-02: failed criteria"] == 1);
  CHECK(report["metrics"]["A-03: loss"].is_null());
  CHECK(report["metrics"].contains("A-01: seconds"));
  CHECK(test::read_bytes(folder.path() / "pictures" / "A-01.svg").find("</svg>") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(folder.path() / "pictures" / "A-02.svg"));
  CHECK(claims({"A-01", "--out", out}).status == 0);  // its own picture it replaces

  folder.write("pictures/A-01.svg", "mine");
  const Run kept = claims({"A-01", "--out", out});
  CHECK(kept.status == 2);
  CHECK(kept.out.empty());
  CHECK(test::read_bytes(folder.path() / "pictures" / "A-01.svg") == "mine");
  CHECK(claims({"A-01", "--json", out + "/A-01.svg", "--out", out}).status == 2);
}

TEST_CASE("claims: --attention writes where the models of all claims looked", "[claims]") {
  const test::TemporaryFolder folder;
  const std::string page = (folder.path() / "page.html").string();
  const auto run = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--attention", page});
    return claims(std::move(arguments), attending_program);
  };
  CHECK(claims({"--help"}, attending_program).out.find("--attention") != std::string::npos);
  CHECK(claims({"--help"}).out.find("--attention") == std::string::npos);

  const Run without = run({"B-03"});
  CHECK(without.status == 0);
  CHECK(has_line(without.out, "none of these claims attends: " + page + " is not written"));
  CHECK_FALSE(std::filesystem::exists(page));

  const Run written = run({});
  CHECK(written.status == 0);
  CHECK(has_line(written.out, "wrote " + page));
  const auto maps = test::page_maps(test::read_bytes(page));
  REQUIRE(maps.size() == 4);
  CHECK(maps[0]["layer"] == "B-01 first");
  CHECK(maps[0]["group"] == "B-01");
  CHECK(maps[0]["step"] == "sentence 1");
  CHECK(test::to_array(test::page_weights(maps[0])).numbers == std::vector<double>{0.25, 0.75});
  CHECK(maps[1]["layer"] == "B-01 second");
  CHECK(maps[3]["layer"] == "B-02 second");
  CHECK(run({"B-02"}).status == 0);  // its own page it replaces
  CHECK(test::page_maps(test::read_bytes(page)).size() == 2);

  folder.write("page.html", "mine");
  const Run kept = run({"B-01"});
  CHECK(kept.status == 2);
  CHECK(kept.out.empty());
  CHECK(test::read_bytes(page) == "mine");
}
