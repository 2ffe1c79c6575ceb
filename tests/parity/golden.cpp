#include "parity/golden.h"

#include <cmath>
#include <filesystem>
#include <limits>

#include "heed/autograd/backward.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/tensor/create.h"
#include "heed/tensor/io/safetensors.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/paths.h"

namespace heed::test {

Tensor Golden::tensor(const std::string& key) const {
  const Tensor& stored = tensors_.at(key);
  return is_float(stored.dtype()) ? to(stored, dtype_) : stored;
}

std::vector<double> Golden::numbers(const std::string& setting) const {
  return to_array(tensors_.at("set/" + setting)).numbers;
}

std::vector<std::int64_t> Golden::integers(const std::string& setting) const {
  const std::vector<double> values = numbers(setting);
  return {values.begin(), values.end()};
}

Variable Golden::input(const std::string& name) {
  const Variable leaf(tensor("in/" + name), true);
  leaves_.emplace(name, leaf);
  return leaf;
}

std::vector<std::string> Golden::names(const std::string& role) const {
  std::vector<std::string> result;
  for (const auto& [key, value] : tensors_)
    if (key.starts_with(role)) result.push_back(key.substr(role.size()));
  return result;
}

void Golden::compare(const std::string& key, const Tensor& got) const {
  INFO(key);
  REQUIRE(got.defined());
  CHECK(got.dtype() == dtype_);
  const Array wanted = to_array(tensors_.at(key));
  double largest = 0;
  for (double number : wanted.numbers)
    if (std::isfinite(number)) largest = std::max(largest, std::abs(number));
  const double ulps = dtype_ == DType::f64 ? 1e-12 / std::numeric_limits<double>::epsilon()
                                           : 1e-5 / static_cast<double>(std::numeric_limits<float>::epsilon());
  CHECK(difference(got, wanted, ulps / 2, largest) == "");  // half on the number, half on the largest
}

void Golden::compare(const std::map<std::string, Variable>& outputs) const {
  INFO(name_ << ", " << heed::name(dtype_));
  std::vector<std::string> given;
  Variable total(zeros({}, dtype_));
  for (const auto& [name, y] : outputs) {
    given.push_back(name);
    compare("out/" + name, y.value());
    total = total + sum(y * Variable(tensor("dy/" + name)));
  }
  REQUIRE(given == names("out/"));
  backward(total);
  for (const std::string& name : names("grad/")) {
    INFO("gradient of " << name);
    REQUIRE(leaves_.contains(name));
    compare("grad/" + name, leaves_.at(name).grad());
  }
}

std::vector<Golden> goldens(const std::string& file) {
  const auto path = std::filesystem::path(source_path("tests/parity")) / (file + ".safetensors");
  std::map<std::string, std::map<std::string, Tensor>> cases;
  for (const auto& [key, value] : read_safetensors(path).tensors) {
    const std::size_t slash = key.find('/');
    cases[key.substr(0, slash)].emplace(key.substr(slash + 1), value);
  }
  std::vector<Golden> result;
  for (const auto& [name, tensors] : cases)
    for (DType dtype : {DType::f64, DType::f32}) result.emplace_back(name, dtype).tensors_ = tensors;
  return result;
}

}  // namespace heed::test
