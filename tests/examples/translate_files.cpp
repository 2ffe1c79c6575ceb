// What the program may write and what not: a user's files, a model that is better than the new one, results together.
#include <sys/stat.h>

#include <algorithm>
#include <fstream>

#include "examples/program.h"
#include "examples/support/translator.h"
#include "heed/tensor/create.h"
#include "heed/tensor/io/safetensors.h"
#include "support/array.h"
#include "support/attention_page.h"

using namespace heed::test;
namespace fs = std::filesystem;

namespace {

// A folder with pairs in work/mine.tsv and results of a training in work/out.
struct Trained : TemporaryFolder {
  Trained() {
    fs::create_directory(path() / "work");
    write("work/mine.tsv", pairs());
    const Outcome outcome = run(*this, "--data mine.tsv" + few_steps + tiny);
    INFO(outcome.err);
    REQUIRE(outcome.status == 0);
  }
  fs::path in_work(const std::string& name) const { return path() / "work" / name; }
  std::string bytes(const std::string& name) const { return read_bytes(in_work(name)); }
  std::string results() const {
    return bytes("out/model.safetensors") + bytes("out/alignment.svg") + bytes("out/loss.svg");
  }
  // Besides the checkpoints, which every training leaves.
  long files_in_out() const {
    return std::count_if(fs::directory_iterator(in_work("out")), fs::directory_iterator(),
                         [](const auto& entry) { return !entry.path().filename().string().starts_with("checkpoint"); });
  }
};

}  // namespace

TEST_CASE("no result replaces what is read or another result", "[translate]") {
  const Trained folder;
  const std::string data = folder.bytes("mine.tsv"), results = folder.results();
  fs::create_symlink("mine.tsv", folder.in_work("symbolic"));
  fs::create_hard_link(folder.in_work("mine.tsv"), folder.in_work("hard"));
  fs::create_directory(folder.in_work("linked"));
  fs::create_symlink("loss.svg", folder.in_work("linked/alignment.svg"));
  fs::create_directory(folder.in_work("taken"));
  fs::create_hard_link(folder.in_work("mine.tsv"), folder.in_work("taken/loss.svg"));
  fs::create_directory_symlink("out", folder.in_work("again"));
  const auto check = [&](const std::string& flags, const std::string& expected) {
    check_refused(run(folder, flags + few_steps + tiny), 2, expected);
    CHECK(folder.bytes("mine.tsv") == data);
    CHECK(folder.results() == results);
  };
  const std::string same = " are the same file";
  check("--data mine.tsv --json mine.tsv", "--data mine.tsv and --json mine.tsv" + same);
  for (const char* name : {"./mine.tsv", "out/../mine.tsv", "symbolic", "hard", "$PWD/mine.tsv"})
    check("--data mine.tsv --json " + std::string(name), same);
  check("--data symbolic --json mine.tsv", same);
  const std::string program = "cd " + quoted(folder.in_work("")) + " && " + quoted(heed::example_program("translate"));
  CHECK(status_of(program + " --data /dev/stdin --json mine.tsv" + few_steps + tiny + " <mine.tsv 2>/dev/null") == 2);
  CHECK(status_of(program + " --data mine.tsv --json /dev/stdout" + few_steps + tiny + " >>mine.tsv 2>/dev/null") == 2);
  check("--data mine.tsv --out taken", "--data mine.tsv and loss.svg of --out taken" + same);
  for (const char* name : {"model.safetensors", "unfinished.safetensors", "alignment.svg", "loss.svg"})
    check("--data mine.tsv --json again/" + std::string(name),
          std::string(name) + " of --out out and --json again/" + name + same);
  check("--json new/loss.svg --out new", "loss.svg of --out new and --json new/loss.svg" + same);
  check("--out linked", "alignment.svg of --out linked and loss.svg of --out linked" + same);
  fs::copy_file(folder.in_work("mine.tsv"), folder.in_work("linked/model.safetensors"));
  check("--data linked/model.safetensors --out linked --json x", same);
  CHECK_FALSE(fs::exists(folder.in_work("new")));

  // What is printed would be lost, or be among the pairs.
  const auto check_printed = [&](const std::string& command, const std::string& expected) {
    CHECK(status_of(program + " " + command + " 2>" + quoted(folder.path() / "refusal")) == 2);
    CHECK(contains(read_bytes(folder.path() / "refusal"), expected));
  };
  check_printed("--json log" + few_steps + tiny + " >log", "--json log and standard output are the same file");
  check_printed("--data mine.tsv" + few_steps + tiny + " >>mine.tsv",
                "--data mine.tsv and standard output are the same file");
  CHECK(folder.bytes("mine.tsv") == data);
  CHECK(status_of(program + " --json errors" + few_steps + tiny + " >/dev/null 2>errors") == 2);
  CHECK(contains(folder.bytes("errors"), "--json errors and standard error are the same file"));
  CHECK(folder.results() == results);
}

TEST_CASE("a picture of another program is not replaced", "[translate]") {
  const Trained folder;
  for (const char* name : {"loss.svg", "alignment.svg"}) {
    const std::string path = "out/" + std::string(name), ours = folder.bytes(path);
    folder.write("work/" + path, "<svg>mine</svg>");
    check_refused(run(folder, few_steps + tiny), 2, path + ": would be replaced, but is no picture of this program");
    CHECK(folder.bytes(path) == "<svg>mine</svg>");
    folder.write("work/" + path, ours);
  }
}

TEST_CASE("the page of where the model looked has the numbers that it had", "[translate]") {
  const Trained folder;
  const auto maps = [&] { return page_maps(folder.bytes("page.html")); };
  CHECK(run(folder, " --attention page.html" + few_steps + tiny).status == 0);
  CHECK(maps().size() == 10);
  // The other way through the program, and through its model.
  const std::string text = "3 May 1999";
  const Outcome answered = run(folder, "--attention page.html --beam 1 --translate '" + text + "' ''");
  CHECK(answered.status == 0);
  CHECK(answered.err == "wrote page.html\n");  // standard output is for translations, a line each
  CHECK(std::ranges::count(answered.out, '\n') == 2);
  const heed::examples::Translation found =
      heed::examples::Translator::load(folder.in_work("out/model.safetensors")).translate({text}, 1)[0];
  const auto map = maps().at(0);
  CHECK(maps().size() == 1);
  CHECK(map["queries"] == found.target);
  CHECK(map["keys"] == found.source);
  const heed::Tensor weights = page_weights(map);
  std::vector<float> flat;
  for (const std::vector<float>& row : found.weights) flat.insert(flat.end(), row.begin(), row.end());
  CHECK(same_bits(weights, heed::tensor(std::span<const float>(flat), weights.shape())));

  folder.write("work/notes.txt", "mine");
  for (const std::string& rest : {few_steps + tiny, std::string(" --translate 1")})
    check_refused(run(folder, "--attention notes.txt" + rest), 2, "move it away or choose another --attention");
  check_refused(run(folder, "--attention out/model.safetensors --translate 1"), 2, "are the same file");
  check_refused(run(folder, "--attention out/loss.svg" + few_steps + tiny), 2, "are the same file");
  CHECK(folder.bytes("notes.txt") == "mine");
}

TEST_CASE("a damaged model is not replaced, and the damage is said", "[translate]") {
  const Trained folder;
  const std::string model = folder.bytes("out/model.safetensors");
  folder.write("work/out/model.safetensors", model.substr(0, model.size() / 2));
  const Outcome outcome = run(folder, few_steps + tiny);
  check_refused(outcome, 2, "out/model.safetensors: would be replaced, but cannot be read (");
  check_refused(outcome, 2, "): move it away or choose another --out");
}

TEST_CASE("a model of another program is not replaced", "[translate]") {
  const TemporaryFolder folder;
  heed::write_safetensors(folder.path() / "model.safetensors", {});
  const std::string before = read_bytes(folder.path() / "model.safetensors"), out = " --out " + quoted(folder.path());
  check_refused(run(folder, out + few_steps + tiny), 2,
                "model.safetensors: would be replaced, but is not a model of this program");
  CHECK(read_bytes(folder.path() / "model.safetensors") == before);
}

TEST_CASE("a model that is no better than word frequencies replaces nothing, status 1", "[translate]") {
  const Trained folder;
  const std::string results = folder.results();
  const auto check = [&](const std::string& flags, const std::string& expected) {
    const Outcome outcome = run(folder, "--data mine.tsv --json x.json --progress off --hidden 8 " + flags);
    INFO(outcome.err);
    CHECK(outcome.status == 1);
    CHECK(lines(outcome.err) == 1);
    CHECK(contains(outcome.err, expected));
    CHECK(contains(outcome.err, "; no model or picture in out has changed; "));
    CHECK(folder.results() == results);
    CHECK(folder.files_in_out() == 3);
    CHECK_FALSE(fs::exists(folder.in_work("x.json")));
  };
  check("--lr 10 --steps 20", "no model came of it: the loss is");
  check("--lr 1e-9 --steps 2", "unigram model");
}

TEST_CASE("a training that is stopped leaves the results before it, together, and its best model", "[translate]") {
  const Trained folder;
  const std::string results = folder.results();
  const std::string command = "cd " + quoted(folder.path() / "work") + " && { timeout -s KILL 60 " +
                              quoted(heed::example_program("translate")) + " --data mine.tsv --steps 10000" + tiny +
                              " >log 2>&1 & pid=$!; for i in $(seq 500); do test -e out/unfinished.safetensors && "
                              "break; sleep 0.1; done; kill $pid; wait $pid; }";
  status_of(command);
  REQUIRE(fs::exists(folder.in_work("out/unfinished.safetensors")));
  CHECK(folder.results() == results);
  // It is a model, and the next training replaces and then removes it.
  fs::create_directory(folder.in_work("best"));
  fs::copy_file(folder.in_work("out/unfinished.safetensors"), folder.in_work("best/model.safetensors"));
  CHECK(run(folder, "--out best --translate eins").status == 0);
  const Outcome next = run(folder, "--data mine.tsv" + few_steps + tiny), after = run(folder, few_steps + tiny);
  CHECK(next.status == 0);
  CHECK(contains(next.out, "\nout/unfinished.safetensors of a training that was stopped will be replaced"));
  CHECK_FALSE(contains(after.out, "unfinished"));
  CHECK(folder.files_in_out() == 3);
}

TEST_CASE("what cannot be written is found before the training", "[translate]") {
  const TemporaryFolder folder;
  const std::string file = folder.write("file", "x").string(), place = folder.path().string();
  const auto check = [&](const std::string& flags, const std::string& expected) {
    const Outcome outcome = run(folder, flags + " --progress off");  // the whole training: it would take half a minute
    check_refused(outcome, 2, expected);
    CHECK(outcome.out.empty());
  };
  check("--out " + file, file + ": cannot be a folder");
  check("--out " + file + "/below", file + "/below: cannot be a folder");
  check("--out /proc/self/task", "cannot write: ");  // where not even the superuser makes files
  check("--out " + place + " --json " + place, place + ": cannot write: Is a directory");
  check("--out " + place + " --json " + place + "/no/x.json", "no/x.json: cannot write: No such file");
  check("--out " + place + " --json /proc/self/x.json", "/proc/self/x.json: cannot write: ");
  for (const std::size_t length :
       {236u, 255u, 300u}) {  // beside the first two a temporary file has no room for its name
    check("--out " + place + " --json " + place + "/" + std::string(length, 'x'), "cannot write: File name too long");
  }
  const std::string too_long(300, 'x');
  check("--out " + too_long, too_long + ": cannot be a folder for results: File name too long");
  check_refused(run(folder, "--out " + too_long + " --translate x"), 2,
                too_long + "/model.safetensors: cannot read: File name too long");
  const fs::path pipe = folder.path() / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  check("--out " + place + " --json " + pipe.string(), "pipe: cannot write: nobody reads this pipe");
  fs::create_directory(folder.path() / "loss.svg");
  check("--out " + place, "loss.svg: cannot write: Is a directory");
}

TEST_CASE("numbers into a pipe reach its reader", "[translate]") {
  const TemporaryFolder folder;
  REQUIRE(::mkfifo((folder.path() / "pipe").c_str(), 0600) == 0);
  CHECK(status_of("cd " + quoted(folder.path()) + " && { timeout 60 cat pipe >read & timeout 60 " +
                  quoted(heed::example_program("translate")) + " --json pipe" + few_steps + tiny +
                  " >log; status=$?; wait; exit $status; }") == 0);
  CHECK(contains(read_bytes(folder.path() / "read"), "exact_match"));
}

TEST_CASE("results into /dev/stdout leave what stands in the file behind it", "[translate]") {
  const TemporaryFolder folder;
  const std::string out = " --out " + (folder.path() / "out").string();
  const Outcome outcome = run(folder, "--json /dev/stdout" + out + few_steps + tiny);
  CHECK(outcome.status == 0);
  const std::size_t json = outcome.out.find("\n{");
  REQUIRE(json != std::string::npos);
  CHECK(outcome.out.find("exact match") < json);
  CHECK(contains(outcome.out.substr(json), "\"exact_match\": "));
  fs::create_symlink("/dev/stdout", folder.path() / "link");
  const fs::path log = folder.path() / "log";
  const std::string program = quoted(heed::example_program("translate"));
  CHECK(status_of("(" + program + out + " --json " + quoted(folder.path() / "link") + few_steps + tiny +
                  "; echo done) >" + quoted(log)) == 0);
  const std::string all = read_bytes(log);
  CHECK(all.find("exact match") < all.find("\n{"));
  CHECK(all.ends_with("}\ndone\n"));
  CHECK(status_of(program + out + " --translate 'May 1, 1970' >/dev/full 2>/dev/null") == 2);
  CHECK(status_of(program + out + " --translate </ 2>/dev/null") == 2);
}

TEST_CASE("what stands in the model's place and is no file stays there", "[translate]") {
  const TemporaryFolder folder;
  fs::create_directory(folder.path() / "out");
  fs::create_symlink("/dev/null", folder.path() / "out" / "model.safetensors");
  check_refused(run(folder, "--out " + quoted(folder.path() / "out") + few_steps + tiny), 2,
                "model.safetensors: not a regular file");
  CHECK(fs::is_character_file("/dev/null"));
}
