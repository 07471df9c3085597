#include "patch/app_env.h"

#include <algorithm>

namespace injector::patch {

std::optional<std::string> AppProtocol(std::string_view protocol, bool ssl) {
  std::string name(protocol);
  std::transform(name.begin(), name.end(), name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  if (name.empty() || name == "http") return ssl ? "https" : "http";
  if (name == "grpc") return ssl ? "grpcs" : "grpc";
  if (name == "https" || name == "grpcs" || name == "h2c") return name;
  return std::nullopt;
}

}  // namespace injector::patch
