// AttentionRecorder: what every attention of a model looked at, call after call, while the recorder lives.
//
//   nn::AttentionRecorder recorder(model, {.gradients = true});
//   backward(loss_of(model.forward(batch)));
//   for (const nn::AttentionRecord& found : recorder.records())
//     use(found.module, found.step, found.weights, found.gradient());
//
// Nothing has to be asked of the model, and nothing of what it computes changes, not one bit. `need_weights` is for
// another purpose: weights as results that a loss may use.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <typeindex>
#include <utility>
#include <vector>

#include "heed/nn/attention/trace.h"
#include "heed/nn/module.h"

namespace heed::nn {

/// What one call of one attention did. H: heads; 1 where an attention has none, and D where its score weighs each of D
/// features for itself, which are its heads then.
struct AttentionRecord {
  std::string module =
      {};                 ///< its name in the model, as that of its parameters: "layers.0.self_attn"; "" for the model
  std::int64_t step = 0;  ///< how many calls of it the recorder had seen before
  Tensor weights = {};    ///< [B, H, T, S], before dropout
  Tensor scores = {};  ///< [B, H, T, S], before mask and align, where they are kept; -inf for keys that were not scored
  Tensor context = {};  ///< [B, H, T, D/H], of each head, where they are kept

  /// dLoss/dweights [B, H, T, S] of the backward passes so far, their sum, 0 where the mask is false: of the weights
  /// that met the values, behind dropout, and of a loss that reads the weights themselves, but not those that a
  /// MultiHeadAttention gives besides. Undefined until one has come here, where gradients are not kept, and where
  /// weights are constants (a key that was drawn, the diagonal).
  Tensor gradient() const;

  std::shared_ptr<const detail::AttentionTrace> trace = {};  ///< what gradient() reads
};

/// Records of one attention whose queries came a few at a time (a decoder's steps, a cache) as one: all queries in
/// their order over the most keys. Where a step had fewer, as with a cache that grows, weights and gradient are 0 and
/// scores -inf. Scores and contexts where all have them. ShapeError unless batch and heads are the same in all,
/// DTypeError unless the dtype is; without records an empty one.
AttentionRecord join_queries(const std::vector<AttentionRecord>& steps);

/// What is kept besides the weights.
struct AttentionRecorderConfig {
  bool scores = false, contexts = false, gradients = false;
};

class AttentionRecorder {
 public:
  using Config = AttentionRecorderConfig;

  /// Records what runs on this thread until its scope ends. It must end on this thread; recorders nest, and each
  /// records. Attention that is no part of a model is named "unlisted 0", "unlisted 1", … in the order of first calls
  /// (told apart by address), and nn::attend(), which is no module, "attend".
  explicit AttentionRecorder(const Config& config = {}) : AttentionRecorder(config, {}) {}

  /// With the names that the modules of `model` have in it; one that is listed twice has its first. The model is to
  /// stay where it is, as a copy or a moved one is another.
  template <class Module>
    requires requires(const Module& module) { Module::visit(module, [](std::string_view, const auto&) {}); }
  explicit AttentionRecorder(const Module& model, const Config& config = {})
      : AttentionRecorder(config, names_in(model)) {}

  ~AttentionRecorder();
  AttentionRecorder(const AttentionRecorder&) = delete;
  AttentionRecorder& operator=(const AttentionRecorder&) = delete;

  /// In the order of the calls, all of them until the recorder ends. They stay valid when it is gone. Weights of one
  /// head share their numbers with the graph; those of several are computed for the record, for fused attention has
  /// none.
  const std::vector<AttentionRecord>& records() const { return records_; }

  /// Those of one module, by step.
  std::vector<AttentionRecord> of(std::string_view module) const;

 private:
  friend struct detail::RecorderAccess;
  using Identity = std::pair<const void*, std::type_index>;  // a module and its first member share an address
  using Names = std::map<Identity, std::string>;

  AttentionRecorder(const Config& config, Names names);

  template <class Module>
  static Names names_in(const Module& model) {
    Names names;
    add_names(names, model, "");
    return names;
  }
  template <class Member>
  static void add_names(Names& names, const Member& member, const std::string& name) {
    if constexpr (is_module_list<Member>) {
      for (std::size_t i = 0; i < member.size(); ++i)
        add_names(names, member[i], name + (name.empty() ? "" : ".") + std::to_string(i));
    } else if constexpr (!std::same_as<Member, Parameter> && !std::same_as<Member, Buffer>) {
      names.emplace(Identity(&member, typeid(Member)), name);
      const std::string prefix = name.empty() ? "" : name + ".";
      Member::visit(member, [&](std::string_view inner, const auto& part) {
        add_names(names, part, prefix + std::string(inner));
      });
    }
  }

  Config config_;
  // What recording changes, in a const recorder too.
  mutable Names names_;
  mutable std::map<std::string, std::int64_t, std::less<>> calls_;  // so far, by name
  mutable std::int64_t unlisted_ = 0;
  mutable std::vector<AttentionRecord> records_;
  mutable const AttentionRecorder* outer_;  // of this thread
};

namespace detail {

void record_attention(const void* module, const std::type_info& type, std::string_view part,
                      const AttentionRecord& found);

// Of weights and context without heads: [B, T, S] or, of features, [B, T, S, D], and [B, T, D].
AttentionRecord record_of(const Variable& weights, const Variable& context,
                          const std::shared_ptr<AttentionTrace>& trace);

}  // namespace detail

/// Hands what an attention did to those who record. Every attention of heed that has weights calls it; one of your own
/// may, with its weights [B, H, T, S]. `part` tells several of one module apart: "NAME.part".
template <class Module>
void record_attention(const Module& self, const AttentionRecord& found, std::string_view part = {}) {
  detail::record_attention(&self, typeid(Module), part, found);
}

}  // namespace heed::nn
