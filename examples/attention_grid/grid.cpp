#include "examples/attention_grid/grid.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iostream>

#include "heed/tensor/error.h"

namespace heed::examples {
namespace {

// Each once, in the order of the tasks.
std::vector<std::string> names_of(std::string GridTask::* part) {
  std::vector<std::string> names;
  for (const GridTask& task : grid_tasks())
    if (std::ranges::find(names, task.*part) == names.end()) names.push_back(task.*part);
  return names;
}

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

// The chosen names in the order of `all`.
std::vector<std::string> chosen(const std::string& what, const std::vector<std::string>& names,
                                const std::vector<std::string>& all, const std::vector<std::string>& unless_given) {
  for (const std::string& name : names)
    if (!has(all, name)) throw FormatError(fmt::format("no {} '{}'; there are: {}", what, name, fmt::join(all, ", ")));
  std::vector<std::string> result;
  for (const std::string& name : all)
    if (has(names.empty() ? unless_given : names, name)) result.push_back(name);
  return result;
}

Cell train_cell(const GridTask& task, const std::string& score, const std::string& align, const GridChoice& choice) {
  bool possible = true;
  Generator weights = Generator(choice.seed).split(1);
  const auto make = [&](const AttentionSizes& sizes, const nn::ParameterSource& source) {
    std::unique_ptr<AnyAttention> attention = make_attention(score, align, sizes, source);
    possible = attention != nullptr;
    return attention ? std::move(attention) : make_attention("uniform", "softmax", sizes, source);
  };
  const std::unique_ptr<Reader> reader = task.make(make, weights, choice.quick);
  if (!possible) return {CellState::impossible, 0, {}};
  const ReaderTraining training{.steps = choice.quick ? task.quick_steps : task.steps,
                                .learning_rate = task.learning_rate,
                                .seconds = choice.seconds};
  return train_reader(*reader, training, Generator(choice.seed).split(2));
}

}  // namespace

GridChoice complete(GridChoice choice) {
  const std::vector<std::string> few_scores{"dot", "general", "additive", "location", "uniform"},
      few_aligns{"softmax", "sum", "hard", "local-m", "diagonal"}, few_tasks{"recall", "needle"};
  const std::vector<std::string> tasks = names_of(&GridTask::name), queries = names_of(&GridTask::query);
  choice.tasks = chosen("task", choice.tasks, tasks, choice.quick ? few_tasks : tasks);
  choice.queries = chosen("query", choice.queries, queries, queries);
  choice.scores = chosen("score", choice.scores, score_names(), choice.quick ? few_scores : score_names());
  choice.aligns = chosen("align", choice.aligns, align_names(), choice.quick ? few_aligns : align_names());
  return choice;
}

GridOutcome run_grid(const GridChoice& choice, std::ostream& out) {
  GridOutcome outcome;
  for (const GridTask& task : grid_tasks()) {
    if (!has(choice.tasks, task.name) || !has(choice.queries, task.query)) continue;
    const std::string title = fmt::format("{}, asked by {}", task.name, task.title);
    out << fmt::format("{}: answers right after {} steps\n{:<18}", title, choice.quick ? task.quick_steps : task.steps,
                       "");
    for (const std::string& align : choice.aligns) out << fmt::format(" {:>8}", align);
    out << std::endl;
    std::vector<std::string> reasons;
    for (const std::string& score : choice.scores) {
      out << fmt::format("{:<18}", score) << std::flush;
      for (const std::string& align : choice.aligns) {
        const Cell cell = train_cell(task, score, align, choice);
        out << fmt::format(" {:>8}", cell_text(cell)) << std::flush;
        if (!cell.reason.empty()) reasons.push_back(fmt::format("{} × {}: {}", score, align, cell.reason));
        if (cell.state == CellState::impossible) continue;
        const bool trained = cell.state == CellState::trained;
        const double accuracy = trained ? cell.accuracy : std::numeric_limits<double>::quiet_NaN();
        const std::string name = fmt::format("{}: {} × {}", title, score, align);
        outcome.metrics.emplace_back(name, accuracy);
        for (Criterion& demand : demands(task, score, align, accuracy, choice.quick)) {
          demand.measured = name;
          outcome.criteria.push_back(std::move(demand));
        }
      }
      out << std::endl;
    }
    if (!reasons.empty()) out << fmt::format("refused: {}\n", reasons[0]);
    if (reasons.size() > 1) out << fmt::format("and so {} more\n", reasons.size() - 1);
    out << std::endl;
  }
  return outcome;
}

}  // namespace heed::examples
