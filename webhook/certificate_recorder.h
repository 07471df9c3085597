#pragma once

// What the upkeep of the serving certificate tells the metrics.

#include <chrono>
#include <string_view>

namespace injector::webhook {

// In: `object` is "mutating" or "validating", the kind of webhook configuration.
// Threads: safe. Never blocks on I/O.
class CertificateRecorder {
 public:
  virtual ~CertificateRecorder() = default;

  // A certificate is in use from now on.
  virtual void CertificateInUse(std::chrono::system_clock::time_point not_after) = 0;
  virtual void BundleWritten(std::string_view object) = 0;   // a caBundle was changed
  virtual void BundleConflict(std::string_view object) = 0;  // someone else was faster
  virtual void BundleFailed(std::string_view object) = 0;    // a caBundle could not be kept right
};

}  // namespace injector::webhook
