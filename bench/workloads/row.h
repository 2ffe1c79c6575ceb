// The rows of the table: each is one workload, which heed's program and the peer's both know under the same name.
//
// New rows are a header here with their names, sizes and costs (rnnsearch.h), and two sources of the same name, here
// and in bench/peers/, which say how a model of these sizes takes a step and end with
//
//   const bool registered = register_rows(rnnsearches, prepare);
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace heed::bench {

/// What no program can do without, from which the floor follows (floor() of bench/table/measure.h).
struct Costs {
  double flops = 0;       ///< of the matrix products: a multiply-add is two
  double parameters = 0;  ///< that the optimizer updates
  double read_bytes = 0;  ///< of weights that are read once, where a step is bound by that
};

/// Does the work once and gives a number by which two programs can be compared: the loss before the update.
using Step = std::function<double()>;

struct Row {
  std::string name;  ///< begins with W and a number, which orders the table
  Costs costs;
  std::function<Step()> prepare;  ///< makes model and data
};

/// All rows by number, and by name where that is the same.
std::vector<Row> rows();

void register_row(Row row);

/// Registers a row for each of `all`, which live as long as the program; true.
template <class Sizes, std::size_t n>
bool register_rows(const Sizes (&all)[n], Step (*prepare)(const Sizes&)) {
  for (const Sizes& sizes : all)
    register_row({sizes.name, sizes.costs(), [&sizes, prepare] { return prepare(sizes); }});
  return true;
}

}  // namespace heed::bench
