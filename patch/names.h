#pragma once

// Names and paths as Kubernetes judges them.

#include <string>
#include <string_view>

namespace injector::patch {

// RFC 1123 label: 1 to 63 of a-z, 0-9 and '-', no '-' at either end.
[[nodiscard]] bool IsDnsLabel(std::string_view name);

// RFC 1123 subdomain: labels joined by dots (each of any length), at most 253 characters.
[[nodiscard]] bool IsDnsSubdomain(std::string_view name);

// The nearest DNS label: lower case, anything else than letters and digits becomes '-', cut to 63,
// ends trimmed of '-'; "component" when nothing is left.
[[nodiscard]] std::string MakeDnsLabel(std::string_view text);

// The key of a ConfigMap or Secret: 1 to 253 of letters, digits, '-', '_' and '.', neither "." nor
// anything that starts with "..".
[[nodiscard]] bool IsConfigKey(std::string_view key);

// An environment variable's name by the stricter of the API server's two rules, so that every
// version accepts it: letters, digits, '-', '_' and '.', not beginning with a digit, neither "."
// nor anything that starts with "..".
[[nodiscard]] bool IsEnvName(std::string_view name);

// The name of a port (RFC 6335): 1 to 15 of a-z, 0-9 and '-', at least one letter, no '-' at either
// end or next to another.
[[nodiscard]] bool IsPortName(std::string_view name);

// The key of a label: 1 to 63 of letters, digits, '-', '_' and '.', beginning and ending with a
// letter or digit, after an optional DNS subdomain and '/'.
[[nodiscard]] bool IsQualifiedName(std::string_view name);

// Whether an image's text begins and ends with printable ASCII other than a blank. The API server
// refuses any of Unicode's blanks at the ends; no registry's names hold anything beyond ASCII.
[[nodiscard]] bool HasNoBlanksAround(std::string_view image);

// The path without empty and "." parts, ".." resolved, no slash at the end (Go's path.Clean).
[[nodiscard]] std::string CleanPath(std::string_view path);

}  // namespace injector::patch
