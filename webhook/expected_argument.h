#pragma once

// What `wait` is told to wait for: the JSON of --expect, or names given by hand.

#include <string>
#include <string_view>
#include <vector>

#include "patch/result.h"

namespace injector::webhook {

struct ExpectedSocketArgument {
  std::string socket;                   // file name without its last extension, any letter case
  std::vector<std::string> components;  // who wants it; may be empty
  std::string image;                    // which should make it; "" when unknown
  bool soft = false;                    // absence is forgiven at the time-out
  std::string note;                     // told when it does not come
};

// Reads a JSON list of {socket, components, image, soft, note}; only socket is required. Members
// that are not known are passed over: injector and wait image may be of different versions.
// Errors: kMalformedJson; kMalformedObject with a JSON pointer for a member of the wrong type, or a
// socket that is no file name.
[[nodiscard]] patch::Result<std::vector<ExpectedSocketArgument>> ParseExpectedSockets(
    std::string_view json);

// The same for bare names (--socket NAME).
// Errors: kMalformedObject for a name that is empty or holds a slash.
[[nodiscard]] patch::Result<std::vector<ExpectedSocketArgument>> ExpectSocketsByName(
    const std::vector<std::string>& names);

}  // namespace injector::webhook
