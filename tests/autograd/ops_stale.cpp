// Changes in place between recording and backward: a saved tensor that changed is a GradError that says so, a tensor
// that was not saved may change, and no wrong gradient ever comes out.
#include <algorithm>
#include <optional>
#include <set>

#include "heed/autograd/backward.h"
#include "heed/tensor/create.h"
#include "heed/tensor/mutate.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/movement.h"
#include "op_cases.h"
#include "support/catch.h"

using namespace heed;
using namespace heed::test;

namespace {

// The storages that some node behind y has saved a tensor of.
std::set<const Storage*> saved_storages(const Variable& y) {
  std::set<const Storage*> result;
  std::set<const Node*> seen;
  std::vector<const Node*> nodes{y.node().get()};
  while (!nodes.empty()) {
    const Node* node = nodes.back();
    nodes.pop_back();
    if (!seen.insert(node).second) continue;
    for (const Saved* saved = node->first_saved(); saved; saved = saved->next())
      if (saved->has_value()) result.insert(saved->tensor().storage().get());
    for (const Edge& input : node->inputs())
      if (input.node) nodes.push_back(input.node.get());
  }
  return result;
}

// Ways to change x's numbers in place. Each leaves indices and masks valid: they become 0.
void write(Tensor& x) {
  dispatch(x.dtype(), [&]<class T> { *x.mutable_data<T>() = T{}; });
}
void add_in_place(Tensor& x) {
  if (is_float(x.dtype()))
    add_scaled(x, ones(x.shape(), x.dtype()), 0.5);
  else
    fill(x, 0);
}
void fill_a_view(Tensor& x) {
  Tensor view = x.rank() == 0 ? unsqueeze(x, 0) : transpose(slice(x, 0, 0, 1), 0, -1);
  fill(view, 0);
}
void copy_over(Tensor& x) { copy_from(x, zeros(x.shape(), x.dtype())); }
struct Change {
  const char* name;
  void (*apply)(Tensor& x);
};
constexpr Change changes[] = {
    {"written", write}, {"added to", add_in_place}, {"filled through a view", fill_a_view}, {"copied over", copy_over}};

template <class V>
std::vector<V> gradients_of(const Variable& y, const Variables& x, const Tensor& dy) {
  if constexpr (std::is_same_v<V, Tensor>)
    return gradients(y, x, dy);
  else
    return recorded_gradients(y, x, dy);
}

// The gradients, or nothing when they were refused because of a change in place.
template <class V>
std::optional<std::vector<Tensor>> try_gradients(const Variable& y, const Variables& x, const Tensor& dy) {
  try {
    std::vector<Tensor> result;
    for (const V& gradient : gradients_of<V>(y, x, dy)) {
      if constexpr (std::is_same_v<V, Tensor>)
        result.push_back(gradient);
      else
        result.push_back(gradient.value());
    }
    return result;
  } catch (const GradError& error) {
    CHECK(std::string(error.what()).find("was changed in place after it was saved") != std::string::npos);
    return std::nullopt;
  }
}

bool all_same(const std::vector<Tensor>& a, const std::vector<Tensor>& b) {
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!same_bits(a[i], b[i])) return false;
  return a.size() == b.size();
}

// A sample recorded: its tensors in a row are its inputs, its constants, its result. What is changed in them is put
// back in the end.
class Recording {
 public:
  explicit Recording(const Sample& sample) : x(leaves(sample.inputs)), y(sample.apply(x)), tensors(sample.inputs) {
    tensors.insert(tensors.end(), sample.constants.begin(), sample.constants.end());
    tensors.push_back(y.value());
    for (const Tensor& tensor : tensors) {
      const std::byte* bytes = tensor.storage()->data();
      before_.emplace_back(bytes, bytes + tensor.storage()->bytes());
    }
  }
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;
  ~Recording() {
    for (std::size_t i = 0; i < tensors.size(); ++i)
      std::copy(before_[i].begin(), before_[i].end(), tensors[i].storage()->data());
  }

  Variables x;
  Variable y;
  std::vector<Tensor> tensors;

 private:
  std::vector<std::vector<std::byte>> before_;
};

// Changes tensor number `which` of a fresh recording; true when backward refuses, or the tensor had not been saved.
template <class V>
bool refused(const Sample& sample, std::size_t which, const Change& change, const std::vector<Tensor>& right,
             const Tensor& dy) {
  Recording fresh(sample);
  Tensor& target = fresh.tensors[which];
  const bool saved = saved_storages(fresh.y).count(target.storage().get()) > 0;
  change.apply(target);
  const auto got = try_gradients<V>(fresh.y, fresh.x, dy);
  if (got) CHECK(all_same(*got, right));
  if (!saved) CHECK(got.has_value());
  return !got.has_value() || !saved;
}

bool has_numbers_of_its_own(const Tensor& x) {
  bool result = x.numel() > 0;
  for (int axis = 0; axis < x.rank(); ++axis) result = result && (x.strides()[axis] != 0 || x.shape()[axis] == 1);
  return result;
}

}  // namespace

TEST_CASE("a saved tensor that changed is noticed, one that was not saved may change", "[ops]") {
  std::size_t tried = 0;
  for (const OpCase& row : op_cases())
    for (const Sample& sample : row.samples()) {
      if (sample.large || !sample.differentiable) continue;
      const Recording untouched(sample);
      const Tensor dy = Numbers(38).uniform(untouched.y.shape());
      const auto recorded = try_gradients<Variable>(untouched.y, untouched.x, dy);
      const auto plain = try_gradients<Tensor>(untouched.y, untouched.x, dy);
      for (std::size_t which = 0; which < untouched.tensors.size(); ++which) {
        if (!has_numbers_of_its_own(untouched.tensors[which])) continue;
        for (const Change& change : changes) {
          INFO(row.name << ": " << sample.what << ", tensor " << which << " " << change.name);
          // A rule may save for one of the two what the other works out without it.
          const bool plain_refused = refused<Tensor>(sample, which, change, *plain, dy);
          const bool recorded_refused = refused<Variable>(sample, which, change, *recorded, dy);
          CHECK((plain_refused || recorded_refused));
          ++tried;
        }
      }
    }
  CHECK(tried > 3000);
}
