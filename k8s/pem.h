#pragma once

// Whether a text is what PEM files hold; what is in it OpenSSL will find.

#include <string_view>

namespace injector::k8s {

inline constexpr std::string_view kPemCertificate = "CERTIFICATE";
inline constexpr std::string_view kPemKey = "PRIVATE KEY";

// Whether a block of the text has a label that ends so: "EC PRIVATE KEY" is a PRIVATE KEY.
// Source: RFC 7468 section 2.
[[nodiscard]] bool HoldsPem(std::string_view text, std::string_view label);

}  // namespace injector::k8s
