// A training that is killed, or stopped, at any moment and goes on with --resume ends with the weights of one that
// never was.
#include <chrono>
#include <map>
#include <sstream>
#include <thread>

#include "examples/process.h"
#include "examples/program.h"
#include "heed/tensor/io/sha256.h"
#include "heed/tensor/random/random.h"

using namespace heed;
using namespace heed::test;
namespace fs = std::filesystem;

namespace {

double seconds() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

void sleep_for(double time) { std::this_thread::sleep_for(std::chrono::duration<double>(time)); }

std::string sum_of(const fs::path& file) {
  const std::string bytes = read_bytes(file);
  return bytes.empty() ? "" : sha256(std::as_bytes(std::span(bytes)));
}

// Small trainings that save after every other step.
struct Training {
  std::string program, flags;
};

const std::vector<Training>& trainings() {
  static const std::vector<Training> all{
      {"translate", "--steps 40 --hidden 8 --batch 8 --lr 0.05"},
      {"translate", "--data pairs.tsv --steps 60 --hidden 8 --batch 8 --lr 0.05"},
      {"char_rnn", "--steps 60 --hidden 12 --embedding 4 --batch 4 --length 16 --dropout 0.2 --layers 2 --lr 0.02"},
      {"char_rnn", "--data pairs.tsv --subwords 60 --steps 60 --hidden 12 --embedding 4 --batch 4 --length 16"},
      {"gpt", "--steps 60 --embedding 8 --heads 2 --layers 1 --context 12 --batch 4 --dropout 0.1"},
      {"timeseries", "--steps 60 --hidden 8 --batch 4 --length 16"},
      {"mnist", "--steps 300 --hidden 8 --batch 8"},
      {"classify", "--steps 60 --hidden 4 --embedding 4 --batch 8"},
      {"names", "--steps 60 --hidden 12 --embedding 4 --batch 8 --lr 0.02"}};
  return all;
}

class Trainer {
 public:
  explicit Trainer(Training training) : training_(std::move(training)) {
    folder_.write("pairs.tsv", pairs());
    const double start = seconds();
    REQUIRE(begin("whole", 2).wait() == 0);
    time_ = seconds() - start;
    expected_ = sum_of(folder_.path() / "whole" / "model.safetensors");
  }

  Process begin(const std::string& out, int threads) const {
    std::vector<std::string> arguments{"--progress", "off",       "--ckpt-every",         "2", "--resume", "--out",
                                       out,          "--threads", std::to_string(threads)};
    std::istringstream words(training_.flags);
    for (std::string word; words >> word;) arguments.push_back(word);
    return Process(example_program(training_.program), arguments, folder_.path());
  }

  double time() const { return time_; }  // that the unbroken training took, in seconds
  std::string errors() const { return read_bytes(folder_.path() / "stderr"); }

  void check_finished(const std::string& out) const {
    CHECK(sum_of(folder_.path() / out / "model.safetensors") == expected_);
    for (const auto& entry : fs::directory_iterator(folder_.path() / out)) CHECK(entry.path().extension() != ".tmp");
  }

 private:
  Training training_;
  TemporaryFolder folder_;
  double time_ = 0;
  std::string expected_;
};

// Kills it `kills` times, each at a moment between its start and its end, in as many runs as that takes.
void check_kills(const Training& training, int kills, std::uint64_t seed) {
  CAPTURE(training.program, training.flags);
  const Trainer trainer(training);
  Generator random(seed);
  for (int run = 0, killed = 0; killed < kills; ++run) {
    const std::string out = "run" + std::to_string(run);
    for (int status = -1; status != 0;) {
      Process process = trainer.begin(out, 1 + killed % 3);
      if (killed < kills) {
        sleep_for(trainer.time() * random.uniform());
        process.send(SIGKILL);
      }
      status = process.wait();
      INFO(trainer.errors());
      REQUIRE((status == 0 || status == 128 + SIGKILL));
      killed += status != 0;
    }
    trainer.check_finished(out);
  }
}

void check_stops(const Training& training, int stops, std::uint64_t seed) {
  CAPTURE(training.program, training.flags);
  const Trainer trainer(training);
  Generator random(seed);
  int stopped = 0, runs = 0;
  for (; stopped < stops; ++runs) {
    REQUIRE(runs < 20 * stops);
    const std::string out = "run" + std::to_string(runs);
    const int signal = runs % 2 == 0 ? SIGINT : SIGTERM;
    Process process = trainer.begin(out, 2);
    sleep_for(trainer.time() * random.uniform());
    process.send(signal);
    const int status = process.wait();
    const std::string errors = trainer.errors();
    INFO(errors);
    REQUIRE((status == 0 || status == 128 + signal));
    if (errors.find("stopped by") != errors.npos) {  // not before or after its training, where the signal ends it
      ++stopped;
      CHECK(status == 128 + signal);
      CHECK(contains(errors, signal == SIGINT ? "stopped by SIGINT after step " : "stopped by SIGTERM after step "));
      CHECK(contains(errors, "--resume goes on from " + out + "/checkpoint.safetensors"));
      CHECK(lines(errors) == 1);
    }
    if (status == 0) continue;
    REQUIRE(trainer.begin(out, 2).wait() == 0);
    trainer.check_finished(out);
  }
}

}  // namespace

TEST_CASE("a training killed at random moments ends with the weights of an unbroken one", "[programs][resume]") {
  for (const Training& training : trainings()) check_kills(training, 3, 1);
}

TEST_CASE("a training stopped by Ctrl-C or SIGTERM ends with the weights of an unbroken one", "[programs][resume]") {
  for (const Training& training : trainings()) check_stops(training, 1, 2);
}

TEST_CASE("a damaged checkpoint is passed over for the one before it, and that is said", "[programs][resume]") {
  const TemporaryFolder folder;
  const std::string flags = " --progress off --hidden 8 --batch 4 --length 16 --steps 8 --ckpt-every 2 --resume";
  REQUIRE(run(folder, "--out whole" + flags, "", "timeseries").status == 0);
  REQUIRE(run(folder, "--out out" + flags, "", "timeseries").status == 0);
  const fs::path work = folder.path() / "work", newest = work / "out" / "checkpoint.safetensors";
  std::string bytes = read_bytes(newest);
  bytes.back() ^= 1;
  folder.write("work/out/checkpoint.safetensors", bytes);
  const Outcome again = run(folder, "--out out" + flags, "", "timeseries");
  INFO(again.err);
  REQUIRE(again.status == 0);
  CHECK(contains(again.out, "goes on from out/checkpoint-before.safetensors, because of out/checkpoint.safetensors: "));
  CHECK(contains(again.out, ": step 6 of 8\n"));
  CHECK(sum_of(work / "out" / "model.safetensors") == sum_of(work / "whole" / "model.safetensors"));

  folder.write("work/out/checkpoint.safetensors", bytes);
  folder.write("work/out/checkpoint-before.safetensors", bytes);
  check_refused(run(folder, "--out out" + flags, "", "timeseries"), 2, "out/checkpoint.safetensors: tensor ",
                "timeseries");
  folder.write("work/out/checkpoint-before.safetensors", "mine");
  check_refused(run(folder, "--out out" + flags, "", "timeseries"), 2,
                "out/checkpoint-before.safetensors: would be replaced, but is not a checkpoint", "timeseries");
  check_refused(run(folder, "--out whole --seed 2" + flags, "", "timeseries"), 2,
                "whole/checkpoint.safetensors: of a run with seed 1, here it is 2; with data of ", "timeseries");
  check_refused(run(folder, "--out whole --resume nowhere" + flags.substr(0, flags.rfind(' ')), "", "timeseries"), 2,
                "nowhere", "timeseries");
}

TEST_CASE("--resume refuses a checkpoint of other settings, and names the flag", "[programs][resume]") {
  const TemporaryFolder folder;
  struct Case {
    std::string program, flags;
    std::vector<std::pair<std::string, std::string>> changes;  // a flag, and the setting that is named
  };
  const std::vector<std::pair<std::string, std::string>> of_all{{"--seed 2", "seed 1"},
                                                                {"--batch 5", "batch 4"},
                                                                {"--steps 7", "steps 6"},
                                                                {"--lr 0.5", "learning rate "},
                                                                {"--reproducible", "reproducible false"}};
  const std::vector<Case> cases{
      {"translate", " --hidden 8", {{"--hidden 9", "hidden 8"}, {"--readout current", "readout previous"}}},
      {"char_rnn",
       " --hidden 8 --embedding 4 --length 8",
       {{"--hidden 9", "hidden 8"},
        {"--embedding 5", "embedding 4"},
        {"--length 9", "length 8"},
        {"--layers 2", "layers 1"},
        {"--dropout 0.1", "dropout 0"},
        {"--cell gru", "cell lstm"}}},
      {"gpt",
       " --embedding 8 --heads 2 --layers 1 --context 8",
       {{"--embedding 12", "embedding 8"},
        {"--heads 1", "heads 2"},
        {"--kv-heads 1", "kv heads 0"},
        {"--layers 2", "layers 1"},
        {"--context 9", "context 8"},
        {"--dropout 0.1", "dropout 0"},
        {"--positions rotary", "positions learned"}}},
      {"names",
       " --hidden 8 --embedding 4",
       {{"--hidden 9", "hidden 8"}, {"--dropout 0.1", "dropout 0"}, {"--model rnn", "model lstm"}}},
      {"timeseries",
       " --hidden 8 --length 16",
       {{"--hidden 9", "hidden 8"},
        {"--layers 2", "layers 1"},
        {"--length 17", "length 16"},
        {"--season 11", "season 12"}}},
      {"mnist",
       " --hidden 8 --layers 1",
       {{"--hidden 9", "hidden 8"}, {"--layers 2", "layers 1"}, {"--dropout 0.1", "dropout 0.2"}}},
      {"classify",
       " --hidden 4 --embedding 4",
       {{"--hidden 5", "hidden 4"},
        {"--embedding 5", "embedding 4"},
        {"--dropout 0.1", "dropout 0.3"},
        {"--model lstm", "model gru"}}}};
  for (const Case& one : cases) {
    const std::string flags = "--progress off --batch 4 --steps 6 --lr 0.05" + one.flags + " --out " + one.program;
    run(folder, flags, "", one.program);  // six steps may make no model, but they make a checkpoint
    REQUIRE(fs::exists(folder.path() / "work" / one.program / "checkpoint.safetensors"));
    auto changes = of_all;
    changes.insert(changes.end(), one.changes.begin(), one.changes.end());
    for (const auto& [flag, setting] : changes) {
      // A flag that is given twice is refused, so the one that is changed is left out first.
      std::string changed = flags + " --resume";
      const std::string name = flag.substr(0, flag.find(' '));
      if (const std::size_t at = changed.find(name + " "); at != changed.npos)
        changed.erase(at, changed.find(" --", at) == changed.npos ? changed.npos : changed.find(" --", at) - at);
      const Outcome outcome = run(folder, changed + " " + flag, "", one.program);
      CAPTURE(one.program, flag, outcome.err);
      CHECK(outcome.status == 2);
      CHECK(contains(outcome.err, "/checkpoint.safetensors: of a run "));
      CHECK(contains(outcome.err, "with " + setting));
    }
  }
  // Another program's checkpoint is none of ours.
  CHECK(contains(
      run(folder, "--progress off --out names --steps 6 --resume names/checkpoint.safetensors", "", "char_rnn").err,
      "names/"));
}

TEST_CASE("100 kills of every training", "[.long][resume]") {
  for (const Training& training : trainings()) check_kills(training, 100, 3);
}

TEST_CASE("50 stops of every training", "[.long][resume]") {
  for (const Training& training : trainings()) check_stops(training, 50, 4);
}
