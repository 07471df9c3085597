#include "tests/fuzz/fuzzed_webhook.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <exception>
#include <memory>
#include <utility>

#include "patch/component.h"
#include "tests/fuzz/demand.h"
#include "tests/fuzz/json_mutator.h"
#include "tests/support/pod_invariants.h"
#include "webhook/component_handler.h"
#include "webhook/component_store.h"
#include "webhook/handler.h"

namespace injector::test {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxWarnings = 8;
constexpr std::size_t kMaxWarningBytes = 120;

class FixedComponents : public webhook::ComponentSource {
 public:
  explicit FixedComponents(const std::vector<json>& objects) {
    webhook::ListedComponents listed;
    for (const json& object : objects) listed.Add(object);
    list_ = listed.List();
  }

  patch::Result<patch::ComponentLook> Components(std::string_view, const std::vector<std::string>&,
                                                 std::chrono::steady_clock::time_point) override {
    return patch::ComponentLook{list_};
  }

 private:
  std::shared_ptr<const patch::ComponentList> list_;
};

class FixedSurroundings : public webhook::SurroundingsSource {
 public:
  explicit FixedSurroundings(int server_minor)
      : surroundings_(std::make_shared<patch::Surroundings>()) {
    surroundings_->trust_anchors = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";
    surroundings_->server_minor = server_minor;
  }

  std::shared_ptr<const patch::Surroundings> Current() const override { return surroundings_; }

 private:
  std::shared_ptr<patch::Surroundings> surroundings_;
};

class StrictRecorder : public webhook::NoRecorder {
 public:
  void HandlerThrew() override { Demand(false, "no handler throws"); }
};

patch::Settings MakeSettings() {
  patch::Settings settings;
  settings.control_plane_namespace = "dapr-system";
  settings.sidecar_image = "ghcr.io/dapr/daprd:1.18.3";
  settings.wait_image = "ghcr.io/example/component-injector:1";
  return settings;
}

patch::Settings MakeOtherSettings() {
  patch::Settings settings = MakeSettings();
  settings.native_sidecar = true;
  settings.drop_all_capabilities = true;
  settings.downward_apis = true;
  settings.run_as_user = 1000;
  settings.ordering.init_position = patch::InitPosition::kFirst;
  settings.status_annotation = patch::StatusAnnotation::kAll;
  settings.ignore_entrypoint_tolerations = {{"a", "Exists", "", "NoSchedule", {}}};
  return settings;
}

// The ways in which the injector is started.
struct Start {
  patch::Settings settings;
  webhook::CallerPolicy callers;
  FixedSurroundings surroundings;
};

const Start& StartNumber(std::size_t number) {
  static const std::array<Start, 3> kStarts = {
      Start{MakeSettings(), webhook::CallerPolicy::Everyone(), FixedSurroundings(36)},
      Start{MakeOtherSettings(), webhook::CallerPolicy(), FixedSurroundings(36)},
      Start{MakeSettings(), webhook::CallerPolicy::Everyone(), FixedSurroundings(30)}};
  return kStarts[number % kStarts.size()];
}

// Lines are made, and go nowhere.
webhook::Log& DiscardingLog() {
  static webhook::Log log =
      *webhook::Log::Open({.level = webhook::LogLevel::kDebug, .file = "/dev/null"});
  return log;
}

webhook::HttpRequest Post(std::string_view path, std::string_view body) {
  webhook::HttpRequest request;
  request.method = "POST";
  request.path = path;
  request.content_type = "application/json";
  request.body = body;
  request.deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  return request;
}

// Strict, as the API server's decoder is.
std::string DecodeBase64(const std::string& text) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  Demand(text.size() % 4 == 0, "base64 is padded", text);
  const std::size_t digits = std::min(text.find('='), text.size());
  Demand(text.size() - digits <= 2, "base64 has two signs of padding at most", text);
  std::string bytes;
  unsigned held = 0;
  unsigned bits = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    const std::size_t digit = kAlphabet.find(text[i]);
    Demand(digit != std::string_view::npos, "base64 holds its alphabet only", text);
    held = (held << 6U) | static_cast<unsigned>(digit);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>(held >> bits & 0xFFU);
  }
  Demand((held & ((1U << bits) - 1)) == 0, "the last bits of base64 are zero", text);
  return bytes;
}

void CheckWarnings(const json& warnings) {
  Demand(warnings.is_array() && warnings.size() <= kMaxWarnings, "at most 8 warnings");
  for (const json& warning : warnings) {
    const auto& text = warning.get_ref<const std::string&>();
    Demand(!text.empty() && text.size() <= kMaxWarningBytes, "a warning has its length", text);
    Demand(std::none_of(text.begin(), text.end(),
                        [](unsigned char c) { return c < 0x20 || c == 0x7F; }),
           "a warning holds no control character", text);
  }
}

// Text members as they are, others as JSON; "" when missing.
json Member(const json& object, const char* key) {
  return object.is_object() && object.contains(key) ? object[key] : json();
}

void CheckResponse(const json& review, const json& response) {
  const json uid = Member(Member(review, "request"), "uid");
  Demand(response.at("uid") == (uid.is_null() ? json("") : uid), "the answer has the uid asked");
  Demand(response.at("allowed").is_boolean(), "allowed is true or false");
  const bool allowed = response["allowed"] == true;
  Demand(allowed || !response.at("status").at("message").get<std::string>().empty(),
         "a refusal says why");
  Demand(allowed || !response.contains("patch"), "a refused pod gets no patch");
  Demand(response.contains("patch") == response.contains("patchType"), "a patch has its type");
  if (response.contains("warnings")) CheckWarnings(response["warnings"]);
  if (!response.contains("auditAnnotations")) return;
  for (const auto& [key, value] : response["auditAnnotations"].items()) {
    Demand(value.is_string(), "audit annotations are texts", key);
  }
}

json PatchIn(const json& review, const webhook::HttpReply& reply) {
  const json answer = json::parse(reply.body);
  Demand(answer.at("kind") == "AdmissionReview", "the answer is an AdmissionReview");
  Demand(answer.at("apiVersion") == Member(review, "apiVersion"), "in the version asked");
  const json& response = answer.at("response");
  CheckResponse(review, response);
  if (!response.contains("patch")) return nullptr;
  Demand(response["patchType"] == "JSONPatch", "the patch is a JSON patch");
  return json::parse(DecodeBase64(response["patch"].get<std::string>()));
}

void CheckPatched(const json& review, const json& patch, const FuzzedCluster& cluster) {
  const json& pod = review["request"]["object"];
  const json patched = pod.patch(patch);
  std::string broken;
  for (const std::string& rule : BrokenInvariants(pod, patched)) broken += rule + "\n";
  Demand(broken.empty(), "the patched pod is valid", broken);
  json again = review;
  again["request"]["object"] = patched;
  const json second = CheckedPatch(again, AskToMutate(again.dump(), cluster));
  Demand(second.is_null(), "a second pass changes nothing", second.dump());
}

}  // namespace

webhook::HttpReply AskToMutate(std::string_view body, const FuzzedCluster& cluster) {
  const Start& start = StartNumber(cluster.settings);
  FixedComponents components(cluster.components);
  StrictRecorder recorder;
  webhook::AdmissionHandler handler(
      {start.settings, start.callers, components, start.surroundings, recorder, DiscardingLog()});
  webhook::HttpReply reply = handler.Handle(Post("/mutate", body));
  if (reply.written) reply.written(true);
  return reply;
}

webhook::HttpReply AskToValidate(std::string_view body) {
  StrictRecorder recorder;
  webhook::ComponentHandler handler(webhook::ComponentValidation::kDeny, recorder, DiscardingLog());
  return handler.Handle(Post("/validate-component", body));
}

json CheckedPatch(const json& review, const webhook::HttpReply& reply) {
  Demand(reply.status == 200, "a review is answered with 200", reply.body);
  try {
    return PatchIn(review, reply);
  } catch (const std::exception& exception) {
    Demand(false, std::string("the answer is well formed: ") + exception.what(), reply.body);
  }
  return nullptr;
}

bool CheckMutation(std::string_view body, const json& review, const FuzzedCluster& cluster) {
  const webhook::HttpReply reply = AskToMutate(body, cluster);
  if (reply.status == 400) {
    Demand(!reply.body.empty() && reply.content_type.starts_with("text/plain"),
           "who sends no review is told in words", reply.body);
    return false;
  }
  Demand(review.is_object(), "what is answered with a review is JSON", reply.body);
  const json patch = CheckedPatch(review, reply);
  if (patch.is_null()) return false;
  try {
    CheckPatched(review, patch, cluster);
  } catch (const std::exception& exception) {
    Demand(false, std::string("the patch applies: ") + exception.what(), patch.dump());
  }
  return true;
}

json ReviewOf(json pod) {
  json review = json::parse(R"({
    "kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1",
    "request": {
      "uid": "705ab4f5-6393-11e8-b7cc-42010a800002",
      "kind": {"group": "", "version": "v1", "kind": "Pod"},
      "namespace": "shop", "operation": "CREATE",
      "userInfo": {"username": "system:serviceaccount:kube-system:replicaset-controller"}}})");
  review["request"]["object"] = std::move(pod);
  return review;
}

}  // namespace injector::test
