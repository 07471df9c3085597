#pragma once

// How a fuzz target says that something does not hold which must: the program ends, and the fuzzer
// keeps the input.

#include <cstdlib>
#include <iostream>
#include <string_view>

namespace injector::test {

// In: `rule` as a sentence about what holds, `found` what was there instead.
inline void Demand(bool holds, std::string_view rule, std::string_view found = {}) {
  if (holds) return;
  std::cerr << "broken rule: " << rule << (found.empty() ? "" : "; found: ") << found << std::endl;
  std::abort();
}

}  // namespace injector::test
