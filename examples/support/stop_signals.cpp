#include "examples/support/stop_signals.h"

#include <array>
#include <csignal>

namespace heed::examples {
namespace {

constexpr std::array<int, 2> stopping{SIGINT, SIGTERM};

volatile std::sig_atomic_t noted = 0;
std::array<struct sigaction, stopping.size()> before;

// The next signal of either kind ends the program.
void note(int signal) {
  noted = signal;
  for (std::size_t i = 0; i < stopping.size(); ++i) ::sigaction(stopping[i], &before[i], nullptr);
}

}  // namespace

StopSignals::StopSignals() {
  noted = 0;
  for (std::size_t i = 0; i < stopping.size(); ++i) {
    ::sigaction(stopping[i], nullptr, &before[i]);
    if (before[i].sa_handler == SIG_IGN) continue;
    struct sigaction action = {};
    action.sa_handler = note;
    action.sa_flags = SA_RESTART;
    ::sigaction(stopping[i], &action, nullptr);
  }
}

StopSignals::~StopSignals() {
  for (std::size_t i = 0; i < stopping.size(); ++i) ::sigaction(stopping[i], &before[i], nullptr);
}

int StopSignals::received() { return noted; }

}  // namespace heed::examples
