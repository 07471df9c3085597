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
             [&] { return NamespaceOf(application) + "." + application.app_id; });
  ReplaceAll(text, "{appID}", [&] { return application.app_id; });
  return text;
}

// One item's value before its templates are filled in; nothing when it stays unset.
class ItemReader {
 public:
  ItemReader(const Application& application, const SecretReader& secrets,
             std::vector<std::string>& warnings)
      : application_(application), secrets_(secrets), warnings_(warnings) {}

  std::optional<std::string> Read(const MetadataItem& item) {
    if (item.value) return item.value;
    if (!item.secret_name.empty()) return Secret(item);
    return item.env_ref.empty() ? "" : Variable(item);
  }

 private:
  std::optional<std::string> Secret(const MetadataItem& item) {
    if (!secrets_) return Unset(item, "auth.secretStore names no secret store");
    auto value = secrets_(item.secret_name, item.secret_key);
    if (!value) return Unset(item, value.error().message);
    return *std::move(value);
  }
  std::string Variable(const MetadataItem& item) {
    const std::string refusal = RefusalOf(item.env_ref, application_.environment);
    if (refusal.empty()) return application_.environment(item.env_ref).value_or("");
    (void)Unset(item, refusal);
    return "";
  }
  std::optional<std::string> Unset(const MetadataItem& item, const std::string& why) {
    warnings_.push_back("metadata " + item.name + " stays unset: " + why);
    return std::nullopt;
  }

  const Application& application_;
  const SecretReader& secrets_;
  std::vector<std::string>& warnings_;
};

}  // namespace

std::string NamespaceOf(const Application& application) {
  return application.name_space.empty() ? "default" : application.name_space;
}

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
  ItemReader reader(application, secrets, resolved.warnings);
  for (const MetadataItem& item : manifest.items) {
    auto text = reader.Read(item);
    if (!text) continue;
    if (text->find("{namespace}") != std::string::npos) resolved.names_namespace = true;
    auto value = Expand(*std::move(text), manifest, application);
    if (!value) return tl::unexpected(value.error());
    resolved.values[item.name] = *std::move(value);
  }
  return resolved;
}

}  // namespace injector::runtime
