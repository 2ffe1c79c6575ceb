// Optimizers, their state, clipping and schedules equal PyTorch's, step by step.
#include <functional>

#include "heed/nn/optim/adadelta.h"
#include "heed/nn/optim/adagrad.h"
#include "heed/nn/optim/adam.h"
#include "heed/nn/optim/clip.h"
#include "heed/nn/optim/rms_prop.h"
#include "heed/nn/optim/sgd.h"
#include "heed/nn/train/plateau.h"
#include "heed/nn/train/schedule.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/movement.h"
#include "parity/golden.h"
#include "support/array.h"
#include "support/catch.h"

using namespace heed;
using heed::test::Golden;

namespace {

nn::NamedParameters named(const std::string& name, const Variable& x) {
  nn::NamedParameters result;
  result.push_back(name, x);
  return result;
}

template <class Optimizer>
void follow(const Golden& golden, const typename Optimizer::Config& for_a, const typename Optimizer::Config& for_b,
            double times_for_b = 1) {
  const Variable a(golden.tensor("in/a"), true), b(golden.tensor("in/b"), true);
  const Tensor a_grad = golden.tensor("in/a.grad"), b_grad = golden.tensor("in/b.grad");
  const std::vector<double> rates = golden.numbers("rates"), present = golden.numbers("present");
  Optimizer optimizer({{named("a", a), for_a}, {named("b", b), for_b}});
  std::vector<Tensor> a_path, b_path;
  for (std::size_t step = 0; step < present.size(); ++step) {
    const auto index = static_cast<std::int64_t>(step);
    optimizer.config(0).learning_rate = rates[step % rates.size()];
    optimizer.config(1).learning_rate = rates[step % rates.size()] * times_for_b;
    optimizer.zero_grad();
    a.set_grad(select(a_grad, 0, index));
    if (present[step] == 1) b.set_grad(select(b_grad, 0, index));
    optimizer.step();
    a_path.push_back(a.value().clone());
    b_path.push_back(b.value().clone());
  }
  golden.compare_output("a", stack(a_path, 0));
  golden.compare_output("b", stack(b_path, 0));
  std::int64_t states = 0;
  for (const auto& [name, tensor] : optimizer.state_dict()) {
    if (name.ends_with(".step")) continue;
    golden.compare_output(name, tensor);
    ++states;
  }
  CHECK(states == golden.integer("states"));
}

template <class Optimizer>
void follow(const Golden& golden, const typename Optimizer::Config& config) {
  follow<Optimizer>(golden, config, config);
}

double setting(const Golden& golden, const std::string& name, double without = 0) {
  return golden.has("set/" + name) ? golden.number(name) : without;
}

template <class Config>
Config adam_config(const Golden& golden) {
  return {.beta1 = golden.number("beta1"),
          .beta2 = golden.number("beta2"),
          .epsilon = golden.number("eps"),
          .weight_decay = golden.number("weight_decay")};
}

void optimizers(const Golden& golden, const std::string& kind) {
  const double weight_decay = setting(golden, "weight_decay"), momentum = setting(golden, "momentum");
  if (kind == "adam") follow<nn::Adam>(golden, adam_config<nn::AdamConfig>(golden));
  if (kind == "adamw") follow<nn::AdamW>(golden, adam_config<nn::AdamWConfig>(golden));
  if (kind == "groups") follow<nn::AdamW>(golden, {.weight_decay = 0.4}, {.weight_decay = 0}, 3);
  if (kind == "sgd")
    follow<nn::Sgd>(golden, {.momentum = momentum,
                             .dampening = setting(golden, "dampening"),
                             .weight_decay = weight_decay,
                             .nesterov = setting(golden, "nesterov") == 1});
  if (kind == "adagrad")
    follow<nn::Adagrad>(golden, {.lr_decay = setting(golden, "lr_decay"),
                                 .weight_decay = weight_decay,
                                 .initial_accumulator_value = setting(golden, "initial_accumulator_value"),
                                 .epsilon = setting(golden, "eps", 1e-10)});
  if (kind == "adadelta")
    follow<nn::Adadelta>(
        golden,
        {.rho = setting(golden, "rho", 0.9), .epsilon = setting(golden, "eps", 1e-6), .weight_decay = weight_decay});
  if (kind == "rms_prop")
    follow<nn::RmsProp>(golden, {.alpha = setting(golden, "alpha", 0.99),
                                 .epsilon = setting(golden, "eps", 1e-8),
                                 .momentum = momentum,
                                 .weight_decay = weight_decay,
                                 .centered = setting(golden, "centered") == 1});
}

// PyTorch divides by norm + 1e-6, heed by the norm.
void clip(const Golden& golden, const std::string& kind) {
  std::vector<Variable> parameters;
  for (const char* name : {"0.grad", "1.grad", "2.grad"}) {
    const Tensor gradient = golden.tensor(std::string("in/") + name);
    parameters.emplace_back(gradient.clone(), true);
    parameters.back().set_grad(gradient);
  }
  const double limit = golden.number("limit");
  double correction = 1;
  if (kind == "value") {
    nn::clip_grad_value(parameters, limit);
  } else {
    const double norm = golden.number("norm");
    CHECK(nn::clip_grad_norm(parameters, limit) == Approx(norm).epsilon(1e-12));
    if (norm > limit) correction = norm / (norm + 1e-6);
  }
  for (std::size_t i = 0; i < parameters.size(); ++i)
    golden.compare_output(std::to_string(i) + ".grad", parameters[i].grad() * correction);
}

const std::map<std::string, std::function<double(std::int64_t)>> schedules{
    {"schedule, step", nn::StepDecay{.every = 6, .factor = 0.3}},
    {"schedule, cosine", nn::Cosine{.steps = 20}},
    {"schedule, cosine to a tenth", nn::Cosine{.steps = 7, .last = 0.1}},
    {"schedule, linear", nn::LinearDecay{.steps = 12}},
    {"schedule, one cycle", nn::OneCycle{.steps = 20}},
    {"schedule, one cycle, other settings", nn::OneCycle{.steps = 17, .rise = 0.45, .first = 0.1, .last = 0.001}},
    {"schedule, warm-up, cosine", nn::WarmUp{.steps = 4, .then = nn::Cosine{.steps = 11}}},
    {"schedule, inverse square root", nn::InverseSquareRoot{.warm_up = 8}}};

Tensor as_tensor(const std::vector<double>& numbers) {
  return tensor(std::span<const double>(numbers), {std::ssize(numbers)});
}

void follow_schedule(const Golden& golden) {
  const auto& schedule = schedules.at(golden.name());
  std::vector<double> factors;
  for (std::int64_t step = 0; step < golden.tensor("out/factors").numel(); ++step) factors.push_back(schedule(step));
  golden.compare_output("factors", as_tensor(factors));
}

void follow_plateau(const Golden& golden) {
  nn::Plateau plateau({.factor = setting(golden, "factor", 0.1),
                       .patience = golden.integer("patience"),
                       .threshold = setting(golden, "threshold", 1e-4),
                       .larger_is_better = golden.name() == "plateau, larger",
                       .cooldown = static_cast<std::int64_t>(setting(golden, "cooldown")),
                       .least = setting(golden, "min_lr")});
  std::vector<double> factors;
  for (const double metric : golden.numbers("metrics")) factors.push_back(plateau.observe(metric));
  golden.compare_output("factors", as_tensor(factors));
  for (const char* name : {"best", "num_bad_epochs", "cooldown_counter"})
    CHECK(plateau.state_dict().at(name).item() == golden.tensor(std::string("out/") + name).item());
}

}  // namespace

TEST_CASE("optimizers and schedules equal PyTorch's", "[parity]") {
  for (const Golden& golden : test::goldens("optim")) {
    INFO(golden.name() << ", " << name(golden.dtype()));
    const std::string kind = golden.kind();
    const bool of_doubles = kind == "schedule" || kind == "plateau";
    if (of_doubles && golden.dtype() != DType::f64) continue;
    if (kind == "schedule")
      follow_schedule(golden);
    else if (kind == "plateau")
      follow_plateau(golden);
    else if (kind == "clip" || kind == "value")
      clip(golden, kind);
    else
      optimizers(golden, kind);
  }
}
