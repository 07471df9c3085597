#pragma once

// The kinds of pluggable components, and what they are called where.

#include <array>
#include <optional>
#include <string_view>

namespace injector::runtime {

enum class Kind { kPubSub, kState, kInputBinding, kOutputBinding, kSecretStore };

struct KindNames {
  Kind kind;
  std::string_view category;  // before the dot of a manifest's spec.type
  std::string_view name;      // for people and for flags
  std::string_view service;   // full gRPC name
};

// Source: Dapr's component protocol; its runtime looks these services up by reflection.
inline constexpr std::array<KindNames, 5> kKinds = {{
    {Kind::kPubSub, "pubsub", "pubsub", "dapr.proto.components.v1.PubSub"},
    {Kind::kState, "state", "state", "dapr.proto.components.v1.StateStore"},
    {Kind::kInputBinding, "bindings", "input", "dapr.proto.components.v1.InputBinding"},
    {Kind::kOutputBinding, "bindings", "output", "dapr.proto.components.v1.OutputBinding"},
    {Kind::kSecretStore, "secretstores", "secretstore", "dapr.proto.components.v1.SecretStore"},
}};

[[nodiscard]] constexpr const KindNames& NamesOf(Kind kind) {
  for (const KindNames& names : kKinds) {
    if (names.kind == kind) return names;
  }
  return kKinds[0];
}

[[nodiscard]] constexpr std::optional<Kind> KindOfService(std::string_view service) {
  for (const KindNames& names : kKinds) {
    if (names.service == service) return names.kind;
  }
  return std::nullopt;
}

}  // namespace injector::runtime
