// What an operation refuses: the right exception, a message that names the operation, and nothing changed.
#include <algorithm>
#include <typeinfo>

#include "heed/autograd/record.h"
#include "heed/tensor/create.h"
#include "op_cases.h"
#include "support/catch.h"

using namespace heed;
using namespace heed::test;

namespace {

const std::type_info& type_of(Refusal refusal) {
  switch (refusal) {
    case Refusal::shape:
      return typeid(ShapeError);
    case Refusal::dtype:
      return typeid(DTypeError);
    case Refusal::index:
      return typeid(IndexError);
    case Refusal::grad:
      break;
  }
  return typeid(GradError);
}

// "" when `misuse` is refused as it should be.
std::string check(const std::string& name, const Misuse& misuse, const Variables& inputs) {
  try {
    misuse.apply(inputs);
  } catch (const Error& error) {
    const std::string message = error.what();
    if (typeid(error) != type_of(misuse.refusal))
      return std::string("wrong type ") + typeid(error).name() + ": " + message;
    const std::string& speaker = misuse.speaker.empty() ? name : misuse.speaker;
    return message.starts_with(speaker + ":") ? "" : "does not begin with the operation's name: " + message;
  }
  return "was not refused";
}

std::vector<std::size_t> fingerprints(const std::vector<Tensor>& inputs) {
  std::vector<std::size_t> result;
  for (const Tensor& input : inputs) result.push_back(fingerprint(input));
  return result;
}

}  // namespace

TEST_CASE("invalid calls throw typed errors and change nothing", "[ops]") {
  std::size_t total = 0;
  for (const OpCase& row : op_cases()) {
    if (!row.misuses) continue;
    for (const Misuse& misuse : row.misuses()) {
      INFO(row.name << ": " << misuse.what);
      const std::vector<std::size_t> before = fingerprints(misuse.inputs);
      const Variables constants(misuse.inputs.begin(), misuse.inputs.end());
      CHECK(check(row.operation(), misuse, constants) == "");
      Variables recorded;
      for (const Tensor& input : misuse.inputs) recorded.emplace_back(input, is_float(input.dtype()));
      CHECK(check(row.operation(), misuse, recorded) == "");
      CHECK(fingerprints(misuse.inputs) == before);
      CHECK(grad_enabled());
      for (const Variable& input : recorded)
        if (input.requires_grad()) CHECK(!input.grad().defined());
      ++total;
    }
  }
  CHECK(total >= 230);
}

TEST_CASE("every operation but its definition has misuses", "[ops]") {
  for (const OpCase& row : op_cases()) {
    // identity and to take everything; a definition need not check what the operation checks.
    const bool takes_all = row.name == "identity" || row.name == "to" || row.name.ends_with("_definition");
    INFO(row.name);
    CHECK((takes_all || (row.misuses && row.misuses().size() >= 2)));
  }
}

TEST_CASE("valid calls change none of their inputs", "[ops]") {
  for (const OpCase& row : op_cases())
    for (const Sample& sample : row.samples()) {
      INFO(row.name << ": " << sample.what);
      std::vector<Tensor> all = sample.inputs;
      all.insert(all.end(), sample.constants.begin(), sample.constants.end());
      const std::vector<std::size_t> before = fingerprints(all);
      sample.apply(leaves(sample.inputs));
      CHECK(fingerprints(all) == before);
    }
}

TEST_CASE("an undefined input is refused by the operation that got it", "[ops]") {
  for (const OpCase& row : op_cases()) {
    if (row.name == "identity") continue;  // takes everything
    const Sample sample = row.samples()[0];
    for (std::size_t i = 0; i < sample.inputs.size(); ++i) {
      INFO(row.name << ", input " << i);
      Variables inputs = leaves(sample.inputs);
      inputs[i] = Variable();
      std::string message;
      try {
        sample.apply(inputs);
      } catch (const Error& error) {
        message = error.what();
      }
      const bool optional = sample.inputs.size() > 2 && i + 1 == sample.inputs.size() && row.name.starts_with("linear");
      const bool by_name = message.starts_with(row.operation() + ": ") || row.name.ends_with("_definition");
      INFO(message);
      CHECK((optional || (by_name && message.find(" is undefined") != std::string::npos)));
    }
  }
}
