#pragma once

// Chance for tests: the same seed gives the same sequence on every machine, which the standard
// distributions do not promise.

#include <cstddef>
#include <cstdint>
#include <random>

namespace injector::test {

class RandomSource {
 public:
  explicit RandomSource(std::uint64_t seed) : engine_(seed) {}

  // 0 to limit - 1; limit is at least 1.
  std::size_t Below(std::size_t limit) { return static_cast<std::size_t>(engine_() % limit); }

  // True in `percent` of 100 calls.
  bool Chance(std::size_t percent) { return Below(100) < percent; }

  template <class T, std::size_t N>
  const T& Pick(const T (&choices)[N]) {
    return choices[Below(N)];
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace injector::test
