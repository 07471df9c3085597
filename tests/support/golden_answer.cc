#include "tests/support/golden_answer.h"

#include <chrono>
#include <memory>
#include <stdexcept>
#include <vector>

#include "webhook/handler.h"
#include "webhook/review.h"

namespace injector::test {
namespace {

using Json = nlohmann::ordered_json;

// The Components of a case, or the failure to look them up.
class CaseComponents : public webhook::ComponentSource {
 public:
  explicit CaseComponents(const GoldenCase& golden) : golden_(golden) {}

  patch::Result<patch::ComponentLook> Components(std::string_view namespace_name,
                                                 const std::vector<std::string>&,
                                                 std::chrono::steady_clock::time_point) override {
    if (!golden_.components_error.empty()) {
      return patch::Fail(patch::ErrorKind::kMalformedObject, "", golden_.components_error);
    }
    return patch::ComponentLook{golden_.resources->ComponentsOf(namespace_name)};
  }

 private:
  const GoldenCase& golden_;
};

class CaseSurroundings : public webhook::SurroundingsSource {
 public:
  explicit CaseSurroundings(const GoldenCase& golden)
      : surroundings_(std::make_shared<patch::Surroundings>(golden.surroundings)) {}

  std::shared_ptr<const patch::Surroundings> Current() const override { return surroundings_; }

 private:
  std::shared_ptr<const patch::Surroundings> surroundings_;
};

// The planner's view of the same.
class CaseSources : public patch::AdmissionSources {
 public:
  CaseSources(const GoldenCase& golden, const webhook::Review& review)
      : golden_(golden), review_(review), components_(golden) {}

  bool CallerAllowed() override { return golden_.options.callers.Allows(review_.caller); }

  patch::Result<patch::ComponentLook> Components(
      const std::vector<std::string>& required) override {
    return components_.Components(review_.namespace_name, required, {});
  }

  std::shared_ptr<const patch::Surroundings> CurrentSurroundings() override {
    return CaseSurroundings(golden_).Current();
  }

 private:
  const GoldenCase& golden_;
  const webhook::Review& review_;
  CaseComponents components_;
};

std::string DecodeBase64(std::string_view text) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  unsigned bits = 0;
  unsigned held = 0;
  for (const char c : text.substr(0, text.find('='))) {
    const std::size_t digit = kAlphabet.find(c);
    if (digit == kAlphabet.npos) throw std::runtime_error("no base64: " + std::string(text));
    held = (held << 6U) | static_cast<unsigned>(digit);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>(held >> bits & 0xFFU);
  }
  return bytes;
}

}  // namespace

patch::Admission AskPlanner(const GoldenCase& golden, const std::string& review) {
  patch::JsonParser parser;
  const auto root = parser.Parse(review);
  if (!root) throw std::runtime_error(root.error().Text());
  const auto read = webhook::ReadReview(*root);
  if (!read) throw std::runtime_error(read.error().Text());
  CaseSources sources(golden, *read);
  return patch::AdmitPod({read->object, read->namespace_name}, sources,
                         golden.options.common.settings);
}

std::string AskWebhook(const GoldenCase& golden) {
  CaseComponents components(golden);
  const CaseSurroundings surroundings(golden);
  webhook::NoRecorder recorder;
  webhook::Log log = webhook::Log::Silent();
  webhook::AdmissionHandler handler({golden.options.common.settings, golden.options.callers,
                                     components, surroundings, recorder, log});
  webhook::HttpRequest request;
  request.method = "POST";
  request.path = "/mutate";
  request.content_type = "application/json";
  request.body = golden.review;
  request.deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  return handler.Handle(request).body;
}

Json ResponseIn(const std::string& body) {
  Json response = Json::parse(body).at("response");
  if (response.contains("patch")) {
    response["patch"] = Json::parse(DecodeBase64(response["patch"].get<std::string>()));
  }
  return response;
}

}  // namespace injector::test
