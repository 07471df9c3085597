#pragma once

// Follows certificate files: a change on disk reaches new connections within about a second, also
// when it comes as a swap of symbolic links (mounted Secrets). What cannot be used is told once,
// and the last good certificate stays.

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "webhook/certificate.h"
#include "webhook/reload_report.h"

namespace injector::webhook {

struct CertificateFiles {
  std::string certificate;
  std::string key;
};

class CertificateWatch {
 public:
  // Watches from now until destroyed; `serving` must outlive it. `listener` is told, from the
  // watch's thread, of every new certificate and every fault.
  CertificateWatch(CertificateFiles files, ServingCertificate& serving, ReloadListener listener,
                   std::chrono::milliseconds interval = std::chrono::seconds(1));
  ~CertificateWatch();
  CertificateWatch(const CertificateWatch&) = delete;
  CertificateWatch& operator=(const CertificateWatch&) = delete;

 private:
  void Run();
  void LookAgain();
  void Tell(const Result<void>& reloaded);

  const CertificateFiles files_;
  ServingCertificate& serving_;
  const ReloadListener listener_;
  const std::chrono::milliseconds interval_;
  // Used by the thread alone.
  std::string seen_;   // the files' state at the last look
  std::string fault_;  // why the last look found nothing usable; "" when it did

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace injector::webhook
