#include "tests/support/golden_command_line.h"

#include <sstream>
#include <stdexcept>

#include "tests/support/scoped_temp_dir.h"
#include "webhook/cli/inject.h"
#include "webhook/cli/review.h"

namespace injector::test {
namespace {

// The files and flags that stand for what surrounds the case.
webhook::CommonOptions OptionsWithFiles(const GoldenCase& golden, const ScopedTempDir& folder) {
  webhook::CommonOptions options = golden.options.common;
  options.trust_anchors_file = folder.Write("ca.crt", golden.surroundings.trust_anchors);
  for (const auto& file : golden.component_files) options.resources.push_back(file.string());
  const std::string mtls = golden.surroundings.mtls_enabled ? "true" : "false";
  options.resources.push_back(folder.Write("daprsystem.yaml",
                                           "apiVersion: dapr.io/v1alpha1\nkind: Configuration\n"
                                           "metadata: {name: daprsystem}\n"
                                           "spec: {mtls: {enabled: " +
                                               mtls + "}}\n"));
  options.server_minor = golden.surroundings.server_minor;
  options.identity_token = golden.surroundings.identity_token ? webhook::IdentityToken::kAlways
                                                              : webhook::IdentityToken::kNever;
  return options;
}

}  // namespace

std::optional<GoldenCase> AsFiles(const GoldenCase& golden) {
  const bool has_files = golden.components_error.empty() && golden.surroundings.server_minor &&
                         !golden.surroundings.trust_anchors.empty();
  if (!has_files) return std::nullopt;
  GoldenCase files = golden;
  files.surroundings.trust_anchors =
      "-----BEGIN CERTIFICATE-----\nPEM\n-----END CERTIFICATE-----\n";
  return files;
}

std::string AskReview(const GoldenCase& golden) {
  const ScopedTempDir folder;
  webhook::ReviewOptions options = golden.options;
  options.common = OptionsWithFiles(golden, folder);
  std::istringstream in(golden.review);
  std::ostringstream out;
  std::ostringstream err;
  if (webhook::RunReview(options, in, out, err) != 0) {
    throw std::runtime_error("review: " + err.str());
  }
  return out.str();
}

nlohmann::json AskInject(const GoldenCase& golden) {
  const auto request = nlohmann::ordered_json::parse(golden.review).at("request");
  const ScopedTempDir folder;
  webhook::InjectOptions options;
  options.common = OptionsWithFiles(golden, folder);
  options.files = {"-"};
  options.namespace_name = request.value("namespace", "");
  options.output = webhook::ManifestFormat::kJson;
  std::istringstream in(request.at("object").dump());
  std::ostringstream out;
  std::ostringstream err;
  constexpr int kUnreadable = 2;
  if (webhook::RunInject(options, in, out, err) == kUnreadable) {
    throw std::runtime_error("inject: " + err.str());
  }
  return nlohmann::json::parse(out.str());
}

}  // namespace injector::test
