#pragma once

// One annotation of an object, as views into its JSON text.

#include <cstddef>
#include <string_view>
#include <vector>

namespace injector::patch {

struct Annotation {
  std::string_view key;
  std::string_view value;
};

using AnnotationList = std::vector<Annotation>;

// Keys and values of an object's annotations together; the API server refuses more.
// Source: k8s.io/apimachinery/pkg/api/validation ValidateAnnotationsSize, which runs behind the
// mutating webhooks.
inline constexpr std::size_t kMaxAnnotationBytes = 262'144;

[[nodiscard]] inline std::size_t AnnotationBytes(const AnnotationList& annotations) {
  std::size_t bytes = 0;
  for (const Annotation& annotation : annotations) {
    bytes += annotation.key.size() + annotation.value.size();
  }
  return bytes;
}

// The value of `key`, null when there is none. Of repeated keys the last counts.
[[nodiscard]] inline const std::string_view* FindAnnotation(const AnnotationList& annotations,
                                                            std::string_view key) {
  const std::string_view* found = nullptr;
  for (const Annotation& annotation : annotations) {
    if (annotation.key == key) found = &annotation.value;
  }
  return found;
}

}  // namespace injector::patch
