#include "webhook/counted_transport.h"

#include <gmock/gmock.h>

#include "tests/support/fake_transport.h"
#include "tests/support/recording_cluster_recorder.h"

namespace injector::test {
namespace {

using ::testing::ElementsAre;

struct Case {
  const char* method;
  const char* path;
  const char* verb;
  const char* resource;
};

TEST(DescribeApiCall, IsWhatRbacCallsIt) {
  const std::vector<Case> cases = {
      {"GET", "/version", "get", "/version"},
      {"GET", "/apis/dapr.io/v1alpha1/components?limit=500", "list", "components"},
      {"GET", "/apis/dapr.io/v1alpha1/components?watch=true", "watch", "components"},
      {"GET", "/apis/dapr.io/v1alpha1/components?limit=5&watch=true", "watch", "components"},
      {"GET", "/apis/dapr.io/v1alpha1/namespaces/shop/components", "list", "components"},
      {"GET", "/apis/dapr.io/v1alpha1/namespaces/shop/components/store", "get", "components"},
      {"GET", "/apis/dapr.io/v1alpha1/namespaces/d/configurations/daprsystem", "get",
       "configurations"},
      {"GET", "/api/v1/namespaces/kube-system/serviceaccounts/x", "get", "serviceaccounts"},
      {"GET", "/api/v1/namespaces/shop", "get", "namespaces"},
      {"PATCH", "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/dapr", "patch",
       "mutatingwebhookconfigurations"},
      {"GET", "/", "get", "/"},
      {"GET", "", "get", ""},
  };
  for (const Case& expected : cases) {
    const k8s::ApiRequest request{expected.method, expected.path, "", "", {}};
    const auto call = webhook::DescribeApiCall(request);
    EXPECT_EQ(call.verb, expected.verb) << expected.path;
    EXPECT_EQ(call.resource, expected.resource) << expected.path;
  }
}

class CountedTransportTest : public ::testing::Test {
 protected:
  FakeTransport transport_;
  RecordingClusterRecorder recorder_;
  webhook::CountedTransport counted_{transport_, recorder_};
};

TEST_F(CountedTransportTest, EachCallCountsWithItsCode) {
  transport_.Answer(200, "{}");
  transport_.Answer(403, "{}");
  transport_.Fail(k8s::ApiErrorKind::kUnreachable, "away");
  const k8s::ApiRequest request{"GET", "/version", "", "", {}};
  EXPECT_EQ(counted_.Send(request)->status, 200);
  EXPECT_EQ(counted_.Send(request)->status, 403);
  EXPECT_FALSE(counted_.Send(request));
  EXPECT_THAT(recorder_.Events(),
              ElementsAre("get /version 200", "get /version 403", "get /version 0"));
}

TEST_F(CountedTransportTest, StreamCountsWhenItIsAccepted) {
  transport_.Answer(200, "one\ntwo\n");
  const k8s::ApiRequest request{"GET", "/apis/g/v1/things?watch=true", "", "", {}};
  std::vector<std::size_t> counted_by;
  const auto reply = counted_.Stream(request, std::chrono::seconds(1),
                                     [&](std::string_view) {
                                       counted_by.push_back(recorder_.Events().size());
                                       return true;
                                     },
                                     {});
  EXPECT_TRUE(reply);
  EXPECT_THAT(counted_by, ElementsAre(1U, 1U, 1U));
  EXPECT_THAT(recorder_.Events(), ElementsAre("watch things 200"));
}

TEST_F(CountedTransportTest, RefusedStreamCountsWithItsCode) {
  transport_.Answer(410, "{}");
  const k8s::ApiRequest request{"GET", "/apis/g/v1/things?watch=true", "", "", {}};
  EXPECT_TRUE(
      counted_.Stream(request, std::chrono::seconds(1), [](std::string_view) { return true; }, {}));
  EXPECT_THAT(recorder_.Events(), ElementsAre("watch things 410"));
}

}  // namespace
}  // namespace injector::test
