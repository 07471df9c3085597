#include "k8s/pem.h"

namespace injector::k8s {

bool HoldsPem(std::string_view text, std::string_view label) {
  constexpr std::string_view kBegin = "-----BEGIN ";
  constexpr std::string_view kEnd = "-----";
  for (auto begin = text.find(kBegin); begin != std::string_view::npos; begin = text.find(kBegin)) {
    text.remove_prefix(begin + kBegin.size());
    const auto end = text.find(kEnd);
    if (end == std::string_view::npos) return false;
    const std::string_view found = text.substr(0, end);
    if (found.ends_with(label) && found.find('\n') == std::string_view::npos) return true;
  }
  return false;
}

}  // namespace injector::k8s
