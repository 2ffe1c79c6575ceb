// The program itself, run as its users run it: files that are wrong, a short training, its outputs.
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "heed/tensor/safetensors.h"
#include "support/catch.h"
#include "support/paths.h"
#include "support/temporary_folder.h"

namespace {

namespace fs = std::filesystem;
using heed::test::read_bytes;
using heed::test::TemporaryFolder;

struct Outcome {
  int status;
  std::string out, err;
};

std::string quoted(const fs::path& path) { return "'" + path.string() + "'"; }

int status_of(const std::string& command) {
  const int status = std::system(command.c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// Runs `translate <arguments>` with `input` on standard input.
Outcome run(const TemporaryFolder& folder, const std::string& arguments, const std::string& input = "") {
  const fs::path in = folder.write("stdin", input);
  const std::string command = quoted(heed::translate_program()) + " " + arguments + " <" + quoted(in) + " >" +
                              quoted(folder.path() / "stdout") + " 2>" + quoted(folder.path() / "stderr");
  return {status_of(command), read_bytes(folder.path() / "stdout"), read_bytes(folder.path() / "stderr")};
}

long lines(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

const std::string tiny = " --progress off --hidden 8 --batch 8 --beam 1";

std::string pairs() {
  std::string text;
  const char* const words[] = {"eins\tone", "zwei\ttwo", "drei\tthree", "grün\tgreen", "Öl\toil", "猫\tcat"};
  for (int i = 0; i < 60; ++i) {
    const std::string a = words[i % 6], b = words[i / 6 % 6];
    text += a.substr(0, a.find('\t')) + " " + std::to_string(i % 7) + " " + b.substr(0, b.find('\t')) + "\t" +
            a.substr(a.find('\t') + 1) + " " + std::to_string(i % 7) + " " + b.substr(b.find('\t') + 1) +
            "\tthird column\n";
  }
  return text;
}

}  // namespace

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
  check(folder.write("few.tsv", "a\tb\nc\td\n"), "few.tsv: at least 10 pairs");
  std::string same;
  for (int i = 0; i < 20; ++i) same += "a\tb\n";
  check(folder.write("same.tsv", same), "same.tsv: 20 pairs of at most 10 words on either side cannot be divided");
}

TEST_CASE("bad flags end with status 2 and one line", "[translate]") {
  const TemporaryFolder folder;
  for (const char* flags :
       {"--no-such-flag", "--threads 0", "--steps x", "--readout sideways", "--beam -1", "stray", "--epochs 3",
        "--translate x --nonsense", "--threads 65", "--data ''", "--json ''", "--lr nan", "--translate=19690303",
        "--seed -1", "--translate x --json y", "--translate x --steps 3"}) {
    const Outcome outcome = run(folder, flags);
    CAPTURE(flags, outcome.err);
    CHECK(outcome.status == 2);
    CHECK(lines(outcome.err) == 1);
    CHECK(outcome.out.empty());
  }
  const Outcome help = run(folder, "--help");
  CHECK(help.status == 0);
  CHECK(help.out.find("--translate") != std::string::npos);
}

TEST_CASE("a short training on dates leaves a model, pictures and numbers", "[translate]") {
  const TemporaryFolder folder;
  const std::string out = (folder.path() / "out").string(), json = (folder.path() / "result.json").string();
  const Outcome outcome = run(folder, "--out " + out + " --json " + json + " --steps 3 --seed 4 --threads 2" + tiny);
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
  const Outcome broken = run(folder, "--out " + out + " --translate", "fine\n\xc3\x28\n");
  CHECK(broken.status == 2);
  CHECK(broken.err.find("standard input:2:") != std::string::npos);
}

TEST_CASE("what cannot be written is found before the training", "[translate]") {
  const TemporaryFolder folder;
  const std::string file = folder.write("file", "x").string(), place = folder.path().string();
  const auto check = [&](const std::string& flags, const std::string& expected) {
    const Outcome outcome =
        run(folder, flags + " --progress off");  // the whole training: this would take half a minute
    CAPTURE(flags, outcome.err);
    CHECK(outcome.status == 2);
    CHECK(lines(outcome.err) == 1);
    CHECK(outcome.out.empty());
    CHECK(outcome.err.find(expected) != std::string::npos);
  };
  check("--out " + file, file + ": cannot be a folder");
  check("--out " + file + "/below", file + "/below: cannot be a folder");
  check("--out " + place + " --json " + place, place + ": cannot write: Is a directory");
  check("--out " + place + " --json " + place + "/no/x.json", "no/x.json: cannot write: No such file");
  fs::create_directory(folder.path() / "loss.svg");
  check("--out " + place, "loss.svg: cannot write: Is a directory");
}

TEST_CASE("results into /dev/stdout leave what stands in the file behind it", "[translate]") {
  const TemporaryFolder folder;
  const std::string out = " --out " + (folder.path() / "out").string();
  const Outcome outcome = run(folder, "--steps 2 --json /dev/stdout" + out + tiny);
  CHECK(outcome.status == 0);
  const std::size_t json = outcome.out.find("\n{");
  REQUIRE(json != std::string::npos);
  CHECK(outcome.out.find("exact match") < json);
  CHECK(nlohmann::json::parse(outcome.out.substr(json))["metrics"]["exact_match"].is_number());
  fs::create_symlink("/dev/stdout", folder.path() / "link");
  const fs::path log = folder.path() / "log";
  CHECK(status_of("(" + quoted(heed::translate_program()) + out + " --json " + quoted(folder.path() / "link") +
                  " --steps 2" + tiny + "; echo done) >" + quoted(log)) == 0);
  const std::string all = read_bytes(log);
  CHECK(all.find("exact match") < all.find("\n{"));
  CHECK(all.ends_with("}\ndone\n"));
  CHECK(status_of(quoted(heed::translate_program()) + out + " --translate 'May 1, 1970' >/dev/full 2>/dev/null") == 2);
  CHECK(status_of(quoted(heed::translate_program()) + out + " --translate </ 2>/dev/null") == 2);
}

TEST_CASE("what stands in the model's place and is no file stays there", "[translate]") {
  const TemporaryFolder folder;
  fs::create_directory(folder.path() / "out");
  fs::create_symlink("/dev/null", folder.path() / "out" / "model.safetensors");
  const Outcome outcome = run(folder, "--steps 2 --out " + (folder.path() / "out").string() + tiny);
  CHECK(outcome.status == 2);
  CHECK(outcome.err.find("model.safetensors: not a regular file") != std::string::npos);
  CHECK(fs::is_character_file("/dev/null"));
}

TEST_CASE("the model that is kept is the best one, not the last", "[translate]") {
  const TemporaryFolder folder;
  const fs::path data = folder.write("pairs.tsv", pairs());
  const auto train = [&](const std::string& epochs) {
    const std::string out = (folder.path() / ("out" + epochs)).string();
    const Outcome outcome = run(folder, "--data " + data.string() + " --out " + out + " --json " + out +
                                            ".json --lr 0.5 --steps 1 --epochs " + epochs + tiny);
    INFO(outcome.err);
    REQUIRE(outcome.status == 0);
    return std::pair(nlohmann::json::parse(read_bytes(out + ".json"))["metrics"]["valid_loss"].get<double>(),
                     read_bytes(fs::path(out) / "model.safetensors"));
  };
  // Steps this large make it worse, and the rate has not fallen yet in the second of two.
  const auto [loss_of_one, one] = train("1");
  const auto [loss_of_two, two] = train("2");
  REQUIRE(loss_of_two == loss_of_one);
  CHECK(one == two);
}

TEST_CASE("as many steps as asked for", "[translate]") {
  const TemporaryFolder folder;
  const Outcome outcome = run(
      folder, "--out " + (folder.path() / "out").string() + " --steps 53 --progress on --hidden 8 --batch 8 --beam 1");
  CHECK(outcome.status == 0);
  CHECK(outcome.err.find("53/53") != std::string::npos);
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

TEST_CASE("pairs of any language: metrics, the best model, and the same bits for one seed and any threads",
          "[translate]") {
  const TemporaryFolder folder;
  const fs::path data = folder.write("pairs.tsv", pairs());
  const auto train = [&](const std::string& name, const std::string& flags) {
    const std::string out = (folder.path() / name).string();
    const Outcome outcome = run(
        folder, "--data " + data.string() + " --out " + out + " --json " + out + ".json --epochs 2 " + flags + tiny);
    INFO(outcome.err);
    REQUIRE(outcome.status == 0);
    return read_bytes(fs::path(out) / "model.safetensors");
  };
  const std::string one = train("a", "--seed 1 --threads 1");
  CHECK(one == train("b", "--seed 1 --threads 1"));
  CHECK(one == train("c", "--seed 1 --threads 2"));
  CHECK(one == train("d", "--seed 1 --threads 3"));
  CHECK(one != train("e", "--seed 2 --threads 1"));
  const auto report = nlohmann::json::parse(read_bytes(folder.path() / "a.json"));
  for (const char* metric : {"valid_loss", "unigram_loss", "bleu", "train_seconds", "tokens_per_second"})
    CHECK(report["metrics"][metric].is_number());
}
