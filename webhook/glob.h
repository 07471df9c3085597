#pragma once

// Patterns for names, as Go's path.Match reads them: `*` any run without '/', `?` one character but
// '/', `[a-z]` and `[^a]` classes, `\x` the character x itself. The whole text must match.

#include <string_view>
#include <utility>
#include <vector>

#include "webhook/result.h"

namespace injector::webhook {

class Glob {
 public:
  // Errors: kUsage for a class that is not closed or is empty, and for '\' at the end.
  [[nodiscard]] static Result<Glob> Parse(std::string_view pattern);

  [[nodiscard]] bool Matches(std::string_view text) const;

 private:
  struct Item {
    enum Kind { kByte, kAnyCharacter, kClass };
    Kind kind = kByte;
    char byte = 0;
    bool negated = false;
    std::vector<std::pair<char32_t, char32_t>> ranges;  // of a class, both ends included
  };
  // A run of items, and whether a star stands before it.
  struct Chunk {
    bool star = false;
    std::vector<Item> items;
  };

  [[nodiscard]] static bool ParseClass(std::string_view& rest, Item& item);
  // Whether the chunk matches the beginning of `text`, which is then cut off.
  [[nodiscard]] static bool Cut(const Chunk& chunk, std::string_view& text);

  std::vector<Chunk> chunks_;
};

}  // namespace injector::webhook
