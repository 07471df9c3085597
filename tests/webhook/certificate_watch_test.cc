#include "webhook/certificate_watch.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "tests/support/scoped_temp_dir.h"

namespace injector::test {
namespace {

using namespace std::chrono_literals;
using webhook::CertificateWatch;
using webhook::KeyPair;
using webhook::ServingCertificate;

class CertificateWatchTest : public testing::Test {
 protected:
  void Write(std::string_view folder, const KeyPair& pair) const {
    dir_.Write(std::string(folder) + "/tls.crt", pair.certificate_pem);
    dir_.Write(std::string(folder) + "/tls.key", pair.key_pem);
  }
  void Watch() {
    watch_ = std::make_unique<CertificateWatch>(
        webhook::CertificateFiles{dir_ / "live/tls.crt", dir_ / "live/tls.key"}, *serving_,
        [this](const webhook::ReloadReport& report) {
          EXPECT_EQ(report.what, "certificate");
          ++(report.good ? good_ : bad_);
        },
        5ms);
  }
  template <class Condition>
  [[nodiscard]] static bool Eventually(const Condition& condition) {
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::yield();
    }
    return true;
  }

  const ScopedTempDir dir_;
  const KeyPair first_ = *webhook::MakeSelfSigned({});
  const KeyPair second_ = *webhook::MakeSelfSigned({});
  std::unique_ptr<ServingCertificate> serving_ = *ServingCertificate::Create(first_);
  std::atomic<int> good_{0};
  std::atomic<int> bad_{0};
  std::unique_ptr<CertificateWatch> watch_;
};

TEST_F(CertificateWatchTest, RewrittenFilesAreUsed) {
  Write("live", first_);
  Watch();
  Write("live", second_);
  EXPECT_TRUE(Eventually([&] { return serving_->CertificatePem() == second_.certificate_pem; }));
}

TEST_F(CertificateWatchTest, SwappedLinkIsFollowed) {
  Write("one", first_);
  Write("two", second_);
  std::filesystem::create_directory_symlink("one", dir_ / "live");
  Watch();
  std::filesystem::create_directory_symlink("two", dir_ / "next");
  std::filesystem::rename(dir_ / "next", dir_ / "live");
  EXPECT_TRUE(Eventually([&] { return good_ > 0; }));
}

TEST_F(CertificateWatchTest, BadFilesKeepTheLastGoodCertificate) {
  Write("live", first_);
  Watch();
  dir_.Write("live/tls.key", "no key");
  EXPECT_TRUE(Eventually([&] { return bad_ > 0; }));
  std::filesystem::remove(dir_ / "live/tls.key");
  EXPECT_TRUE(Eventually([&] { return bad_ > 1; }));
  EXPECT_EQ(serving_->CertificatePem(), first_.certificate_pem);
}

TEST_F(CertificateWatchTest, RepairedFilesAreUsedAgain) {
  Write("live", first_);
  Watch();
  dir_.Write("live/tls.crt", "no certificate");
  ASSERT_TRUE(Eventually([&] { return bad_ > 0; }));
  Write("live", second_);
  EXPECT_TRUE(Eventually([&] { return good_ > 0; }));
}

}  // namespace
}  // namespace injector::test
