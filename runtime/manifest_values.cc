#include "runtime/manifest_values.h"

#include <algorithm>
#include <sstream>
#include <utility>

namespace injector::runtime {
namespace {

// Why daprd does not hand the variable over; "" when it does.
std::string RefusalOf(const std::string& variable, const Environment& environment) {
  if (variable.starts_with("DAPR_") || variable == "APP_API_TOKEN" ||
      variable.find(' ') != std::string::npos)
    return "variable " + variable + " may not be read by components";
  const auto allowed = environment("DAPR_ENV_KEYS");
  if (!allowed) return "";
  std::istringstream words(*allowed);
  for (std::string word; words >> word;)
    if (word == variable) return "";
  return "variable " + variable + " is not in DAPR_ENV_KEYS";
}

void ReplaceAll(std::string& text, const std::string& template_name,
                const std::function<std::string()>& value) {
  for (auto at = text.find(template_name); at != std::string::npos;) {
    const std::string with = value();
    text.replace(at, template_name.size(), with);
    at = text.find(template_name, at + with.size());
  }
}

Result<std::string> Expand(std::string text, const Manifest& manifest,
                           const Application& application) {
  if (text.find("{podName}") != std::string::npos && application.pod_name.empty())
    return Fail(ErrorKind::kManifest, manifest.Place() +
                                          ": {podName} is used, and no pod's name "
                                          "is known; set POD_NAME");
  ReplaceAll(text, "{uuid}", application.make_uuid);
  ReplaceAll(text, "{podName}", [&] { return application.pod_name; });
  ReplaceAll(text, "{namespace}",
             [&] { return application.name_space + "." + application.app_id; });
  ReplaceAll(text, "{appID}", [&] { return application.app_id; });
  return text;
}

}  // namespace

std::string WhyNotFor(const Manifest& manifest, const Application& application) {
  if (!application.name_space.empty() && !manifest.name_space.empty() &&
      manifest.name_space != application.name_space)
    return "it is of namespace " + manifest.name_space;
  const auto& scopes = manifest.scopes;
  if (!scopes.empty() &&
      std::find(scopes.begin(), scopes.end(), application.app_id) == scopes.end())
    return "its scopes do not name app id " + application.app_id;
  return "";
}

Result<ResolvedValues> ResolveValues(const Manifest& manifest, const Application& application,
                                     const SecretReader& secrets) {
  ResolvedValues resolved;
  for (const MetadataItem& item : manifest.items) {
    const auto unset = [&](const std::string& why) {
      resolved.warnings.push_back("metadata " + item.name + " stays unset: " + why);
    };
    if (item.value) {
      auto value = Expand(*item.value, manifest, application);
      if (!value) return tl::unexpected(value.error());
      resolved.values[item.name] = std::move(*value);
    } else if (!item.secret_name.empty()) {
      if (!secrets) {
        unset("auth.secretStore names no secret store");
        continue;
      }
      auto value = secrets(item.secret_name, item.secret_key);
      if (!value) unset(value.error().message);
      if (value) resolved.values[item.name] = std::move(*value);
    } else if (!item.env_ref.empty()) {
      const std::string refusal = RefusalOf(item.env_ref, application.environment);
      if (!refusal.empty()) unset(refusal);
      resolved.values[item.name] =
          refusal.empty() ? application.environment(item.env_ref).value_or("") : "";
    } else {
      resolved.values[item.name] = "";
    }
  }
  return resolved;
}

}  // namespace injector::runtime
