// A training of the grid, on planted networks: whatever goes wrong is a cell of the table.
#include "examples/attention_grid/cell.h"

#include <cmath>
#include <string>

#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/movement.h"
#include "heed/tensor/create.h"
#include "heed/tensor/error.h"
#include "support/catch.h"

using namespace heed;
using namespace heed::examples;

namespace {

// Answers class 1 of two, better the larger its one parameter is.
struct Planted : Reader {
  std::vector<Variable> parameters() const override { return {bias}; }
  Answers answer(std::int64_t batch, Generator&, Generator*) const override {
    const Variable zero(zeros({batch, 1, 1}));
    return {concat({zero, expand(reshape(bias, {1, 1, 1}), {batch, 1, 1})}, 2), ones({batch, 1}, DType::i64), {}, {}};
  }
  Variable bias{full({1}, -1.0), true};
};
struct Diverging : Planted {
  Answers answer(std::int64_t batch, Generator& examples, Generator* draws) const override {
    Answers answers = Planted::answer(batch, examples, draws);
    if (++calls > 3) answers.logits = answers.logits * NAN;
    return answers;
  }
  mutable int calls = 0;
};
struct Refusing : Planted {
  Answers answer(std::int64_t, Generator&, Generator*) const override { throw ShapeError("sizes do not fit"); }
};
struct OutOfMemory : Planted {
  Answers answer(std::int64_t, Generator&, Generator*) const override { throw MemoryError("no memory"); }
};

Cell train(const Reader& reader, double seconds = 600) {
  return train_reader(reader, {.steps = 300, .learning_rate = 0.1, .seconds = seconds}, Generator(1));
}

}  // namespace

TEST_CASE("grid: a cell learns, or says what happened", "[attention]") {
  const Planted planted;
  CHECK(share_right(planted.answer(10, *std::make_unique<Generator>(1), nullptr)) == 0);
  const Cell trained = train(planted);
  CHECK(trained.state == CellState::trained);
  CHECK(trained.accuracy == 1);
  CHECK(cell_text(trained) == "1.000");

  CHECK(cell_text(train(Diverging())) == "diverged");
  CHECK(cell_text(train(Planted(), 0)) == "time");
  const Cell refused = train(Refusing());
  CHECK(cell_text(refused) == "refused");
  CHECK(refused.reason == "sizes do not fit");
  CHECK(cell_text({CellState::impossible, 0, {}}) == "-");
  CHECK_THROWS_AS(train(OutOfMemory()), MemoryError);
}

TEST_CASE("grid: a training that did not end has no accuracy for a claim", "[attention]") {
  CHECK(trained_accuracy({.accuracy = 0.25}) == 0.25);
  for (const CellState state : {CellState::impossible, CellState::refused, CellState::diverged, CellState::out_of_time})
    CHECK_THROWS_AS(trained_accuracy({.state = state}), Error);
  try {
    trained_accuracy({.state = CellState::refused, .reason = "a score is -1"});
  } catch (const Error& error) {
    CHECK(std::string(error.what()) == "a training did not end: refused, a score is -1");
  }
}

TEST_CASE("grid: padding does not count", "[attention]") {
  const Planted planted;
  Generator generator(1);
  Answers answers = planted.answer(4, generator, nullptr);
  answers.wanted = tensor({0, 1, 0, 1}, {4, 1}, DType::i64);
  CHECK(share_right(answers) == 0.5);
  answers.counted = tensor({1, 0, 0, 0}, {4, 1});
  CHECK(share_right(answers) == 1);
}

TEST_CASE("grid: every task with every source of queries makes batches of answers", "[attention]") {
  for (const GridTask& task : grid_tasks()) {
    INFO(task.name << ", " << task.query);
    Generator weights(1), examples(2), draws(3);
    const auto reader =
        task.make([](const AttentionSizes& sizes,
                     const nn::ParameterSource& source) { return make_attention("additive", "hard", sizes, source); },
                  weights, true);
    const Answers answers = reader->answer(3, examples, &draws);
    REQUIRE(answers.logits.rank() == 3);
    CHECK(answers.logits.size(0) == 3);
    CHECK(answers.wanted.shape() == Shape{3, answers.logits.size(1)});
    CHECK(answers.found.log_probability.shape() == answers.wanted.shape());
    CHECK(answers.found.weights.size(1) == answers.logits.size(1));
  }
}
