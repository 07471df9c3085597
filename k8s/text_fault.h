#pragma once

// Where a text that a person wrote is at fault, and why.

#include <cstddef>
#include <string>
#include <tl/expected.hpp>

namespace injector::k8s {

struct TextFault {
  std::string file;        // as the caller named it
  std::size_t line = 0;    // from 1; 0 when the file as a whole is at fault
  std::size_t column = 0;  // from 1, in bytes
  std::string message;     // what was expected, what was found

  // "pod.yaml:3:7: <message>".
  [[nodiscard]] std::string Text() const {
    if (line == 0) return file + ": " + message;
    return file + ":" + std::to_string(line) + ":" + std::to_string(column) + ": " + message;
  }
};

template <class T>
using TextResult = tl::expected<T, TextFault>;

// A position inside a text; both count from 1.
struct TextPosition {
  std::size_t line = 1;
  std::size_t column = 1;
};

}  // namespace injector::k8s
