#include "tests/support/golden_settings.h"

#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>

#include "webhook/cli/options.h"

namespace injector::test {
namespace {

using nlohmann::json;
using Texts = std::map<std::string, std::string, std::less<>>;

const Texts kCommonVariables = {
    {"NAMESPACE", "dapr-system"},
    {"SIDECAR_IMAGE", "ghcr.io/dapr/daprd:1.18.3"},
    {"SIDECAR_IMAGE_PULL_POLICY", "IfNotPresent"},
    {"COMPONENT_WAIT_IMAGE", "ghcr.io/example/component-injector:test"},
};

void ApplySurroundings(const json& differences, GoldenCase& loaded) {
  for (const auto& [name, value] : differences.items()) {
    if (name == "mtls") {
      loaded.surroundings.mtls_enabled = value.get<bool>();
    } else if (name == "identityToken") {
      loaded.surroundings.identity_token = value.get<bool>();
    } else if (name == "trustAnchors") {
      loaded.surroundings.trust_anchors = value.get<std::string>();
    } else if (name == "serverMinor") {
      loaded.surroundings.server_minor.reset();
      if (!value.is_null()) loaded.surroundings.server_minor = value.get<int>();
    } else if (name == "componentsError") {
      loaded.components_error = value.get<std::string>();
    } else {
      throw std::runtime_error("settings.yaml: unknown surroundings " + name);
    }
  }
}

// Reads the program's options and makes sure that every variable was asked for.
webhook::ReviewOptions ReadOptions(const Texts& variables, const webhook::FlagValues& flags) {
  std::set<std::string, std::less<>> asked;
  webhook::OptionSources sources;
  sources.environment = [&](std::string_view name) -> std::optional<std::string> {
    asked.emplace(name);
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
  auto options = webhook::ReadReviewOptions(flags, sources);
  if (!options) throw std::runtime_error("settings.yaml: " + options.error().message);
  for (const auto& [name, text] : variables) {
    if (!asked.contains(name)) throw std::runtime_error("settings.yaml: nobody reads " + name);
  }
  return *std::move(options);
}

void CheckFlag(std::string_view name) {
  for (const webhook::FlagSpec& flag : webhook::AllFlags()) {
    if (flag.name == name && flag.BelongsTo(webhook::Command::kReview)) return;
  }
  throw std::runtime_error("settings.yaml: unknown flag " + std::string(name));
}

}  // namespace

void ApplyGoldenSettings(const json& differences, GoldenCase& loaded) {
  Texts variables = kCommonVariables;
  webhook::FlagValues flags = {{"judge-caller", {"true"}}};
  loaded.surroundings.trust_anchors = "<PEM>";
  loaded.surroundings.server_minor = webhook::kCurrentKubernetesMinor;
  for (const auto& [part, value] : differences.items()) {
    if (part == "surroundings") {
      ApplySurroundings(value, loaded);
      continue;
    }
    if (part != "env" && part != "flags") {
      throw std::runtime_error("settings.yaml: unknown part " + part);
    }
    for (const auto& [name, text] : value.items()) {
      if (part == "env") {
        variables[name] = text.get<std::string>();
      } else {
        CheckFlag(name);
        flags[name] = {text.get<std::string>()};
      }
    }
  }
  loaded.options = ReadOptions(variables, flags);
}

}  // namespace injector::test
