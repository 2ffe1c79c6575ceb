#include "table/measure.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "machine/speed.h"
#include "table/child.h"

namespace heed::bench {
namespace {

// Fewer of those that take seconds.
int compared_steps(const Row& row) { return row.costs.flops > 5e10 ? 3 : 10; }

double median(std::vector<double> numbers) {
  const auto middle = numbers.begin() + static_cast<std::ptrdiff_t>(numbers.size() / 2);
  std::nth_element(numbers.begin(), middle, numbers.end());
  return *middle;
}

std::unique_ptr<Child> start(const Way& way, const Row& row, int threads) {
  std::vector<std::string> command = way.command;
  command.insert(command.begin() + 1, {"--serve", row.name, std::to_string(threads)});
  return std::make_unique<Child>(std::move(command));
}

struct Runner {
  std::string way;
  std::unique_ptr<Child> child;
  double value;     // of the last compared step
  double per_step;  // seconds, of the fastest of some
  std::vector<double> times = {};

  void repeat(double seconds) {
    const int steps = std::max(1, static_cast<int>(std::lround(seconds / per_step)));
    times.push_back(child->take_steps(steps).seconds / steps);
  }
  Times result() const { return {median(times), *std::min_element(times.begin(), times.end())}; }
};

Runner warm_runner(const Way& way, const Row& row, int threads) {
  Runner runner{way.name, start(way, row, threads), 0, 0};
  const int steps = compared_steps(row);
  const auto first = runner.child->take_steps(steps);
  runner.value = first.value;
  std::vector<double> times{first.seconds / steps};
  const int more = times[0] > 0.3 ? 0 : 5;
  for (int i = 0; i < more; ++i) times.push_back(runner.child->take_steps(2).seconds / 2);
  runner.per_step = *std::min_element(times.begin(), times.end());
  return runner;
}

bool agree(double a, double b) { return std::abs(a - b) <= 1e-4 * std::max(1.0, std::abs(a)); }

}  // namespace

double floor(const Costs& costs, const Measured& machine) {
  double seconds = costs.flops / (machine.fma_peak * machine.threads);
  if (costs.parameters > 0) seconds += 7 * sizeof(float) * costs.parameters / machine.update_bandwidth;
  if (costs.read_bytes > 0) seconds += costs.read_bytes / machine.read_bandwidth;
  return seconds;
}

Measured measure(const Row& row, int threads, const Way& heed, const std::vector<Way>& peers,
                 const Settings& settings) {
  Runner ours = warm_runner(heed, row, threads);
  std::optional<Runner> peer;
  for (const Way& way : peers) {
    Runner runner = warm_runner(way, row, threads);
    if (!peer || runner.per_step < peer->per_step) peer = std::move(runner);
  }
  const Costs& costs = row.costs;
  std::vector<double> peaks, updates, reads;
  for (int i = 0; i < settings.repetitions; ++i) {
    peaks.push_back(fma_peak());
    if (costs.parameters > 0) updates.push_back(update_bandwidth(static_cast<std::size_t>(costs.parameters), threads));
    if (costs.read_bytes > 0) reads.push_back(read_bandwidth(static_cast<std::size_t>(costs.read_bytes), threads));
    ours.repeat(settings.seconds);
    if (peer) peer->repeat(settings.seconds);
  }
  Measured result;
  result.row = row.name;
  result.threads = threads;
  result.fma_peak = median(peaks);
  if (!updates.empty()) result.update_bandwidth = median(updates);
  if (!reads.empty()) result.read_bandwidth = median(reads);
  result.floor = floor(costs, result);
  result.heed = ours.result();
  result.heed_value = ours.value;
  if (peer) result.peer = {{peer->way, peer->result(), peer->value, agree(ours.value, peer->value)}};
  return result;
}

}  // namespace heed::bench
