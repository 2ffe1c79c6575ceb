// What a call that must fail says.
#pragma once

#include <string>
#include <typeinfo>

namespace heed::test {

/// The message of the exception `call` throws when its type is exactly E; else a text no message is equal to.
template <class E, class Call>
std::string refused(const Call& call) {
  try {
    call();
  } catch (const E& error) {
    return typeid(error) == typeid(E) ? error.what() : std::string("(a derived type) ") + error.what();
  } catch (const std::exception& error) {
    return std::string("(another type) ") + error.what();
  }
  return "(nothing was thrown)";
}

}  // namespace heed::test
