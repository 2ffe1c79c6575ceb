// Memory over a long training. Hidden, because it takes a minute; CONTRIBUTING.md names the command.
#include <unistd.h>

#include <fstream>

#include "heed/autograd/backward.h"
#include "heed/autograd/fused/cross_entropy.h"
#include "heed/models/recurrent_lm.h"
#include "heed/nn/data/token_stream.h"
#include "heed/nn/optim/adam.h"
#include "heed/nn/optim/clip.h"
#include "heed/tensor/memory.h"
#include "support/catch.h"

using namespace heed;

namespace {

// What the process holds of the machine's memory, in bytes; 0 where the system does not tell.
std::int64_t resident_bytes() {
  std::int64_t all = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> all >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

}  // namespace

TEST_CASE("10,000 steps of a character stream take no more memory than 1,000", "[.long][recurrent_lm]") {
  constexpr std::int64_t vocabulary = 65;
  Generator generator(1);
  const models::LstmLm lm({.vocabulary = vocabulary, .embedding = 16, .hidden = 32, .dropout = 0.1}, generator);
  std::vector<std::int64_t> text(100'000);
  for (std::int64_t& character : text) character = generator.uniform_int(vocabulary);
  nn::TokenStream stream(text, 8, 16);
  const std::vector<Variable> parameters = nn::parameters(lm);
  nn::Adam adam(parameters, {.learning_rate = 1e-3});
  nn::LstmCell::State carried;
  const auto train = [&](int steps) {
    for (int step = 0; step < steps; ++step) {
      const nn::TokenStream::Batch batch = stream.next();
      if (batch.first) carried = {};
      auto read = lm.forward(batch.inputs, carried, &generator);
      carried = nn::detach_state(read.final_state);
      adam.zero_grad();
      backward(cross_entropy(read.logits, batch.labels));
      nn::clip_grad_norm(parameters, 1);
      adam.step();
    }
  };
  train(1'000);
  const MemoryStats before = memory_stats();
  const std::int64_t resident_before = resident_bytes();
  reset_peak_memory();
  train(9'000);
  const MemoryStats after = memory_stats();
  const std::int64_t growth = resident_bytes() - resident_before;
  INFO("live " << before.live_bytes << ", resident " << resident_before << ", growth " << growth);
  CHECK(after.live_bytes == before.live_bytes);
  CHECK(after.cached_bytes == before.cached_bytes);
  CHECK(after.peak_bytes <= before.peak_bytes + (std::size_t{64} << 10));
  CHECK(growth <= std::int64_t{1} << 20);
}
