#include "webhook/resource_watch.h"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>

#include "tests/support/scoped_temp_dir.h"

namespace injector::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* kPem = "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n";
constexpr const char* kMtlsOff =
    "apiVersion: dapr.io/v1alpha1\nkind: Configuration\nmetadata: {name: daprsystem}\n"
    "spec: {mtls: {enabled: false}}\n";

// Keeps the reports and lets a test wait for one.
class Reports {
 public:
  webhook::ReloadListener Listener() {
    return [this](const webhook::ReloadReport& report) {
      const std::lock_guard lock(mutex_);
      text_ +=
          std::string(report.what) + (report.good ? " good: " : " bad: ") + report.message + "\n";
      changed_.notify_all();
    };
  }
  bool WaitFor(const std::string& part) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 10s, [&] { return text_.find(part) != std::string::npos; });
  }
  std::string Text() {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string text_;
};

webhook::CommonOptions OptionsFor(const std::string& file) {
  webhook::CommonOptions options;
  options.trust_anchors_file = file;
  return options;
}

TEST(ReadResources, TellsWhatIsInUseAndHandsMtlsOn) {
  const ScopedTempDir folder;
  webhook::ResourceFiles files({folder.Write("a.yaml", kMtlsOff)});
  webhook::FileSurroundings surroundings(OptionsFor(folder.Write("ca.crt", kPem)),
                                         webhook::MissingTrustAnchors::kNothing);
  Reports reports;
  EXPECT_TRUE(ReadResources(&files, surroundings, reports.Listener()));
  EXPECT_EQ(reports.Text(),
            "resources good: 0 Components, 0 other objects, mTLS off\n"
            "trust-anchors good: trust anchors read\n");
  EXPECT_FALSE(surroundings.Current()->mtls_enabled);
}

TEST(ReadResources, BadOnesAreTold) {
  webhook::ResourceFiles files({"/proc/none/r"});
  webhook::FileSurroundings surroundings(OptionsFor("/proc/none/ca.crt"),
                                         webhook::MissingTrustAnchors::kNothing);
  Reports reports;
  EXPECT_FALSE(ReadResources(&files, surroundings, reports.Listener()));
  EXPECT_EQ(reports.Text(),
            "resources bad: /proc/none/r: No such file or directory\n"
            "trust-anchors bad: /proc/none/ca.crt: No such file or directory\n");
}

TEST(ReadResources, NoResourceFilesAreFine) {
  const ScopedTempDir folder;
  webhook::FileSurroundings surroundings(OptionsFor(folder.Write("ca.crt", kPem)),
                                         webhook::MissingTrustAnchors::kNothing);
  Reports reports;
  EXPECT_TRUE(ReadResources(nullptr, surroundings, reports.Listener()));
}

TEST(ResourceWatch, ChangeReachesTheListener) {
  const ScopedTempDir folder;
  folder.Write("a.yaml", "");
  webhook::ResourceFiles files({folder.path()});
  webhook::FileSurroundings surroundings(OptionsFor(folder.Write("ca.crt", kPem)),
                                         webhook::MissingTrustAnchors::kNothing);
  Reports reports;
  const webhook::ResourceWatch watch(&files, surroundings, reports.Listener(), 5ms);
  EXPECT_TRUE(reports.WaitFor("mTLS on"));
  folder.Write("a.yaml", kMtlsOff);
  EXPECT_TRUE(reports.WaitFor("mTLS off"));
  folder.Write("a.yaml", "{");
  EXPECT_TRUE(reports.WaitFor("resources bad: " + folder.path() + "/a.yaml:1:"));
  EXPECT_FALSE(surroundings.Current()->mtls_enabled);
}

TEST(ResourceWatch, StopsAtOnce) {
  const ScopedTempDir folder;
  webhook::FileSurroundings surroundings(OptionsFor(folder.Write("ca.crt", kPem)),
                                         webhook::MissingTrustAnchors::kNothing);
  Reports reports;
  const auto begin = std::chrono::steady_clock::now();
  { const webhook::ResourceWatch watch(nullptr, surroundings, reports.Listener(), 1h); }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
}

}  // namespace
}  // namespace injector::test
