#include "webhook/cli/probe_review.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "k8s/base64.h"

namespace injector::webhook {
namespace {

using Json = nlohmann::json;

// The pod that `kubectl run` would make; nothing of it is ever started.
constexpr std::string_view kReview = R"({
  "apiVersion": "admission.k8s.io/v1",
  "kind": "AdmissionReview",
  "request": {
    "kind": {"group": "", "version": "v1", "kind": "Pod"},
    "resource": {"group": "", "version": "v1", "resource": "pods"},
    "operation": "CREATE",
    "dryRun": true,
    "userInfo": {"username": "component-injector:check", "groups": ["system:masters"]},
    "object": {
      "apiVersion": "v1",
      "kind": "Pod",
      "metadata": {
        "name": "component-injector-check",
        "annotations": {
          "dapr.io/enabled": "true",
          "dapr.io/app-id": "component-injector-check",
          "dapr.io/inject-pluggable-components": "true"
        }
      },
      "spec": {"containers": [{"name": "check", "image": "check"}]}
    }
  }
})";

constexpr std::size_t kLongestExcerpt = 300;

std::string Excerpt(std::string_view text) {
  std::string excerpt(text.substr(0, kLongestExcerpt));
  for (char& c : excerpt) {
    if (c < ' ' || c > '~') c = ' ';
  }
  return excerpt;
}

// A member that is there and a text, else "".
std::string TextOf(const Json& object, const char* name) {
  if (!object.is_object()) return "";
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

// What the patch holds, or null when it is no list of operations.
Json OperationsOf(const Json& response) {
  const auto text = k8s::DecodeBase64(TextOf(response, "patch"));
  Json operations = Json::parse(text.value_or(""), nullptr, /*allow_exceptions=*/false);
  return operations.is_array() ? operations : Json();
}

// One container is added to a list of them, or the whole list is.
bool HoldsSidecar(const Json& value) {
  if (!value.is_array()) return TextOf(value, "name") == "daprd";
  return std::any_of(value.begin(), value.end(),
                     [](const Json& item) { return TextOf(item, "name") == "daprd"; });
}

bool AddsSidecar(const Json& operations) {
  return std::any_of(operations.begin(), operations.end(), [](const Json& operation) {
    const std::string path = TextOf(operation, "path");
    return (path.starts_with("/spec/containers") || path.starts_with("/spec/initContainers")) &&
           operation.contains("value") && HoldsSidecar(operation["value"]);
  });
}

std::vector<std::string> WarningsOf(const Json& response) {
  std::vector<std::string> warnings;
  const auto found = response.find("warnings");
  if (found == response.end() || !found->is_array()) return warnings;
  for (const Json& warning : *found) {
    if (warning.is_string()) warnings.push_back(Excerpt(warning.get<std::string>()));
  }
  return warnings;
}

}  // namespace

std::string BuildProbeReview(std::string_view uid, std::string_view namespace_name) {
  Json review = Json::parse(kReview);
  Json& request = review["request"];
  request["uid"] = uid;
  request["namespace"] = namespace_name;
  request["object"]["metadata"]["namespace"] = namespace_name;
  return review.dump();
}

Result<std::vector<std::string>> JudgeProbeAnswer(std::string_view uid, int http_status,
                                                  std::string_view body) {
  const auto fault = [](std::string message) {
    return Fail(ErrorKind::kCluster, std::move(message));
  };
  if (http_status != 200) {
    return fault("HTTP status " + std::to_string(http_status) + ": " + Excerpt(body));
  }
  const Json review = Json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (!review.is_object() || !review.contains("response") || !review["response"].is_object()) {
    return fault("no AdmissionReview: " + Excerpt(body));
  }
  const Json& response = review["response"];
  if (TextOf(response, "uid") != uid) return fault("the answer is to another review");
  if (!response.value("allowed", Json()).is_boolean() || !response["allowed"].get<bool>()) {
    const auto status = response.find("status");
    const std::string why = status == response.end() ? "" : TextOf(*status, "message");
    return fault("the pod is refused: " + Excerpt(why));
  }
  std::vector<std::string> warnings = WarningsOf(response);
  if (AddsSidecar(OperationsOf(response))) return warnings;
  std::string why = "the pod would get no container daprd";
  for (const std::string& warning : warnings) why += "; " + warning;
  return fault(std::move(why));
}

}  // namespace injector::webhook
