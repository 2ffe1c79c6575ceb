#include "heed/autograd/record.h"

#include <fmt/format.h>

namespace heed {
void Saved::keep(const Tensor& x, Origin origin, std::uint32_t index) {
  tensor_ = x;
  version_ = x.version();
  index_ = index;
  origin_ = origin;
}

void Saved::release() {
  tensor_ = Tensor();
  origin_ = Origin::released;
}

const Tensor& Saved::tensor() const {
  if (origin_ == Origin::released)
    throw GradError(
        fmt::format("{}: its saved tensors are gone: backward has passed here once already; retain the graph "
                    "to do so again",
                    owner_.name()));
  if (origin_ == Origin::nothing)
    throw GradError(fmt::format("{}: a tensor its rule asks for was not saved", owner_.name()));
  if (tensor_.version() != version_)
    throw GradError(fmt::format(
        "{}: {} {} of shape {} was changed in place after it was saved: version {}, saved at {}", owner_.name(),
        origin_ == Origin::output ? "output" : "input", index_, tensor_.shape().str(), tensor_.version(), version_));
  return tensor_;
}

Variable Saved::variable() const {
  const Tensor& value = tensor();
  if (origin_ == Origin::constant) return Variable(value);
  if (origin_ == Origin::input) {
    const Edge& edge = owner_.inputs()[index_];
    return Variable(Tensor(value), edge.node, edge.slot);
  }
  return Variable(Tensor(value), NodeRef::share(&owner_), index_);
}

}  // namespace heed
