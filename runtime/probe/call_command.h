#pragma once

// The commands that make one call: publish, get, set, delete, query, invoke, secret; and those that
// follow a stream: subscribe, read. Answers are JSON lines.

#include "runtime/probe/arguments.h"
#include "runtime/probe/screen.h"
#include "runtime/result.h"

namespace injector::runtime {

// Returns the exit code.
// Blocks: no longer than the call's timeout; subscribe and read until --count or a signal.
[[nodiscard]] int RunCall(const Arguments& arguments, const Screen& screen);
[[nodiscard]] int RunStream(const Arguments& arguments, const Screen& screen);

// {"error": ..., "kind": ...} as a line, or in words where people read. Returns kExitFailed.
[[nodiscard]] int SayError(const Error& error, const Screen& screen);

// `bytes` under `key`, or, when they are no UTF-8, in base64 under `key` + "Base64".
void PutBytes(nlohmann::ordered_json& value, const std::string& key, const std::string& bytes);

// `text`, or all of standard input when it is "-".
[[nodiscard]] std::string TextOrInput(const std::string& text);

}  // namespace injector::runtime
