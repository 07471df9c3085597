#pragma once

// The serving certificate that a replica makes itself: publishes its leaf in the webhook
// configurations, says when the replica may be ready, renews it in time, and takes it back in the
// end. Create, put Serving() under a server, Start, ..., Stop once the server has ended.

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "k8s/client.h"
#include "webhook/bundle_keeper.h"
#include "webhook/certificate.h"
#include "webhook/certificate_recorder.h"
#include "webhook/health.h"
#include "webhook/log.h"
#include "webhook/own_certificate.h"

namespace injector::webhook {

// All of it outlives the rotation.
struct RotationParts {
  k8s::Client& client;
  Health& health;
  CertificateRecorder& recorder;
  Log& log;
};

struct RotationTimes {
  std::chrono::milliseconds first{1'000};  // from the first publication to ready: API servers use
                                           // a new bundle within 28 ms, and several may lag
  std::chrono::milliseconds lead{10'000};  // from the publication of a new leaf to its use
  std::chrono::milliseconds farewell{5'000};   // for taking the leaves back, from all at once
  std::chrono::milliseconds clock{10'000};     // the clock is looked at this often: it may jump
  std::chrono::milliseconds next_try{60'000};  // after a new leaf could not be made or used
};

struct RotationOptions {
  OwnCertificateOptions certificate;
  std::string mutating_name;    // of the MutatingWebhookConfiguration
  std::string validating_name;  // "": none
  RotationTimes times{};
  BundleTimes bundle_times{};
  std::function<Result<KeyPair>(const OwnCertificateOptions&)> make = MakeOwnCertificate;
};

class CertificateRotation {
 public:
  // Makes the first leaf; nothing is published yet. Sets the check kSecurityProvider; readiness
  // waits for kWebhookConfiguration. Errors: kInternal when OpenSSL cannot.
  [[nodiscard]] static Result<std::unique_ptr<CertificateRotation>> Create(
      const RotationParts& parts, RotationOptions options);
  ~CertificateRotation();  // without Stop: takes nothing back
  CertificateRotation(const CertificateRotation&) = delete;
  CertificateRotation& operator=(const CertificateRotation&) = delete;

  [[nodiscard]] ServingCertificate& Serving() { return *serving_; }

  // Begins to publish. A configuration that cannot be written is tried again and again: while it is
  // the mutating one, and before the first success, the replica is not ready. The validating one
  // has no say in that.
  void Start();

  // Ends the upkeep and takes the own leaves out of the bundles.
  // Blocks: for `farewell` at most; a call under way is given up within that.
  void Stop();

 private:
  class Object;

  CertificateRotation(const RotationParts& parts, RotationOptions options,
                      std::unique_ptr<ServingCertificate> serving);
  void Run(const std::stop_token& stop);
  void Renew(const std::stop_token& stop);
  [[nodiscard]] std::optional<KeyPair> MakeNext(const std::stop_token& stop);
  // Errors: as ServingCertificate::Create; then the present one stays in use.
  [[nodiscard]] Result<void> Use(KeyPair next);
  // Wishes this, and waits until the mutating configuration has it.
  void Publish(BundleWish wish, const std::stop_token& stop);
  void Want(BundleWish wish);
  void TakeBack(Object& object, k8s::Deadline deadline);
  void Published(int number);
  void SleepUntil(std::chrono::system_clock::time_point time, const std::stop_token& stop);
  void Sleep(std::chrono::milliseconds time, const std::stop_token& stop);

  const RotationParts parts_;
  const RotationOptions options_;
  KeyPair pair_;  // in use; of the thread alone once it runs
  CertificateFacts facts_;
  std::unique_ptr<ServingCertificate> serving_;
  BundleWish wish_;  // the last one; of the thread alone while it runs, as is its number
  int number_ = 0;

  std::mutex mutex_;
  std::condition_variable_any changed_;
  int published_ = 0;  // guarded by mutex_: the last wish that the mutating configuration had
  std::unique_ptr<Object> mutating_;
  std::unique_ptr<Object> validating_;  // null: none
  std::jthread thread_;
};

}  // namespace injector::webhook
