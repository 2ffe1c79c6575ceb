// Checkpoint: everything that a training run is, in one file, so that a run that was stopped or killed goes on from
// there with the same bits as one that never was.
//
//   nn::Checkpoint run;
//   run.require("batch", "64");            // what the run cannot change on its way
//   run.add("model", net);                 // a module
//   run.add("optimizer", adam);            // whatever has state_dict() and load_state_dict()
//   run.add("dropout", generator);
//   run.add("step", step);                 // a number, or a std::vector<double>
//   if (resume) run.load("checkpoint.safetensors");
//   while (step < steps) {
//     …
//     if (++step % 100 == 0) run.save("checkpoint.safetensors");
//   }
//
// What is added once is both saved and loaded. The file is a safetensors file with checksums: "model.layer.weight",
// "optimizer.state.0.exp_avg", "step"; whole or not there after any crash, and refused when a bit of it has changed.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "heed/nn/module.h"
#include "heed/nn/state_dict.h"
#include "heed/tensor/random/random.h"

namespace heed::nn {

class Checkpoint {
 public:
  /// Lists a part of the run under a name without a dot, which is in use once: Error. The part must stay where it is as
  /// long as the checkpoint is used. A module is listed by its visit().
  template <class Part>
  void add(const std::string& name, Part& part) {
    if constexpr (requires(const StateDict& state) { part.load_state_dict(state); })
      add(
          name, [&part] { return StateDict(part.state_dict()); },
          [&part](const StateDict& state) { part.load_state_dict(state); });
    else
      add(
          name, [&part] { return nn::state_dict(part); },
          [&part](const StateDict& state) { nn::load_state_dict(part, state); });
  }
  void add(const std::string& name, Generator& generator);  ///< of the same seed and stream when it is loaded
  void add(const std::string& name, std::int64_t& number);
  void add(const std::string& name, double& number);
  void add(const std::string& name, std::vector<double>& numbers);

  using Save = std::function<StateDict()>;
  using Load = std::function<void(const StateDict&)>;
  /// Any other part: load(what save() gave) makes it what it was. A failing load changes nothing.
  void add(const std::string& name, Save save, Load load);

  /// A setting that a run keeps from its first step to its last; load() refuses a file in which it is another, or which
  /// has other settings, and names all that differ in the order of these calls. Error when it is there already.
  void require(const std::string& name, const std::string& value);

  /// What may differ and still is worth knowing, such as the processor: load() takes note of it.
  void remark(const std::string& name, const std::string& value);

  /// Writes everything with write_file_atomically(): a failure leaves the file that was there. That file stays under
  /// the name `previous` in its folder, if one is given, where the file system has hard links. IoError.
  void save(const std::string& path, const std::string& previous = {}) const;

  /// Makes every part what it was when the file was written; all or nothing. IoError when the file cannot be read;
  /// FormatError when it is not a checkpoint, has no checksums, is damaged, was written with other settings, or lacks
  /// a part, has one more, or one that does not fit.
  void load(const std::string& path);

  /// What load() found different among the remarks: "simd was AVX2, is NEON"; empty when nothing was.
  const std::string& different_remarks() const { return different_; }

  /// FormatError when something else than a checkpoint, whole or damaged, is there, which save() would replace; IoError
  /// when it cannot be read.
  static void check_replaceable(const std::string& path);

 private:
  struct Part {
    std::string name;
    Save save;
    Load load;
  };

  std::vector<Part> parts_;
  using Texts = std::vector<std::pair<std::string, std::string>>;

  void check_settings(const std::string& path, const std::map<std::string, std::string>& metadata) const;

  Texts settings_, remarks_;
  std::string different_;
};

}  // namespace heed::nn
