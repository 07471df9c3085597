#include "webhook/webhook_configuration.h"

#include <utility>

#include "k8s/base64.h"

namespace injector::webhook {
namespace {

using nlohmann::json;

const json& Member(const json& object, const char* key) {
  static const json none;
  if (!object.is_object()) return none;
  const auto found = object.find(key);
  return found == object.end() ? none : *found;
}

std::string TextMember(const json& object, const char* key) {
  const json& member = Member(object, key);
  return member.is_string() ? member.get<std::string>() : std::string();
}

bool Calls(const json& webhook, const ServiceName& service) {
  const json& target = Member(Member(webhook, "clientConfig"), "service");
  return service == ServiceName{TextMember(target, "namespace"), TextMember(target, "name")};
}

// What is no base64 cannot come from the API server, nor be kept.
std::string BundleOf(const json& webhook) {
  return k8s::DecodeBase64(TextMember(Member(webhook, "clientConfig"), "caBundle")).value_or("");
}

json PatchOf(const json& webhook, const std::string& pem) {
  std::string encoded;
  k8s::AppendBase64(encoded, pem);
  return json::object({{"name", TextMember(webhook, "name")},
                       {"clientConfig", json::object({{"caBundle", std::move(encoded)}})}});
}

}  // namespace

Result<std::optional<BundleChange>> ChangeBundles(const json& object, const ServiceName& service,
                                                  const BundleWish& wish,
                                                  std::chrono::system_clock::time_point now) {
  json webhooks = json::array();
  std::optional<Bundle> first;
  bool differs = false;
  const json& there = Member(object, "webhooks");
  for (const json& webhook : there.is_array() ? there : json::array()) {
    if (!Calls(webhook, service)) continue;
    const std::string current = BundleOf(webhook);
    auto united = UniteBundle(current, wish, now);
    if (!united) return tl::unexpected(std::move(united).error());
    differs = differs || united->pem != current;
    webhooks.push_back(PatchOf(webhook, united->pem));
    if (!first) first = *std::move(united);
  }
  if (!first) {
    return Fail(ErrorKind::kCluster, "it has no webhook whose clientConfig.service is " +
                                         service.namespace_name + "/" + service.name);
  }
  if (!differs) return std::nullopt;
  const std::string version = TextMember(Member(object, "metadata"), "resourceVersion");
  if (version.empty()) return Fail(ErrorKind::kCluster, "it has no resourceVersion");
  const json patch = json::object({{"metadata", json::object({{"resourceVersion", version}})},
                                   {"webhooks", std::move(webhooks)}});
  return BundleChange{patch.dump(), *std::move(first)};
}

}  // namespace injector::webhook
