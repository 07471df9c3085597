#pragma once

// Mutating- and ValidatingWebhookConfigurations as JSON: what to change in one so that every
// webhook of it that calls our Service trusts what a replica wants trusted. Pure.
// Source: admissionregistration.k8s.io/v1 WebhookClientConfig.

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "webhook/ca_bundle.h"
#include "webhook/own_certificate.h"
#include "webhook/result.h"

namespace injector::webhook {

// Dapr's own injector calls its MutatingWebhookConfiguration so, and its Service.
inline constexpr const char* kDaprInjectorName = "dapr-sidecar-injector";

struct BundleChange {
  std::string patch;  // a strategic merge patch, guarded by the object's resource version
  Bundle bundle;      // the first webhook's, afterwards
};

// The change that `object` needs; none when its bundles are as wished.
// In: an object of the API.
// Errors: kCluster when it has no webhook of ours, or is no such object; kInternal as UniteBundle.
[[nodiscard]] Result<std::optional<BundleChange>> ChangeBundles(
    const nlohmann::json& object, const ServiceName& service, const BundleWish& wish,
    std::chrono::system_clock::time_point now);

}  // namespace injector::webhook
