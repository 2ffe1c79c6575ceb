// The grid: every score with every align, on each task with each source of queries, and what is demanded of some cells.
#pragma once

#include <iosfwd>
#include <string>
#include <utility>
#include <vector>

#include "examples/attention_grid/cell.h"
#include "examples/claims/claim.h"

namespace heed::examples {

struct GridChoice {
  std::vector<std::string> tasks = {}, queries = {}, scores = {}, aligns = {};  ///< empty: all, or with `quick` some
  std::uint64_t seed = 1;
  bool quick = false;
  double seconds = 600;  ///< for one cell
};

struct GridOutcome {
  std::vector<std::pair<std::string, double>> metrics = {};  ///< "task, query: score × align" -> accuracy
  std::vector<Criterion> criteria = {};                      ///< of the cells that there are
};

/// Fills in what is empty. FormatError for a name that is none.
GridChoice complete(GridChoice choice);

/// Trains a network of its own for each cell, from the same seed and on the same examples, and writes a table for each
/// task and source of queries, row by row as they are done: in front the score, then its accuracy with each align, and
/// below why something was refused.
GridOutcome run_grid(const GridChoice& choice, std::ostream& out);

/// What is demanded of this cell, if anything: bounds of its accuracy.
std::vector<Criterion> demands(const GridTask& task, const std::string& score, const std::string& align,
                               double accuracy, bool quick);

}  // namespace heed::examples
