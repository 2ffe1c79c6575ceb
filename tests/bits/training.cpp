#include "bits/hashes.h"
#include "heed/nn/init.h"
#include "heed/nn/internal/cosine.h"
#include "heed/nn/internal/power.h"
#include "heed/nn/optim/adadelta.h"
#include "heed/nn/optim/adagrad.h"
#include "heed/nn/optim/adam.h"
#include "heed/nn/optim/clip.h"
#include "heed/nn/optim/rms_prop.h"
#include "heed/nn/optim/sgd.h"
#include "heed/nn/train/ema.h"
#include "heed/nn/train/schedule.h"
#include "heed/nn/positions/alibi.h"
#include "heed/nn/positions/rotary.h"
#include "heed/nn/positions/sinusoidal.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/reduce.h"
#include "heed/tensor/random/random.h"

namespace heed::test {
namespace {

template <class Optimizer>
std::string steps(DType dtype, const typename Optimizer::Config& config) {
  Generator generator(3);
  const Variable x(normal(generator, {37, 11}, 0, 1, dtype), true);
  Optimizer optimizer({x}, config);
  BitHash hash;
  for (int step = 0; step < 200; ++step) {
    x.set_grad(normal(generator, x.shape(), 0, 1, dtype));
    const double length = nn::clip_grad_norm({x}, 15);
    optimizer.step();
    hash.add(length);
  }
  hash.add(x.value());
  return hash.str();
}

struct Weight {
  static void visit(auto& self, auto&& visitor) { visitor("weight", self.weight); }
  nn::Parameter weight;
};

std::string averages(DType dtype) {
  Generator generator(4);
  Weight module{nn::Parameter(normal(generator, {37, 11}, 0, 1, dtype))};
  nn::Ema ema(module, {});
  for (int step = 0; step < 50; ++step) {
    module.weight = nn::Parameter(normal(generator, {37, 11}, 0, 1, dtype));
    ema.update(module);
  }
  BitHash hash;
  hash.add(ema.values().at("weight"));
  return hash.str();
}

std::string schedules() {
  BitHash hash;
  for (std::int64_t step = 0; step < 200; ++step) {
    hash.add(nn::StepDecay{.every = 7, .factor = 0.7}(step));
    hash.add(nn::WarmUp{.steps = 13, .then = nn::Cosine{.steps = 150, .last = 0.01}}(step));
    hash.add(nn::LinearDecay{.steps = 170}(step));
    hash.add(nn::InverseSquareRoot{.warm_up = 30}(step));
    hash.add(nn::OneCycle{.steps = 190}(step));
    hash.add(nn::cos_pi(0.013 * static_cast<double>(step)));
  }
  return hash.str();
}

}  // namespace

void hash_training(Hashes& hashes) {
  for (const DType dtype : {DType::f32, DType::f64}) {
    const auto keep = [&, name = dtype == DType::f32 ? " f32" : " f64"](const std::string& what, const auto& value) {
      BitHash hash;
      hash.add(value);
      hashes[what + name] = hash.str();
    };
    Generator generator(5);
    keep("random uniform", uniform(generator, {5000}, -1, 3, dtype));
    keep("random normal", normal(generator, {50'000}, 1, 2, dtype));
    keep("init fan_in_uniform", nn::fan_in_uniform(generator, {30, 7}, 7, dtype));
    keep("init orthogonal", nn::orthogonal(generator, {70, 40}, 1, dtype));
    keep("norm", norm(normal(generator, {100'000}, 0, 1, dtype)));
    keep("init orthogonal, wide", nn::orthogonal(generator, {17, 5, 9}, 2, dtype));
    keep("random truncated_normal", truncated_normal(generator, {5000}, 1, 2, -1, 4, dtype));
    keep("random truncated_normal, tail", truncated_normal(generator, {5000}, 0, 1, 6, 8, dtype));
    keep("init xavier_uniform", nn::xavier_uniform(generator, {30, 7}, 2, dtype));
    keep("init kaiming_normal", nn::kaiming_normal(generator, {30, 7, 3}, {}, dtype));
    keep("positions sinusoidal", nn::SinusoidalPositions::table(arange(300) * 1237, 37, dtype));
    keep("positions alibi", nn::alibi_bias(13, 20, 30, {}, dtype));
    for (const auto pairs : {nn::RotaryPairs::interleaved, nn::RotaryPairs::halves}) {
      const Variable x(normal(generator, {2, 3, 50, 38}, 0, 1, dtype));
      keep(pairs == nn::RotaryPairs::halves ? "positions rotary, halves" : "positions rotary",
           nn::rotary(x, 99'000, {.pairs = pairs, .width = 34}).value());
    }
    const std::string name = dtype == DType::f32 ? " f32" : " f64";
    hashes["optimizer adam" + name] = steps<nn::Adam>(dtype, {.learning_rate = 0.01});
    hashes["optimizer sgd" + name] = steps<nn::Sgd>(dtype, {.learning_rate = 0.01});
    hashes["optimizer sgd, nesterov, decay" + name] =
        steps<nn::Sgd>(dtype, {.learning_rate = 0.01, .momentum = 0.9, .weight_decay = 0.1, .nesterov = true});
    hashes["optimizer adamw" + name] = steps<nn::AdamW>(dtype, {.learning_rate = 0.01, .weight_decay = 0.1});
    hashes["optimizer adagrad" + name] = steps<nn::Adagrad>(dtype, {.lr_decay = 0.1, .weight_decay = 0.1});
    hashes["optimizer adadelta" + name] = steps<nn::Adadelta>(dtype, {.weight_decay = 0.1});
    hashes["optimizer rms_prop" + name] =
        steps<nn::RmsProp>(dtype, {.momentum = 0.9, .weight_decay = 0.1, .centered = true});
    hashes["weight average" + name] = averages(dtype);
  }
  hashes["schedules"] = schedules();
  BitHash powers;
  for (double base : {0.9, 0.999, 7.0, 50.0})
    for (double exponent : {0.0, 0.6, 1.0, 1.3, 200.0, 12'345.0, -0.5}) powers.add(nn::power(base, exponent));
  hashes["power"] = powers.str();
}

}  // namespace heed::test
