#include "webhook/certificate_rotation.h"

#include <gmock/gmock.h>

#include <atomic>

#include "tests/support/fake_configuration.h"
#include "tests/support/own_leaves.h"

namespace injector::test {
namespace {

using std::chrono::milliseconds;
using webhook::CertificateRotation;
using webhook::RotationOptions;

class CountingRecorder : public webhook::CertificateRecorder {
 public:
  void CertificateInUse(std::chrono::system_clock::time_point) override { ++used; }
  void BundleWritten(std::string_view object) override { Count(object, written); }
  void BundleConflict(std::string_view object) override { Count(object, conflicts); }
  void BundleFailed(std::string_view object) override { Count(object, failed); }

  std::atomic<int> used{0};
  std::atomic<int> written{0};
  std::atomic<int> conflicts{0};
  std::atomic<int> failed{0};

 private:
  static void Count(std::string_view object, std::atomic<int>& counter) {
    if (object == "mutating") ++counter;
  }
};

class CertificateRotationTest : public ::testing::Test {
 protected:
  CertificateRotationTest() {
    options_.certificate.service = {"dapr-system", "injector"};
    options_.certificate.pod_name = "a";
    options_.mutating_name = "injector";
    options_.times = {
        .first = milliseconds(1), .lead = milliseconds(50), .clock = milliseconds(10)};
    options_.bundle_times = {.conflict_jitter = milliseconds(2),
                             .poll = milliseconds(20),
                             .least_backoff = milliseconds(5),
                             .most_backoff = milliseconds(20)};
  }

  void Start() {
    auto rotation = CertificateRotation::Create({client_, health_, recorder_, log_}, options_);
    ASSERT_TRUE(rotation) << rotation.error().Text();
    rotation_ = *std::move(rotation);
    rotation_->Start();
  }

  template <class Condition>
  static bool Eventually(const Condition& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(15);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::sleep_for(milliseconds(1));
    }
    return true;
  }

  FakeConfiguration server_;
  k8s::Client client_{server_};
  webhook::Health health_;
  CountingRecorder recorder_;
  webhook::Log log_ = webhook::Log::Silent();
  RotationOptions options_;
  std::unique_ptr<CertificateRotation> rotation_;
};

TEST_F(CertificateRotationTest, ReadyOnceTheLeafIsPublished) {
  Start();
  ASSERT_TRUE(Eventually([&] { return health_.Ready(); }));
  EXPECT_EQ(server_.Bundle(), rotation_->Serving().CertificatePem());
  EXPECT_THAT(
      health_.Report(),
      ::testing::AllOf(::testing::HasSubstr("security-provider: O = component-injector, CN = a-"),
                       ::testing::HasSubstr("webhook-configuration: mutatingwebhookconfigurations/"
                                            "injector has our certificate\n")));
}

TEST_F(CertificateRotationTest, NotReadyWhileTheWriteIsRefused) {
  server_.RefuseAll(1'000'000, 403);
  Start();
  ASSERT_TRUE(Eventually([&] { return recorder_.failed >= 3; }));
  EXPECT_FALSE(health_.Ready());
  EXPECT_THAT(health_.Report(), ::testing::HasSubstr("caBundle cannot be kept"));
}

TEST_F(CertificateRotationTest, MissingValidatingConfigurationHoldsNothing) {
  options_.validating_name = "absent";  // 404
  Start();
  EXPECT_TRUE(Eventually([&] { return health_.Ready(); }));
  EXPECT_TRUE(Eventually([&] {
    return health_.Report().find("validating-webhook-configuration: caBundle cannot be kept") !=
           std::string::npos;
  }));
  EXPECT_TRUE(health_.Ready());
}

TEST_F(CertificateRotationTest, FormerLeafOfThePodIsReplaced) {
  const std::string former = OwnLeaf("a");
  const std::string other = OwnLeaf("b");
  server_.SetBundle(former + other);
  Start();
  ASSERT_TRUE(Eventually([&] { return health_.Ready(); }));
  EXPECT_EQ(server_.Bundle(), other + rotation_->Serving().CertificatePem());
}

TEST_F(CertificateRotationTest, RenewsInTimeAndShowsOnlyWhatIsPublished) {
  options_.certificate.lifetime = std::chrono::seconds(3);
  Start();
  const std::string first = rotation_->Serving().CertificatePem();
  bool always_published = true;
  ASSERT_TRUE(Eventually([&] {
    if (!health_.Ready()) return false;
    const std::string bundle = server_.Bundle();  // before the certificate that it must hold
    const std::string shown = rotation_->Serving().CertificatePem();
    always_published = always_published && bundle.find(shown) != std::string::npos;
    return shown != first && bundle == shown;  // the former one is gone
  }));
  EXPECT_TRUE(always_published);
  // The server shows a bundle before its writer is told. The first, with the next, without the
  // former.
  EXPECT_TRUE(Eventually([&] { return recorder_.written == 3; }));
  EXPECT_EQ(recorder_.used, 2);
}

TEST_F(CertificateRotationTest, NewLeafThatCannotBeUsedLeavesTheFormerOneWhereItIs) {
  std::atomic<int> made{0};
  std::atomic<bool> good{false};
  options_.certificate.lifetime = std::chrono::seconds(3);
  options_.times.next_try = milliseconds(50);
  options_.make = [&](const webhook::OwnCertificateOptions& wanted) {
    auto pair = MakeOwnCertificate(wanted);
    if (++made > 1 && !good) pair->key_pem = MakeOwnCertificate(wanted)->key_pem;
    return pair;
  };
  Start();
  const std::string first = rotation_->Serving().CertificatePem();
  ASSERT_TRUE(Eventually([&] { return made >= 3; }));  // the second one was given up
  EXPECT_EQ(rotation_->Serving().CertificatePem(), first);
  EXPECT_THAT(server_.Bundle(), ::testing::HasSubstr(first));
  good = true;
  EXPECT_TRUE(Eventually([&] {
    const std::string shown = rotation_->Serving().CertificatePem();
    return shown != first && server_.Bundle() == shown;
  }));
}

// As after a clock that has jumped: the first leaf ends while the next one is made. The usual time
// between publication and use would be an hour.
TEST_F(CertificateRotationTest, ExpiredLeafIsReplacedWithoutTheUsualDelay) {
  std::atomic<int> made{0};
  options_.times.lead = std::chrono::hours(1);
  options_.make = [&](webhook::OwnCertificateOptions wanted) {
    if (++made == 1) wanted.lifetime = std::chrono::seconds(2);
    if (made == 2) std::this_thread::sleep_for(std::chrono::seconds(3));
    return MakeOwnCertificate(wanted);
  };
  Start();
  const std::string expired = rotation_->Serving().CertificatePem();
  EXPECT_TRUE(Eventually([&] { return rotation_->Serving().CertificatePem() != expired; }));
  EXPECT_THAT(server_.Bundle(), ::testing::HasSubstr(rotation_->Serving().CertificatePem()));
}

TEST_F(CertificateRotationTest, StopTakesTheLeafBack) {
  const std::string foreign = ForeignLeaf();
  server_.SetBundle(foreign);
  Start();
  ASSERT_TRUE(Eventually([&] { return health_.Ready(); }));
  rotation_->Stop();
  EXPECT_EQ(server_.Bundle(), foreign);
}

// One after the other they would take 4 s.
TEST_F(CertificateRotationTest, StopAsksAllConfigurationsAtOnce) {
  options_.validating_name = "absent";
  options_.times.farewell = std::chrono::seconds(2);
  options_.bundle_times.call = std::chrono::seconds(2);
  Start();
  ASSERT_TRUE(Eventually([&] { return health_.Ready(); }));
  server_.Hang();
  const auto begin = std::chrono::steady_clock::now();
  rotation_->Stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, milliseconds(3'500));
}

TEST_F(CertificateRotationTest, StopGivesUpACallThatHangs) {
  options_.times.farewell = std::chrono::milliseconds(200);
  options_.bundle_times.call = std::chrono::minutes(1);
  server_.Hang();
  Start();
  ASSERT_TRUE(server_.AwaitHanging());
  const auto begin = std::chrono::steady_clock::now();
  rotation_->Stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
}

TEST_F(CertificateRotationTest, EndWithoutStopLeavesTheBundle) {
  Start();
  ASSERT_TRUE(Eventually([&] { return health_.Ready(); }));
  const std::string leaf = rotation_->Serving().CertificatePem();
  rotation_.reset();
  EXPECT_EQ(server_.Bundle(), leaf);
}

}  // namespace
}  // namespace injector::test
