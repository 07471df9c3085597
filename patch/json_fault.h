#pragma once

// Says where JSON text is at fault and why. The fast reader only says that it is, so this second,
// slower reading happens on refusal alone.

#include <string_view>

#include "patch/result.h"

namespace injector::patch {

// The first fault of `text`, as kMalformedJson with its byte offset; `fallback` is the sentence
// when this reader finds none.
[[nodiscard]] Error LocateJsonFault(std::string_view text, std::string_view fallback);

}  // namespace injector::patch
