// Checkpoints: everything comes back, or nothing changes.
#include "heed/nn/train/checkpoint.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "heed/autograd/backward.h"
#include "heed/autograd/ops/losses.h"
#include "heed/nn/linear.h"
#include "heed/nn/optim/adam.h"
#include "heed/nn/rnn/lstm.h"
#include "heed/nn/rnn/state.h"
#include "heed/tensor/create.h"
#include "heed/tensor/io/safetensors.h"
#include "heed/tensor/mutate.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/failing_allocations.h"
#include "support/failing_calls.h"
#include "support/refused.h"
#include "support/temporary_folder.h"

using namespace heed;
using test::refused;
namespace fs = std::filesystem;

namespace {

// A training: all of what a checkpoint may list.
struct Run {
  Generator weights{1}, noise{7, 3};
  nn::Linear net{{.in = 3, .out = 2}, weights};
  nn::Adam adam{nn::parameters(net), {.learning_rate = 0.1}};
  std::int64_t step = 0;
  double best = std::numeric_limits<double>::infinity();
  std::vector<double> losses;
  nn::LstmCell::State state;

  void advance(int steps) {
    for (int i = 0; i < steps; ++i) {
      adam.zero_grad();
      const Variable loss = mse_loss(net.forward(Variable(normal(noise, {4, 3}))), Variable(zeros({4, 2})));
      backward(loss);
      adam.step();
      losses.push_back(loss.item());
      best = std::min(best, loss.item());
      state.h = Variable(normal(noise, {1, 2}));
      state.c = Variable(normal(noise, {1, 2}));
      ++step;
    }
  }

  nn::Checkpoint checkpoint(const std::string& batch = "4") {
    nn::Checkpoint all;
    all.require("batch", batch);
    all.add("model", net);
    all.add("optimizer", adam);
    all.add("noise", noise);
    all.add("step", step);
    all.add("best", best);
    all.add("losses", losses);
    all.add(
        "state", [this] { return nn::save_state(state); },
        [this](const nn::StateDict& saved) { nn::restore_state(state, saved, {1, 2}, DType::f32); });
    return all;
  }

  // Everything as the bytes that a checkpoint would have.
  std::string bytes() {
    const test::TemporaryFolder folder;
    const fs::path file = folder.path() / "run";
    checkpoint().save(file);
    return test::read_bytes(file);
  }
};

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

TEST_CASE("a run that goes on from a checkpoint is the run that was never stopped", "[nn][checkpoint]") {
  const test::TemporaryFolder folder;
  const std::string file = (folder.path() / "run.safetensors").string();
  for (const int stop : {0, 1, 5}) {
    Run whole, first, second;
    whole.advance(9);
    first.advance(stop);
    first.checkpoint().save(file);
    second.advance(2);  // whatever it was before
    second.checkpoint().load(file);
    CHECK(second.step == stop);
    CHECK(second.state.h.defined() == (stop > 0));
    CHECK(second.state.c.defined() == (stop > 0));
    second.advance(9 - stop);
    CHECK(second.losses == whole.losses);
    CHECK(second.bytes() == whole.bytes());
  }
}

TEST_CASE("numbers of a checkpoint come back with all their bits", "[nn][checkpoint]") {
  const test::TemporaryFolder folder;
  const std::string file = folder.path() / "run";
  std::int64_t step = 16'777'217, lowest = std::numeric_limits<std::int64_t>::min();
  double loss = std::nan(""), small = 5e-324, zero = -0.0;
  std::vector<double> none, some{0.1, -std::numeric_limits<double>::infinity()};
  Generator generator(~std::uint64_t{0}, 1);
  generator.set_counter(~std::uint64_t{0} - 1);
  nn::Checkpoint run;
  run.add("step", step);
  run.add("lowest", lowest);
  run.add("loss", loss);
  run.add("small", small);
  run.add("zero", zero);
  run.add("none", none);
  run.add("some", some);
  run.add("generator", generator);
  run.save(file);
  step = lowest = 0;
  loss = small = zero = 1;
  none = {1, 2};
  some.clear();
  generator.set_counter(0);
  run.load(file);
  CHECK(step == 16'777'217);
  CHECK(lowest == std::numeric_limits<std::int64_t>::min());
  CHECK(std::isnan(loss));
  CHECK(small == 5e-324);
  CHECK(std::signbit(zero));
  CHECK(none.empty());
  CHECK(some == std::vector<double>{0.1, -std::numeric_limits<double>::infinity()});
  CHECK(generator.counter() == ~std::uint64_t{0} - 1);
}

TEST_CASE("a checkpoint that does not fit is refused and changes nothing", "[nn][checkpoint]") {
  const test::TemporaryFolder folder;
  const std::string file = folder.path() / "run.safetensors";
  Run saved, here;
  saved.advance(3);
  here.advance(1);
  saved.checkpoint().save(file);
  const TensorFile good = read_safetensors(file);
  const auto check = [&](const auto& change, const std::string& reason) {
    TensorFile changed = good;
    change(changed);
    write_safetensors(file, changed);
    const std::string before = here.bytes();
    CHECK(refused<FormatError>([&] { here.checkpoint().load(file); }) == file + ": " + reason);
    CHECK(here.bytes() == before);
  };
  check([](TensorFile& f) { f.metadata.erase("heed.checkpoint"); }, "not a checkpoint");
  check([](TensorFile& f) { f.metadata["heed.checkpoint"] = "2"; }, "a checkpoint of version 2, expected 1");
  check([](TensorFile& f) { f.metadata["heed.setting.batch"] = "8"; }, "of a run with batch 8, here it is 4");
  check([](TensorFile& f) { f.metadata.erase("heed.setting.batch"); },
        "of a run without the setting batch, here it is 4");
  check([](TensorFile& f) { f.metadata["heed.setting.cell"] = "gru"; },
        "of a run with cell gru, here there is no such setting");
  check([](TensorFile& f) { f.tensors.erase("step"); }, "step: expected one tensor of this name");
  check([](TensorFile& f) { f.tensors["step"] = zeros({}); }, "step: is f32 [], expected i64 []");
  check([](TensorFile& f) { f.tensors["losses"] = zeros({2, 2}, DType::f64); },
        "losses: is f64 [2, 2], expected f64 [n]");
  check([](TensorFile& f) { f.tensors["more.weight"] = zeros({1}); }, "has a part 'more', here there is none");
  check([](TensorFile& f) { f.tensors["model.more"] = zeros({1}); },
        "model: load_state_dict: missing: [], unexpected: [more]");
  check([](TensorFile& f) { f.tensors["model.weight"] = zeros({2, 4}); },
        "model: load_state_dict: weight is f32 [2, 3], the file has f32 [2, 4]");
  check([](TensorFile& f) { f.tensors.erase("optimizer.state.0.exp_avg"); },
        "optimizer: load_state_dict: missing: [state.0.exp_avg], unexpected: []");
  check([](TensorFile& f) { f.tensors["noise"] = tensor({8, 3, 0}, {3}, DType::i64); },
        "noise: the generator has seed 8 and stream 3, here 7 and 3");
  check([](TensorFile& f) { f.tensors["state.2"] = zeros({1}); },
        "state: a recurrent state of 3 parts, expected none or 2 of shape [1, 2], numbered from 0");
  write_safetensors(file, good);
  CHECK_NOTHROW(here.checkpoint().load(file));
  CHECK(here.bytes() == saved.bytes());
  CHECK(refused<IoError>([&] { here.checkpoint().load(file + "x"); }).starts_with("read "));
}

namespace {

void check_flips(int rounds) {
  const test::TemporaryFolder folder;
  const std::string file = folder.path() / "run.safetensors";
  Run saved, here;
  saved.advance(2);
  saved.checkpoint().save(file);
  const std::string whole = test::read_bytes(file), before = here.bytes();
  Generator random(11);
  for (int round = 0; round < rounds; ++round) {
    std::string damaged = whole;
    const auto bit = static_cast<std::size_t>(random.uniform_int(8 * std::ssize(whole)));
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ 1 << bit % 8);
    folder.write("run.safetensors", damaged);
    CHECK_THROWS_AS(here.checkpoint().load(file), FormatError);
  }
  CHECK(here.bytes() == before);
}

}  // namespace

TEST_CASE("a bit that has changed is noticed, wherever it is", "[nn][checkpoint]") { check_flips(500); }
TEST_CASE("10,000 bits that have changed are noticed", "[.long][checkpoint]") { check_flips(10'000); }

#ifndef HEED_PLAIN_MALLOC
TEST_CASE("memory that runs out while a checkpoint is loaded leaves all parts as they were", "[nn][checkpoint]") {
  const test::TemporaryFolder folder;
  const std::string file = folder.path() / "run.safetensors";
  Run saved;
  saved.advance(3);
  saved.checkpoint().save(file);
  for (const test::Shortage shortage : {test::Shortage::once, test::Shortage::full}) {
    Run here;
    here.advance(1);
    const std::string before = here.bytes();
    for (int n = 1;; ++n) {
      CAPTURE(n, shortage == test::Shortage::full);
      bool threw = false;
      nn::Checkpoint all = here.checkpoint();
      {
        const test::FailingAllocation failing(n, shortage);
        try {
          all.load(file);
        } catch (const MemoryError&) {
          threw = true;
        } catch (const std::bad_alloc&) {
          threw = true;
        }
      }
      REQUIRE((here.bytes() == before) == threw);
      if (threw) continue;
      CHECK(here.bytes() == saved.bytes());
      CHECK(n > 200);
      break;
    }
  }
}
#endif

TEST_CASE("names of parts and settings are used once", "[nn][checkpoint]") {
  std::int64_t number = 0;
  nn::Checkpoint run;
  run.add("step", number);
  CHECK(refused<Error>([&] { run.add("step", number); }) == "checkpoint: a part cannot be called 'step': there is one");
  CHECK(refused<Error>([&] { run.add("a.b", number); }) == "checkpoint: a part cannot be called 'a.b'");
  CHECK(refused<Error>([&] { run.add("", number); }) == "checkpoint: a part cannot be called ''");
  run.require("batch", "1");
  CHECK(refused<Error>([&] { run.require("batch", "1"); }) == "checkpoint: two settings called 'batch'");
}

TEST_CASE("the checkpoint before the newest one is kept", "[nn][checkpoint]") {
  const test::TemporaryFolder folder;
  const std::string newest = folder.path() / "run", before = folder.path() / "run-before";
  std::int64_t step = 1;
  nn::Checkpoint run;
  run.add("step", step);
  const auto loaded = [&](const std::string& file) {
    run.load(file);
    return step;
  };
  run.save(newest, before);
  CHECK(names_in(folder.path()) == std::vector<std::string>{"run"});
  for (step = 2; step < 5; ++step) {
    run.save(newest, before);
    const std::int64_t written = step;
    CHECK(loaded(newest) == written);
    CHECK(loaded(before) == written - 1);
    CHECK(names_in(folder.path()) == std::vector<std::string>{"run", "run-before"});
    step = written;
  }
}

TEST_CASE("a disk that fails at any moment leaves the old checkpoint", "[nn][checkpoint]") {
  const test::TemporaryFolder folder;
  const std::string newest = folder.path() / "run", before = folder.path() / "run-before";
  for (const test::Failure failure : {test::Failure::full, test::Failure::broken, test::Failure::partial}) {
    Run run;
    run.advance(1);
    run.checkpoint().save(newest, before);
    run.advance(1);
    int refusals = 0;
    for (int k = 1;; ++k) {
      bool written = false, failed = false;
      {
        const test::FailingCall call(k, failure);
        try {
          run.checkpoint().save(newest, before);
          written = true;
        } catch (const IoError&) {
          ++refusals;
        }
        failed = call.failed();
      }
      Run loaded;
      loaded.checkpoint().load(newest);
      CAPTURE(k, failed, written);
      // The folder's flush comes when the new one is in its place.
      CHECK((loaded.step == 1 || loaded.step == 2));
      if (fs::exists(before)) {
        Run older;
        older.checkpoint().load(before);
        CHECK((older.step == 1 || older.step == 2));
      }
      if (written) CHECK(loaded.step == 2);
      for (const std::string& name : names_in(folder.path())) CHECK((name == "run" || name == "run-before"));
      if (!failed) break;
      if (loaded.step == 2) {  // start again from the old one
        Run old;
        old.advance(1);
        old.checkpoint().save(newest, before);
      }
    }
    CHECK(refusals >= 4);  // a write, the file's flush, its rename, the folder's flush
  }
}

TEST_CASE("only a checkpoint is replaced", "[nn][checkpoint]") {
  const test::TemporaryFolder folder;
  const std::string file = folder.path() / "run";
  CHECK_NOTHROW(nn::Checkpoint::check_replaceable(file));
  folder.write("run", "mine");
  CHECK(refused<FormatError>([&] { nn::Checkpoint::check_replaceable(file); }) ==
        file + ": would be replaced, but is not a checkpoint");
  write_safetensors(file, {{{"a", zeros({1})}}, {}});
  CHECK_THROWS_AS(nn::Checkpoint::check_replaceable(file), FormatError);
  nn::Checkpoint().save(file);
  CHECK_NOTHROW(nn::Checkpoint::check_replaceable(file));
  folder.write("run", test::read_bytes(file) + "damage");
  CHECK_NOTHROW(nn::Checkpoint::check_replaceable(file));
}
