#include "webhook/cli/review.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace injector::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class ReviewCommand : public testing::Test {
 protected:
  ReviewCommand() {
    folder_ =
        std::filesystem::path(testing::TempDir()) /
        ("review." + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
    std::filesystem::create_directories(folder_);
    Write("ca.crt", "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n");
    options_.common.trust_anchors_file = folder_ / "ca.crt";
    options_.common.settings.sidecar_image = "daprd:1";
    options_.common.settings.control_plane_namespace = "dapr-system";
  }
  ~ReviewCommand() override { std::filesystem::remove_all(folder_); }

  void Write(const std::string& name, std::string_view text) {
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }

  int Run(const std::string& input) {
    std::istringstream in(input);
    return webhook::RunReview(options_, in, out_, err_);
  }

  static std::string ReviewBy(std::string_view user) {
    return R"({"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"u-1",)"
           R"("kind":{"kind":"Pod"},"namespace":"shop","operation":"CREATE","userInfo":)"
           R"({"username":")" +
           std::string(user) +
           R"("},"object":{"metadata":{"annotations":{"dapr.io/enabled":"true",)"
           R"("dapr.io/app-id":"orders","dapr.io/inject-pluggable-components":"true"}},)"
           R"("spec":{"containers":[{"name":"app"}]}}}})";
  }

  std::filesystem::path folder_;
  webhook::ReviewOptions options_;
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(ReviewCommand, ResponseIsAllThatIsWritten) {
  EXPECT_EQ(Run(R"({"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{)"
                R"("uid":"u-1","kind":{"kind":"Pod"},"operation":"CREATE","object":{}}})"),
            0);
  EXPECT_EQ(out_.str(), R"({"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1",)"
                        R"("response":{"uid":"u-1","allowed":true,)"
                        R"("auditAnnotations":{"decision":"pod/not-enabled"}}})");
  EXPECT_EQ(err_.str(), "");
}

TEST_F(ReviewCommand, EveryoneMayHaveSidecars) {
  EXPECT_EQ(Run(ReviewBy("alice")), 0);
  EXPECT_THAT(out_.str(), HasSubstr(R"("auditAnnotations":{"decision":"pod/injected")"));
}

TEST_F(ReviewCommand, CallersAreJudgedByAPolicy) {
  options_.callers = webhook::CallerPolicy();
  EXPECT_EQ(Run(ReviewBy("alice")), 0);
  EXPECT_THAT(out_.str(), HasSubstr(R"("decision":"pod/caller-not-allowed")"));
}

TEST_F(ReviewCommand, ComponentsComeFromTheResources) {
  Write("store.yaml",
        "apiVersion: dapr.io/v1alpha1\n"
        "kind: Component\n"
        "metadata:\n"
        "  name: store\n"
        "  annotations:\n"
        "    dapr.io/component-container: '{\"image\":\"store:1\"}'\n"
        "spec: {type: state.store, version: v1}\n");
  options_.common.resources = {(folder_ / "store.yaml").string()};
  EXPECT_EQ(Run(ReviewBy("alice")), 0);
  EXPECT_THAT(out_.str(), HasSubstr(R"({\"component\":\"store\",\"container\":\"store\"})"));
}

TEST_F(ReviewCommand, DenialIsAResponse) {
  EXPECT_EQ(Run(R"({"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{)"
                R"("uid":"u-1","kind":{"kind":"Pod"},"operation":"CREATE"}})"),
            0);
  EXPECT_THAT(out_.str(), HasSubstr(R"("allowed":false)"));
}

TEST_F(ReviewCommand, TextThatIsNoReviewEndsWith2AndTheTextOfThe400) {
  EXPECT_EQ(Run("{}"), 2);
  EXPECT_EQ(out_.str(), "");
  EXPECT_EQ(err_.str(),
            "malformed AdmissionReview: /request: expected an object, found no value\n");
}

TEST_F(ReviewCommand, NothingEndsWith2) {
  EXPECT_EQ(Run(""), 2);
  EXPECT_EQ(err_.str(), "empty body\n");
}

TEST_F(ReviewCommand, ReviewOverTheLimitEndsWith2) {
  EXPECT_EQ(Run(std::string(8'388'609, ' ')), 2);
  EXPECT_EQ(err_.str(), "the review is longer than 8388608 bytes\n");
}

TEST_F(ReviewCommand, ResourcesThatCannotBeReadEndWith2) {
  options_.common.resources = {(folder_ / "absent").string()};
  EXPECT_EQ(Run(ReviewBy("alice")), 2);
  EXPECT_EQ(out_.str(), "");
  EXPECT_THAT(err_.str(), HasSubstr("absent"));
}

TEST_F(ReviewCommand, MissingTrustAnchorsAreReplacedAndSaid) {
  options_.common.trust_anchors_file = folder_ / "absent";
  EXPECT_EQ(Run(ReviewBy("alice")), 0);
  EXPECT_THAT(err_.str(),
              StartsWith("warning: no trust anchors, the answer holds a placeholder: "));
  EXPECT_THAT(out_.str(), HasSubstr(R"("warnings":["no trust anchors here)"));
}

}  // namespace
}  // namespace injector::test
