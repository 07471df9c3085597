#pragma once

// A pod written as JSON text in a test, with everything its view points into.

#include <string>
#include <utility>

#include "patch/json_document.h"
#include "patch/pod_view.h"

namespace injector::test {

class ParsedPod {
 public:
  // A text that is no pod ends the test with an exception.
  explicit ParsedPod(std::string text)
      : text_(std::move(text)), pod_(patch::ReadPod(parser_.Parse(text_).value()).value()) {}

  [[nodiscard]] const patch::PodView& View() const { return pod_; }

 private:
  std::string text_;
  patch::JsonParser parser_;
  patch::PodView pod_;
};

}  // namespace injector::test
