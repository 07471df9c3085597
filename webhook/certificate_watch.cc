#include "webhook/certificate_watch.h"

#include <sys/stat.h>

#include <utility>

namespace injector::webhook {
namespace {

// Device, inode, size and time of what `file` is now, links followed: mounted Secrets change by a
// swap of links, other tools rewrite the file in place or rename another one over it.
std::string StateOf(const std::string& file) {
  struct stat state {};
  if (::stat(file.c_str(), &state) != 0) return "absent;";
  std::string text;
  for (const auto number :
       {static_cast<long long>(state.st_dev), static_cast<long long>(state.st_ino),
        static_cast<long long>(state.st_size), static_cast<long long>(state.st_mtim.tv_sec),
        static_cast<long long>(state.st_mtim.tv_nsec)}) {
    text += std::to_string(number) + ",";
  }
  return text + ";";
}

std::string StateOf(const CertificateFiles& files) {
  return StateOf(files.certificate) + StateOf(files.key);
}

}  // namespace

CertificateWatch::CertificateWatch(CertificateFiles files, ServingCertificate& serving, Log& log,
                                   Recorder& recorder, std::chrono::milliseconds interval)
    : files_(std::move(files)),
      serving_(serving),
      log_(log),
      recorder_(recorder),
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
  // Taken before the files are read: a change in between shows at the next look.
  std::string state = StateOf(files_);
  const bool changed = state != seen_;
  if (!changed && !failed_) return;
  seen_ = std::move(state);
  const auto pair = LoadKeyPair(files_.certificate, files_.key);
  // The first look, and one at files that were only touched, find what is in use already.
  if (pair && !failed_ && pair->certificate_pem == serving_.CertificatePem()) return;
  const auto reloaded = pair ? serving_.Replace(*pair) : tl::unexpected(pair.error());
  // The same files may become usable by themselves, once their time has come; until then the
  // fault is told once.
  if (changed || reloaded) Tell(reloaded);
}

void CertificateWatch::Tell(const Result<void>& reloaded) {
  failed_ = !reloaded;
  recorder_.Reloaded("certificate", !failed_);
  if (failed_) {
    log_.Write(LogLevel::kError, kInjectorScope,
               "certificate not reloaded, the last good one stays: " + reloaded.error().message);
  } else {
    log_.Write(LogLevel::kInfo, kInjectorScope, "certificate reloaded from " + files_.certificate);
  }
}

}  // namespace injector::webhook
