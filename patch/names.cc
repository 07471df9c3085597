#include "patch/names.h"

#include <algorithm>
#include <vector>

namespace injector::patch {
namespace {

constexpr std::size_t kMaxLabel = 63;
constexpr std::size_t kMaxSubdomain = 253;
constexpr std::size_t kMaxConfigKey = 253;
constexpr std::size_t kMaxPortName = 15;

// <cctype> depends on the locale; Kubernetes' names are ASCII.
bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}
bool IsLower(char c) {
  return c >= 'a' && c <= 'z';
}
bool IsUpper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool IsAlphanumeric(char c) {
  return IsDigit(c) || IsLower(c) || IsUpper(c);
}
bool IsLabelChar(char c) {
  return IsLower(c) || IsDigit(c) || c == '-';
}
bool IsVisible(char c) {
  return c > ' ' && c < '\x7f';
}
bool IsKeyChar(char c) {
  return IsLabelChar(c) || IsUpper(c) || c == '_' || c == '.';
}

bool IsLabelOfAnyLength(std::string_view name) {
  return !name.empty() && name.front() != '-' && name.back() != '-' &&
         std::all_of(name.begin(), name.end(), IsLabelChar);
}

// Such names would be folders once they become files.
bool IsRelativeFolder(std::string_view name) {
  return name == "." || name.starts_with("..");
}

void AppendPart(std::vector<std::string_view>& parts, std::string_view part, bool rooted) {
  if (part.empty() || part == ".") return;
  if (part != "..") return parts.push_back(part);
  if (!parts.empty() && parts.back() != "..") return parts.pop_back();
  if (!rooted) parts.push_back(part);
}

}  // namespace

bool IsDnsLabel(std::string_view name) {
  return name.size() <= kMaxLabel && IsLabelOfAnyLength(name);
}

bool IsDnsSubdomain(std::string_view name) {
  if (name.size() > kMaxSubdomain) return false;
  while (true) {
    const auto dot = name.find('.');
    if (!IsLabelOfAnyLength(name.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    name.remove_prefix(dot + 1);
  }
}

std::string MakeDnsLabel(std::string_view text) {
  std::string label;
  for (char c : text) {
    if (IsUpper(c)) c = static_cast<char>(c - 'A' + 'a');
    if (!IsLabelChar(c)) c = '-';
    if (label.empty() && c == '-') continue;
    label += c;
  }
  label.resize(std::min(label.size(), kMaxLabel));
  while (label.ends_with('-')) label.pop_back();
  return label.empty() ? "component" : label;
}

bool IsConfigKey(std::string_view key) {
  return !key.empty() && key.size() <= kMaxConfigKey && !IsRelativeFolder(key) &&
         std::all_of(key.begin(), key.end(), IsKeyChar);
}

bool IsEnvName(std::string_view name) {
  return !name.empty() && !IsDigit(name.front()) && !IsRelativeFolder(name) &&
         std::all_of(name.begin(), name.end(), IsKeyChar);
}

bool IsPortName(std::string_view name) {
  return name.size() <= kMaxPortName && IsLabelOfAnyLength(name) &&
         std::any_of(name.begin(), name.end(), IsLower) &&
         name.find("--") == std::string_view::npos;
}

bool IsQualifiedName(std::string_view name) {
  const auto slash = name.find('/');
  if (slash != std::string_view::npos) {
    if (!IsDnsSubdomain(name.substr(0, slash))) return false;
    name.remove_prefix(slash + 1);
  }
  return !name.empty() && name.size() <= kMaxLabel && IsAlphanumeric(name.front()) &&
         IsAlphanumeric(name.back()) && std::all_of(name.begin(), name.end(), IsKeyChar);
}

bool HasNoBlanksAround(std::string_view image) {
  return !image.empty() && IsVisible(image.front()) && IsVisible(image.back());
}

std::string CleanPath(std::string_view path) {
  const bool rooted = path.starts_with('/');
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    const auto slash = path.find('/');
    AppendPart(parts, path.substr(0, slash), rooted);
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
  }
  std::string clean = rooted ? "/" : "";
  for (const std::string_view part : parts) {
    if (!clean.empty() && clean.back() != '/') clean += '/';
    clean += part;
  }
  return clean.empty() ? "." : clean;
}

}  // namespace injector::patch
