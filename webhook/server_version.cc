#include "webhook/server_version.h"

#include <charconv>
#include <nlohmann/json.hpp>
#include <string>

namespace injector::webhook {

std::optional<int> MinorOf(const nlohmann::json& version) {
  const auto minor = version.find("minor");
  if (minor == version.end() || !minor->is_string()) return std::nullopt;
  const auto& text = minor->get_ref<const std::string&>();
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number < 0) return std::nullopt;
  return number;
}

}  // namespace injector::webhook
