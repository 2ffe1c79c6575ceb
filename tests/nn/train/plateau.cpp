// Plateau: when the rate falls, also after a resume. PyTorch's: tests/parity.
#include "heed/nn/train/plateau.h"

#include <cmath>
#include <limits>
#include <vector>

#include "heed/tensor/create.h"
#include "heed/tensor/error.h"
#include "support/catch.h"
#include "support/refused.h"

using namespace heed;
using nn::Plateau;

namespace {

std::vector<double> factors(Plateau& plateau, const std::vector<double>& metrics) {
  std::vector<double> result;
  for (const double metric : metrics) result.push_back(plateau.observe(metric));
  return result;
}

constexpr double no_number = std::numeric_limits<double>::quiet_NaN(),
                 infinity = std::numeric_limits<double>::infinity();

}  // namespace

TEST_CASE("the rate falls after patience + 1 epochs without improvement (trap O11)", "[nn][plateau]") {
  Plateau plateau({.factor = 0.1, .patience = 2});
  const std::vector<double> wanted{.1, .1, .1, .01, .01, .01, .001};  // of a base rate of .1
  const std::vector<double> got = factors(plateau, std::vector<double>(7, 5.0));
  for (std::size_t i = 0; i < wanted.size(); ++i) CHECK(.1 * got[i] == Approx(wanted[i]).epsilon(1e-12));
}

TEST_CASE("a plateau that is resumed goes on where it was (trap O11)", "[nn][plateau]") {
  const Plateau::Config config{.factor = 0.1, .patience = 2, .cooldown = 1};
  const std::vector<double> metrics{5, 5, 5, 5, 5, 4, 6, 6, 6, no_number, 6, 1};
  Plateau whole(config);
  const std::vector<double> wanted = factors(whole, metrics);
  CHECK(wanted[2] == 1);
  CHECK(wanted[3] == 0.1);
  for (std::size_t saved = 0; saved <= metrics.size(); ++saved) {
    Plateau first(config), second(config);
    for (std::size_t i = 0; i < saved; ++i) first.observe(metrics[i]);
    second.observe(-1);
    second.load_state_dict(first.state_dict());
    for (std::size_t i = saved; i < metrics.size(); ++i) CHECK(second.observe(metrics[i]) == wanted[i]);
  }
}

TEST_CASE("a plateau that is resumed with less patience falls at the next epoch without improvement", "[nn][plateau]") {
  Plateau patient({.factor = 0.5, .patience = 10, .cooldown = 3}), hasty({.factor = 0.5, .patience = 2});
  factors(patient, {5, 5, 5, 5, 5, 5});
  hasty.load_state_dict(patient.state_dict());
  CHECK(factors(hasty, {5, 4, 4}) == std::vector<double>{.5, .5, .5});
}

TEST_CASE("what improves is up to the threshold and the sign", "[nn][plateau]") {
  Plateau smaller({.factor = 0.5, .patience = 0, .threshold = 0.1});
  CHECK(factors(smaller, {10, 9, 8.9, 8.9}) == std::vector<double>{1, .5, .5, .25});
  Plateau larger({.factor = 0.5, .patience = 0, .threshold = 0.1, .larger_is_better = true});
  CHECK(factors(larger, {10, 11, 11.5, 11}) == std::vector<double>{1, .5, .5, .25});
  Plateau negative({.factor = 0.5, .patience = 0, .threshold = 0.1});
  CHECK(factors(negative, {-10, -10.5, -12}) == std::vector<double>{1, .5, .5});
  Plateau least({.factor = 0.1, .patience = 0, .least = 0.05});
  CHECK(factors(least, {1, 1, 1, 1}) == std::vector<double>{1, .1, .05, .05});
}

TEST_CASE("NaN and infinity never improve", "[nn][plateau]") {
  Plateau plateau({.factor = 0.5, .patience = 1});
  CHECK(factors(plateau, {no_number, infinity, 3, no_number, 4, 2}) == std::vector<double>{1, .5, .5, .5, .25, .25});
}

TEST_CASE("Plateau refuses settings without a meaning", "[nn][plateau]") {
  CHECK(test::refused<Error>([] { Plateau({.factor = 1}); }) == "plateau: factor is 1, expected 0 <= factor < 1");
  CHECK_THROWS_AS(Plateau({.factor = no_number}), Error);
  CHECK(test::refused<Error>([] { Plateau({.patience = -1}); }) ==
        "plateau: patience is -1, expected a number of epochs");
  CHECK_THROWS_AS(Plateau({.threshold = infinity}), Error);
  CHECK_THROWS_AS(Plateau({.cooldown = -1}), Error);
  CHECK_THROWS_AS(Plateau({.least = 2}), Error);
}

TEST_CASE("a state that is none of a Plateau is refused and changes nothing", "[nn][plateau]") {
  Plateau plateau({.patience = 2});
  plateau.observe(5);
  plateau.observe(6);
  const auto refusal = [&](const std::string& name, const Tensor& tensor) {
    nn::StateDict state = plateau.state_dict();
    state[name] = tensor;
    const std::string message = test::refused<FormatError>([&] { plateau.load_state_dict(state); });
    CHECK(plateau.state_dict().at("num_bad_epochs").item() == 1);
    CHECK(plateau.state_dict().at("best").item() == 5);
    return message;
  };
  CHECK(refusal("num_bad_epochs", full({}, std::numeric_limits<std::int64_t>::max(), DType::i64)) ==
        "load_state_dict: num_bad_epochs is 9223372036854775807, expected a count of 0 to 2^53");
  CHECK(refusal("num_bad_epochs", full({}, -1, DType::i64)).starts_with("load_state_dict: num_bad_epochs is -1"));
  CHECK(refusal("cooldown_counter", full({}, -1, DType::i64)) ==
        "load_state_dict: cooldown_counter is -1, expected a count of 0 to 2^53");
  CHECK(refusal("larger_is_better", full({}, 1, DType::i64)) ==
        "load_state_dict: larger_is_better is 1, expected that of this Plateau");
  CHECK(refusal("factor", full({}, 1.5, DType::f64)) == "load_state_dict: factor is 1.5, expected 0 <= factor <= 1");
  CHECK(refusal("factor", full({}, no_number, DType::f64)).starts_with("load_state_dict: factor is nan"));
  CHECK(refusal("best", full({}, no_number, DType::f64)) == "load_state_dict: best is nan, expected a number");
  CHECK(refusal("rate", full({}, 1, DType::f64)) == "load_state_dict: missing: [], unexpected: [rate]");
  CHECK(test::refused<FormatError>([&] { plateau.load_state_dict({}); }) ==
        "load_state_dict: missing: [best, cooldown_counter, factor, larger_is_better, num_bad_epochs], unexpected: []");
}
