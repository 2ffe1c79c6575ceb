// Errors: everything heed can refuse is one of these exceptions. A message names the operation, the shapes and the
// numbers; the call that threw has changed nothing. The library never prints, aborts or exits.
#pragma once

#include <stdexcept>

namespace heed {

struct Error : std::runtime_error {
  using std::runtime_error::runtime_error;
};
struct ShapeError : Error {  // sizes that do not fit each other, or whose product does not fit 63 bits
  using Error::Error;
};
struct DTypeError : Error {  // an element type the operation does not take, or a mix of two
  using Error::Error;
};
struct IndexError : Error {  // an axis, index or bound outside its range
  using Error::Error;
};
struct GradError : Error {  // a graph that cannot be differentiated as asked
  using Error::Error;
};
struct FormatError : Error {  // a file whose content is not what its format demands
  using Error::Error;
};
struct IoError : Error {  // the operating system refused to open, read or write
  using Error::Error;
};
struct MemoryError : Error {  // no memory for the elements of a tensor; small objects may still throw std::bad_alloc
  using Error::Error;
};

}  // namespace heed
