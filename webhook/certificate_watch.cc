#include "webhook/certificate_watch.h"

#include <utility>

#include "webhook/file_state.h"

namespace injector::webhook {
CertificateWatch::CertificateWatch(CertificateFiles files, ServingCertificate& serving,
                                   ReloadListener listener, std::chrono::milliseconds interval)
    : files_(std::move(files)),
      serving_(serving),
      listener_(std::move(listener)),
      interval_(interval),
      thread_([this] { Run(); }) {}

CertificateWatch::~CertificateWatch() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void CertificateWatch::Run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    LookAgain();
    lock.lock();
    wake_.wait_for(lock, interval_, [this] { return stopping_; });
  }
}

void CertificateWatch::LookAgain() {
  // Taken before the files are read: a change in between shows at the next look. Files that cannot
  // be used are tried each time: they may become usable once their time has come.
  std::string state =
      StateOfFiles({files_.certificate, files_.key}, std::chrono::system_clock::now());
  if (state == seen_ && fault_.empty()) return;
  seen_ = std::move(state);
  const auto pair = LoadKeyPair(files_.certificate, files_.key);
  // The first look, and one at files that were only touched, find what is in use already.
  if (pair && fault_.empty() && pair->certificate_pem == serving_.CertificatePem()) return;
  Tell(pair ? serving_.Replace(*pair) : tl::unexpected(pair.error()));
}

void CertificateWatch::Tell(const Result<void>& reloaded) {
  const std::string former = std::exchange(fault_, reloaded ? "" : reloaded.error().message);
  if (!reloaded && fault_ == former) return;
  listener_({.what = "certificate",
             .good = reloaded.has_value(),
             .message = reloaded ? "in use, from " + files_.certificate
                                 : "the last good one stays: " + fault_});
}

}  // namespace injector::webhook
