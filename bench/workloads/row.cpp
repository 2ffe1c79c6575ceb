#include "workloads/row.h"

#include <algorithm>
#include <tuple>

namespace heed::bench {
namespace {

std::vector<Row>& registered() {
  static std::vector<Row> all;
  return all;
}

int number(const Row& row) { return std::stoi(row.name.substr(1)); }

}  // namespace

void register_row(Row row) { registered().push_back(std::move(row)); }

std::vector<Row> rows() {
  std::vector<Row> all = registered();
  std::sort(all.begin(), all.end(), [](const Row& a, const Row& b) {
    return std::make_tuple(number(a), std::cref(a.name)) < std::make_tuple(number(b), std::cref(b.name));
  });
  return all;
}

}  // namespace heed::bench
