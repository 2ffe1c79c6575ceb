// The program itself, run as its users run it: files and flags that are wrong, a short training, its outputs.
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "examples/program.h"
#include "heed/tensor/io/safetensors.h"

using namespace heed::test;
namespace fs = std::filesystem;

TEST_CASE("bad files end with status 2 and one line that names the place", "[translate]") {
  const TemporaryFolder folder;
  const auto check = [&](const fs::path& data, const std::string& expected) {
    const Outcome outcome =
        run(folder, "--data '" + data.string() + "' --out " + (folder.path() / "out").string() + tiny);
    INFO(outcome.err);
    CHECK(outcome.status == 2);
    CHECK(lines(outcome.err) == 1);
    CHECK(outcome.err.find(expected) != std::string::npos);
    CHECK_FALSE(fs::exists(folder.path() / "out" / "model.safetensors"));
  };
  check(folder.path() / "missing.tsv", "missing.tsv");
  check(folder.path(), folder.path().string());
  check(folder.write("empty.tsv", ""), "empty.tsv");
  check(folder.write("one.tsv", "a\tb\nno second column\n"), "one.tsv:2:");
  check(folder.write("utf8.tsv", "a\tb\nc\td\n\xff\te\n"), "utf8.tsv:3:");
  std::string noise;
  for (unsigned i = 0, x = 1; i < 5000; ++i) noise += static_cast<char>((x = x * 1664525u + 1013904223u) >> 24);
  check(folder.write("noise.tsv", noise), "noise.tsv:");
}

TEST_CASE("bad flags end with status 2 and one line that names flag, value and what is allowed", "[translate]") {
  const TemporaryFolder folder;
  fs::create_directory(folder.path() / "work");
  folder.write("work/pairs.tsv", pairs());
  const auto check = [&](const std::string& flags, const std::string& expected) {
    const Outcome outcome = run(folder, flags);
    CAPTURE(flags);
    check_refused(outcome, 2, expected);
    CHECK(outcome.out.empty());
  };
  check("--seed abc", "--seed abc: expected a whole number from 0 to 18446744073709551615");
  check("--seed 18446744073709551616", "--seed 18446744073709551616: expected a whole number from 0 to");
  check("--seed '1\n2'",
        "--seed 1\xEF\xBF\xBD"
        "2: expected a whole number");
  check("--lr 1e999", "--lr 1e999: expected a number from 1e-09 to 10");
  check("--lr 0", "--lr 0: expected a number from 1e-09 to 10");
  struct Flag {
    const char *name, *low, *high, *range;
  };
  const Flag flags[] = {{"seed", "-1", "99999999999999999999", "0 to 18446744073709551615"},
                        {"threads", "0", "65", "1 to 64"},
                        {"steps", "0", "100000001", "1 to 100000000"},
                        {"data pairs.tsv --epochs", "0", "1000001", "1 to 1000000"},
                        {"batch", "0", "65537", "1 to 65536"},
                        {"lr", "1e-10", "10.5", "1e-09 to 10"},
                        {"hidden", "1", "4097", "2 to 4096"},
                        {"beam", "0", "101", "1 to 100"},
                        {"data pairs.tsv --max-pairs", "0", "100000001", "1 to 100000000"},
                        {"data pairs.tsv --max-words", "0", "10001", "1 to 10000"},
                        {"data pairs.tsv --held-out", "-1", "10000001", "0 to 10000000"},
                        {"data pairs.tsv --min-count", "0", "1000001", "1 to 1000000"},
                        {"data pairs.tsv --vocabulary", "4", "10000001", "5 to 10000000"}};
  for (const Flag& flag : flags) {
    const std::string name = flag.name;
    check("--" + name, name.substr(name.rfind(' ') + 1));
    check("--" + name + " " + flag.high, std::string(flag.high) + ": expected a ");
    for (const char* value : {flag.low, "''", "nan", "1x"})
      check("--" + name + "=" + value, std::string("number from ") + flag.range);
  }
  for (const char* value : {"sideways", "''", "'a\nb'"}) {
    check("--readout " + std::string(value), "one of: previous, current");
    check("--progress=" + std::string(value), "one of: auto, on, off");
  }
  for (const char* name : {"data", "out", "json"}) {
    check("--" + std::string(name) + " ''", "--" + std::string(name) + ": no name");
    check("--" + std::string(name), "--" + std::string(name));
  }
  check("--no-such-flag", "unknown argument --no-such-flag");
  check("stray", "unknown argument stray");
  check("''", "unknown argument ''");
  for (const char* name : {"--seed 1 --seed 2", "--data a --data b", "--json x --json y"})
    check(name, std::string(name).substr(0, 6));
  check("--epochs 3", "--epochs has no use without --data");
  check("--data pairs.tsv --epochs 3 --steps 4", "--steps and --epochs both say how long to train");
  check("--translate x --nonsense", "--nonsense");
  check("--translate=19690303", "translate");
  check("--quick=3", "quick");
  check("--translate x --json y", "--json has no use beside --translate");
  check("--translate x --steps 3", "--steps has no use beside --translate");
  const Outcome help = run(folder, "--help");
  CHECK(help.status == 0);
  CHECK(contains(help.out, "--translate"));
  for (std::size_t begin = 0, end; (end = help.out.find('\n', begin)) != std::string::npos; begin = end + 1) {
    INFO(help.out.substr(begin, end - begin));
    CHECK(end - begin <= 100);
  }
}

TEST_CASE("files that are no files end with one line", "[translate]") {
  const TemporaryFolder folder;
  fs::create_directory(folder.path() / "work");
  REQUIRE(::mkfifo((folder.path() / "work" / "pipe").c_str(), 0600) == 0);
  folder.write("work/pairs.tsv", pairs());
  check_refused(run(folder, "--data /dev/null" + tiny), 2, "/dev/null: no sentence pairs in the file");
  check_refused(run(folder, "--data /dev/full" + tiny), 2, "/dev/full:1: the line is longer than");
  check_refused(run(folder, "--data pairs.tsv --out pipe" + tiny), 2, "pipe: cannot be a folder");
  check_refused(run(folder, "--data pairs.tsv --out pairs.tsv" + tiny), 2, "pairs.tsv: cannot be a folder");
  check_refused(run(folder, "--out pairs.tsv --translate x"), 2, "pairs.tsv/model.safetensors: no such file");
  const Outcome full = run(folder, "--data pairs.tsv --json /dev/full" + few_steps + tiny);
  CHECK(full.status == 2);
  CHECK(contains(full.err, "/dev/full: cannot write: No space left"));
  // Pairs from a pipe are pairs.
  CHECK(status_of("cd " + quoted(folder.path() / "work") + " && { cat pairs.tsv >pipe & timeout 60 " +
                  quoted(heed::example_program("translate")) + " --data pipe" + few_steps + tiny + " >log; }") == 0);
}

TEST_CASE("a short training on dates leaves a model, pictures and numbers", "[translate]") {
  const TemporaryFolder folder;
  const std::string out = (folder.path() / "out").string(), json = (folder.path() / "result.json").string();
  const Outcome outcome = run(folder, "--out " + out + " --json " + json + " --steps 20 --seed 4 --threads 2" + tiny);
  INFO(outcome.err);
  REQUIRE(outcome.status == 0);
  CHECK(outcome.err.empty());
  CHECK(outcome.out.find("exact match") != std::string::npos);
  const auto report = nlohmann::json::parse(read_bytes(json));
  CHECK(report["program"] == "translate");
  CHECK(report["seed"] == 4);
  CHECK(report["threads"] == 2);
  CHECK(report["metrics"]["exact_match"].is_number());
  CHECK(report["metrics"]["train_seconds"] > 0);
  CHECK(report["metrics"]["tokens_per_second"] > 0);
  for (const char* picture : {"alignment.svg", "loss.svg"})
    CHECK(read_bytes(fs::path(out) / picture).find("</svg>") != std::string::npos);
  CHECK(heed::read_safetensors(out + "/model.safetensors").tensors.contains("attention.v"));

  const Outcome given = run(folder, "--out " + out + " --translate '3 March 1969' --beam 1");
  CHECK(given.status == 0);
  CHECK(lines(given.out) == 1);
  // Brackets, commas and a dash belong to the text; an empty text is one.
  const Outcome odd = run(folder, "--out " + out + " --beam 1 --translate '[a, b]' '' '3 March 1969' -- '-5'");
  CHECK(odd.status == 0);
  REQUIRE(lines(odd.out) == 4);
  CHECK(odd.out.substr(odd.out.find('\n') + 1, 1) == "\n");
  CHECK(odd.out.find("\n" + given.out) != std::string::npos);
  const Outcome read = run(folder, "--out " + out + " --beam 1 --translate", "3 March 1969\r\n\n1 May 1970");
  CHECK(read.status == 0);
  REQUIRE(lines(read.out) == 3);
  CHECK(read.out.substr(0, read.out.find('\n') + 1) == given.out);
  check_refused(run(folder, "--out " + out + " --translate", "fine\n\xc3\x28\n"), 2,
                "standard input:2: utf8: byte 1 of 2 is invalid: 0xc3");
}

TEST_CASE("as many steps as asked for", "[translate]") {
  const TemporaryFolder folder;
  const Outcome outcome = run(folder, "--out " + (folder.path() / "out").string() +
                                          " --steps 53 --progress on --hidden 8 --batch 8 --beam 1 --lr 0.05");
  CHECK(outcome.status == 0);
  CHECK(outcome.err.find("53/53") != std::string::npos);
}

TEST_CASE("what needs more memory than there is ends with advice, status 1", "[translate]") {
  const TemporaryFolder folder;
  const std::string limited = "ulimit -v 3000000; exec timeout 60 " + quoted(heed::example_program("translate"));
  const auto outcome = [&](const std::string& flags) {
    const int status = status_of("cd " + quoted(folder.path()) + " && { " + limited + " " + flags + "; } >log 2>error");
    return Outcome{status, read_bytes(folder.path() / "log"), read_bytes(folder.path() / "error")};
  };
  if (outcome("--help").status != 0) {
    WARN("skipped: this build does not run with limited memory");
    return;
  }
  check_refused(outcome("--batch 65536 --threads 1 --steps 1 --progress off"), 1,
                "try a smaller --hidden, --batch, --max-words or --vocabulary");
  // A file without bytes on the disk whose header says 16 GB.
  const std::uint64_t gigabytes = std::uint64_t{1} << 34;
  std::string header =
      R"({"x":{"dtype":"F32","shape":[4294967296],"data_offsets":[0,)" + std::to_string(gigabytes) + "]}}";
  header.resize((header.size() + 7) / 8 * 8, ' ');
  std::string start(8, '\0');
  start[0] = static_cast<char>(header.size());
  fs::create_directory(folder.path() / "out");
  const fs::path model = folder.write("out/model.safetensors", start + header);
  fs::resize_file(model, start.size() + header.size() + gigabytes);
  check_refused(outcome("--translate x"), 1, "try a smaller --beam or a shorter text");
  check_refused(outcome("--steps 1 --progress off"), 1, "memory");
}

TEST_CASE("translating needs a model that is one", "[translate]") {
  const TemporaryFolder folder;
  const Outcome none = run(folder, "--out " + folder.path().string() + " --translate x");
  CHECK(none.status == 2);
  CHECK(none.err.find("model.safetensors: no such file; train first") != std::string::npos);
  folder.write("model.safetensors", "not a model");
  const Outcome outcome = run(folder, "--out " + folder.path().string() + " --translate x");
  CHECK(outcome.status == 2);
  CHECK(lines(outcome.err) == 1);
  heed::TensorFile other;
  heed::write_safetensors(folder.path() / "model.safetensors", other);
  CHECK(run(folder, "--out " + folder.path().string() + " --translate x").err.find("not a translator") !=
        std::string::npos);
}

TEST_CASE("translate --quick writes dates, whatever the seed", "[translate][quick]") {
  const TemporaryFolder folder;
  for (const char* seed : {"1", "2", "3"}) {
    const Outcome trained = run(folder, std::string("--quick --progress off --json r.json --seed ") + seed);
    INFO(trained.err);
    REQUIRE(trained.status == 0);
    const auto report = nlohmann::json::parse(read_bytes(folder.path() / "work" / "r.json"));
    CHECK(report["metrics"]["exact_match"] > 0.75);  // seeds 1 to 20: 0.816 to 1
  }
}
