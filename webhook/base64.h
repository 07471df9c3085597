#pragma once

// Base64 as JSON carries bytes (RFC 4648 section 4: with padding, without line breaks).

#include <string>
#include <string_view>

namespace injector::webhook {

// Appends `bytes` to `out`.
void AppendBase64(std::string& out, std::string_view bytes);

}  // namespace injector::webhook
