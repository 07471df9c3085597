#pragma once

// Changes JSON as JSON: most changes of bytes only make texts that no reader takes, and the code
// behind the reader is never reached. A target that wants it writes INJECTOR_FUZZ_JSON once.

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

namespace injector::test {

// What the text holds; nothing when it is no JSON, or deeper than recursion should go.
[[nodiscard]] std::optional<nlohmann::json> ParseForFuzzing(std::string_view text);

// As LLVMFuzzerCustomMutator and LLVMFuzzerCustomCrossOver: they return the new length. Half of the
// time, and where there is no JSON to change, the fuzzer's own mutation of bytes.
[[nodiscard]] std::size_t MutateJson(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                     unsigned seed);
[[nodiscard]] std::size_t CrossJson(std::string_view one, std::string_view other, std::uint8_t* out,
                                    std::size_t max_size, unsigned seed);

}  // namespace injector::test

#define INJECTOR_FUZZ_JSON                                                                        \
  extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,            \
                                                 std::size_t max_size, unsigned seed) {           \
    return injector::test::MutateJson(data, size, max_size, seed);                                \
  }                                                                                               \
  extern "C" std::size_t LLVMFuzzerCustomCrossOver(                                               \
      const std::uint8_t* one, std::size_t one_size, const std::uint8_t* other,                   \
      std::size_t other_size, std::uint8_t* out, std::size_t max_size, unsigned seed) {           \
    const auto text = [](const std::uint8_t* bytes, std::size_t size) {                           \
      return std::string_view(reinterpret_cast<const char*>(bytes), size);                        \
    };                                                                                            \
    return injector::test::CrossJson(text(one, one_size), text(other, other_size), out, max_size, \
                                     seed);                                                       \
  }
