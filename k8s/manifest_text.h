#pragma once

// The text of a manifest file before it is parsed: which bytes are allowed, where documents begin
// and end.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "k8s/text_fault.h"

namespace injector::k8s {

// One YAML document of a stream.
struct Segment {
  std::size_t begin = 0;    // of its directives, comments and `---` line
  std::size_t content = 0;  // of its first byte that is none of these
  std::size_t end = 0;      // behind its last line that is neither blank nor a comment at column 1
  std::size_t limit = 0;    // of the next separator line, or the end of the text
};

// The documents of `text` that hold more than comments, in order.
// In: text without a byte order mark. A line that begins with `---` or `...` always ends a
// document: YAML allows it neither in quoted nor in block scalars.
// Source: YAML 1.2 section 9.1.
[[nodiscard]] std::vector<Segment> SplitDocuments(std::string_view text);

struct ByteFault {
  std::size_t offset;
  std::string message;
};

// The first byte that no manifest may hold: invalid UTF-8, a control character, a carriage return
// without line feed.
// Source: YAML 1.2 section 5.1, RFC 3629.
[[nodiscard]] std::optional<ByteFault> FindForbiddenByte(std::string_view text);

// Line and column of the byte at `offset`.
[[nodiscard]] TextPosition PositionOf(std::string_view text, std::size_t offset);

}  // namespace injector::k8s
