#include "table/report.h"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

namespace heed::bench {
namespace {

using Cells = std::array<std::string, 8>;

constexpr std::array<int, 8> widths = {-34, 7, 10, 10, 10, 10, 9, 0};

std::string line(const Cells& cells, bool markdown) {
  std::string text = markdown ? "|" : "";
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (markdown)
      text += fmt::format(" {} |", cells[i]);
    else if (widths[i] < 0)
      text += fmt::format("{:<{}}", cells[i], -widths[i]);
    else
      text += fmt::format("{:>{}}  ", cells[i], widths[i]);
  }
  while (text.ends_with(' ')) text.pop_back();
  return text + "\n";
}

std::string duration(double seconds) {
  return seconds < 1e-3 ? fmt::format("{:.3g} us", seconds * 1e6) : fmt::format("{:.3g} ms", seconds * 1e3);
}

std::string ratio(double x) { return fmt::format("{:.2f}", x); }

}  // namespace

std::string machine_text(const Machine& machine) {
  std::string text = fmt::format(
      "{}, {}\nheed: products {}, vectors {}\npeer: {}\nFMA peak of one thread {:.0f} GFLOP/s", machine.processor,
      machine.date, machine.blas, machine.simd, machine.peer.empty() ? "none" : machine.peer, machine.fma_peak * 1e-9);
  for (const auto& one : machine.bandwidths)
    text += fmt::format("; {} thread{}: copying 256 MiB {:.0f} GB/s, reading 1 MiB {:.0f} GB/s", one.threads,
                        one.threads == 1 ? "" : "s", one.memory_copy * 1e-9, one.cache_read * 1e-9);
  return text + "\n\n";
}

std::string header_text(bool markdown) {
  const std::string rule = markdown ? "|---|---|---|---|---|---|---|---|\n" : "";
  return line({"workload", "threads", "floor", "heed", "peer", "heed/floor", "peer/heed", "the peer's way"}, markdown) +
         rule;
}

std::string row_text(const Measured& row, bool markdown) {
  Cells cells = {row.row, std::to_string(row.threads),       duration(row.floor), duration(row.heed.median),
                 "",      ratio(row.heed.median / row.floor)};
  if (row.peer && row.peer->agrees) {
    cells[4] = duration(row.peer->times.median);
    cells[6] = ratio(row.peer->times.median / row.heed.median);
    cells[7] = row.peer->way;
  } else if (row.peer) {
    cells[7] =
        fmt::format("computes something else: {:.6f} after ten steps, heed {:.6f}", row.peer->value, row.heed_value);
  }
  return line(cells, markdown);
}

std::string json_text(const Machine& machine, const std::vector<Measured>& rows) {
  using Json = nlohmann::ordered_json;
  Json bandwidths = Json::array();
  for (const auto& one : machine.bandwidths)
    bandwidths.push_back({{"threads", one.threads}, {"memory_copy", one.memory_copy}, {"cache_read", one.cache_read}});
  Json all = Json::array();
  for (const Measured& row : rows) {
    Json one = {{"workload", row.row},
                {"threads", row.threads},
                {"fma_peak", row.fma_peak},
                {"update_bandwidth", row.update_bandwidth},
                {"read_bandwidth", row.read_bandwidth},
                {"floor", row.floor},
                {"heed", row.heed.median},
                {"heed_least", row.heed.least},
                {"heed_value", row.heed_value}};
    if (row.peer) {
      one["peer_way"] = row.peer->way;
      one["peer_value"] = row.peer->value;
      one["values_agree"] = row.peer->agrees;
      if (row.peer->agrees) {
        one["peer"] = row.peer->times.median;
        one["peer_least"] = row.peer->times.least;
      }
    }
    all.push_back(std::move(one));
  }
  const Json document = {{"processor", machine.processor}, {"date", machine.date},  {"blas", machine.blas},
                         {"simd", machine.simd},           {"peer", machine.peer},  {"fma_peak", machine.fma_peak},
                         {"bandwidths", bandwidths},       {"rows", std::move(all)}};
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace heed::bench
