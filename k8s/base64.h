#pragma once

// Base64 as JSON carries bytes (RFC 4648 section 4: with padding, without line breaks).

#include <optional>
#include <string>
#include <string_view>

namespace injector::k8s {

// Appends `bytes` to `out`.
void AppendBase64(std::string& out, std::string_view bytes);

// The bytes that `text` stands for; line breaks and blanks are passed over, as Go's decoder does
// with line breaks. Nothing when it is no base64.
[[nodiscard]] std::optional<std::string> DecodeBase64(std::string_view text);

}  // namespace injector::k8s
