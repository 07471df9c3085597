#include "webhook/certificate_rotation.h"

#include <algorithm>
#include <utility>

namespace injector::webhook {
namespace {

using std::chrono::milliseconds;
using std::chrono::system_clock;

std::string SecondsText(milliseconds time) {
  return std::to_string((time.count() + 999) / 1000) + " s";
}

}  // namespace

// One webhook configuration: says what becomes of its bundles.
class CertificateRotation::Object : public BundleListener {
 public:
  // In: `kind` is "mutating" or "validating".
  Object(CertificateRotation& rotation, std::string_view kind, const std::string& name)
      : rotation_(rotation),
        parts_(rotation.parts_),
        kind_(kind),
        check_(std::string(kind == "mutating" ? "" : "validating-") +
               std::string(kWebhookConfiguration)),
        title_(std::string(kind) + "webhookconfigurations/" + name),
        keeper_(parts_.client,
                {std::string(kind) + "webhookconfigurations", name,
                 rotation.options_.certificate.service},
                *this, rotation.options_.bundle_times) {}

  BundleKeeper& Keeper() { return keeper_; }
  [[nodiscard]] const std::string& Title() const { return title_; }

  void Written(const Bundle& bundle) override {
    parts_.recorder.BundleWritten(kind_);
    Say(LogLevel::kInfo, "caBundle written: " + std::to_string(bundle.own) +
                             " certificates of replicas, " + std::to_string(bundle.foreign) +
                             " others");
  }

  void Conflict() override { parts_.recorder.BundleConflict(kind_); }

  void Holds(int wish_number) override {
    if (!std::exchange(fault_, "").empty()) Say(LogLevel::kInfo, "caBundle is right again");
    parts_.health.Note(check_, "");
    if (kind_ == "mutating") rotation_.Published(wish_number);
  }

  void Failed(const k8s::ApiError& error, milliseconds wait) override {
    parts_.recorder.BundleFailed(kind_);
    parts_.health.Note(check_, "caBundle cannot be kept: " + error.message);
    if (std::exchange(fault_, error.message) == error.message) return;
    Say(LogLevel::kError, "caBundle cannot be kept: " + error.message + "; next try in " +
                              SecondsText(wait) + ", then again and again");
  }

  void WatchForbidden(const k8s::ApiError& error) override {
    if (std::exchange(told_of_watch_, true)) return;
    Say(LogLevel::kInfo, "not watched, read every " +
                             SecondsText(rotation_.options_.bundle_times.poll) + ": " +
                             error.message);
  }

  void WatchLost(const k8s::ApiError& error, milliseconds wait) override {
    Say(LogLevel::kWarning, "cannot be watched: " + error.message + "; next try in " +
                                SecondsText(wait) + ", then again and again; it is read each time");
  }

  void WatchLasts() override { Say(LogLevel::kInfo, "is watched again"); }

  void Repeats(milliseconds most) override {
    Say(LogLevel::kWarning,
        "somebody takes our certificate out of the caBundle again and again; it is put back, at "
        "most " +
            SecondsText(most) + " later each time");
  }

 private:
  void Say(LogLevel level, const std::string& line) {
    parts_.log.Write(level, kInjectorScope, title_ + ": " + line);
  }

  CertificateRotation& rotation_;
  const RotationParts& parts_;
  const std::string kind_;
  const std::string check_;
  const std::string title_;
  // Used by the keeper's thread alone.
  std::string fault_;  // the last one told; "" when there is none
  bool told_of_watch_ = false;
  BundleKeeper keeper_;
};

Result<std::unique_ptr<CertificateRotation>> CertificateRotation::Create(const RotationParts& parts,
                                                                         RotationOptions options) {
  auto pair = options.make(options.certificate);
  if (!pair) return tl::unexpected(std::move(pair).error());
  auto serving = ServingCertificate::Create(*pair);
  if (!serving) return tl::unexpected(std::move(serving).error());
  std::unique_ptr<CertificateRotation> rotation(
      new CertificateRotation(parts, std::move(options), *std::move(serving)));
  if (auto used = rotation->Use(*std::move(pair)); !used) {
    return tl::unexpected(std::move(used).error());
  }
  return rotation;
}

CertificateRotation::CertificateRotation(const RotationParts& parts, RotationOptions options,
                                         std::unique_ptr<ServingCertificate> serving)
    : parts_(parts),
      options_(std::move(options)),
      serving_(std::move(serving)),
      mutating_(std::make_unique<Object>(*this, "mutating", options_.mutating_name)),
      validating_(options_.validating_name.empty()
                      ? nullptr
                      : std::make_unique<Object>(*this, "validating", options_.validating_name)) {
  parts_.health.Add(kWebhookConfiguration);
}

CertificateRotation::~CertificateRotation() = default;

void CertificateRotation::Start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
}

void CertificateRotation::Stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
  const auto deadline = std::chrono::steady_clock::now() + options_.times.farewell;
  std::jthread beside;
  if (validating_) beside = std::jthread([&] { TakeBack(*validating_, deadline); });
  TakeBack(*mutating_, deadline);
}

void CertificateRotation::TakeBack(Object& object, k8s::Deadline deadline) {
  BundleWish last;
  last.withdrawn = wish_.leaves;
  const auto taken = object.Keeper().Finish(last, deadline);
  const std::string outcome =
      taken ? ": our certificate is no longer in the caBundle"
            : ": our certificate stays in the caBundle until it expires: " + taken.error().message;
  parts_.log.Write(taken ? LogLevel::kInfo : LogLevel::kWarning, kInjectorScope,
                   object.Title() + outcome);
}

void CertificateRotation::Run(const std::stop_token& stop) {
  // It is in use from the start: nothing else could be shown.
  Publish({{pair_.certificate_pem}, {}, options_.certificate.pod_name}, stop);
  Sleep(options_.times.first, stop);
  if (stop.stop_requested()) return;
  const std::string published = mutating_->Title() + " has our certificate";
  parts_.log.Write(LogLevel::kInfo, kInjectorScope, published);
  parts_.health.Set(kWebhookConfiguration, true, published);
  while (!stop.stop_requested()) {
    SleepUntil(facts_.not_after - options_.certificate.lifetime / 3, stop);
    if (!stop.stop_requested()) Renew(stop);
  }
}

void CertificateRotation::Renew(const std::stop_token& stop) {
  auto next = MakeNext(stop);
  if (!next) return;
  const std::string leaf = next->certificate_pem;
  Publish({{pair_.certificate_pem, leaf}, {}, ""}, stop);
  // Showing an expired one for longer would help nobody.
  const bool expired = facts_.not_after <= system_clock::now();
  Sleep(expired ? options_.times.first : options_.times.lead, stop);
  if (stop.stop_requested()) return;
  if (const auto used = Use(*std::move(next)); !used) {
    parts_.log.Write(
        LogLevel::kError, kInjectorScope,
        "the new certificate cannot be used, the former one stays in use; next try in " +
            SecondsText(options_.times.next_try) + ": " + used.error().Text());
    Want({{pair_.certificate_pem}, {leaf}, ""});
    return Sleep(options_.times.next_try, stop);
  }
  // A handshake that began before may still show the former one.
  Sleep(options_.times.lead, stop);
  if (!stop.stop_requested()) Want({{leaf}, {}, options_.certificate.pod_name});
}

std::optional<KeyPair> CertificateRotation::MakeNext(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    auto pair = options_.make(options_.certificate);
    if (pair) return *std::move(pair);
    parts_.log.Write(LogLevel::kError, kInjectorScope,
                     "the certificate cannot be renewed: " + pair.error().Text());
    Sleep(options_.times.next_try, stop);
  }
  return std::nullopt;
}

Result<void> CertificateRotation::Use(KeyPair next) {
  auto facts = DescribeCertificate(next.certificate_pem);
  if (!facts) return tl::unexpected(std::move(facts).error());
  if (auto used = serving_->Replace(next); !used) return used;
  pair_ = std::move(next);
  facts_ = *std::move(facts);
  parts_.recorder.CertificateInUse(facts_.not_after);
  parts_.health.Set(kSecurityProvider, true, SentenceOf(facts_));
  parts_.log.Write(
      LogLevel::kInfo, kInjectorScope,
      "certificate: in use, " + SentenceOf(facts_) + ", SHA-256 " + facts_.fingerprint);
  return {};
}

void CertificateRotation::Publish(BundleWish wish, const std::stop_token& stop) {
  Want(std::move(wish));
  std::unique_lock lock(mutex_);
  changed_.wait(lock, stop, [this] { return published_ == number_; });
}

void CertificateRotation::Want(BundleWish wish) {
  wish_ = std::move(wish);
  ++number_;
  mutating_->Keeper().Want(wish_, number_);
  if (validating_) validating_->Keeper().Want(wish_, number_);
}

void CertificateRotation::Published(int number) {
  const std::lock_guard lock(mutex_);
  published_ = number;
  changed_.notify_all();
}

void CertificateRotation::SleepUntil(system_clock::time_point time, const std::stop_token& stop) {
  while (!stop.stop_requested() && system_clock::now() < time) {
    const auto left = std::chrono::ceil<milliseconds>(time - system_clock::now());
    Sleep(std::clamp(left, milliseconds(0), options_.times.clock), stop);
  }
}

void CertificateRotation::Sleep(milliseconds time, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, stop, time, [] { return false; });
}

}  // namespace injector::webhook
