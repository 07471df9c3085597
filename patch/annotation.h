#pragma once

// One annotation of an object, as views into its JSON text.

#include <string_view>
#include <vector>

namespace injector::patch {

struct Annotation {
  std::string_view key;
  std::string_view value;
};

using AnnotationList = std::vector<Annotation>;

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
