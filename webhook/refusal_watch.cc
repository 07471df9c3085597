#include "webhook/refusal_watch.h"

#include <utility>

namespace injector::webhook {
namespace {

constexpr int kOverload = 503;

}  // namespace

void RefusalWatch::Note(int http_status, std::string_view text) {
  if (observer_ == nullptr) return;
  observer_->Refused(http_status);
  if (http_status != kOverload) return;
  if (!overloaded_) {
    const std::lock_guard lock(mutex_);
    why_ = text;
  }
  ++refused_;
  if (!overloaded_) wake_();
}

void RefusalWatch::Look(TimePoint now) {
  const bool calm = now >= calm_at_ && refused_ == seen_;
  if (calm) overloaded_ = false;  // from here on a refusal asks for the next look
  const std::uint64_t refused = refused_;
  if (refused != seen_) {
    if (!overloaded_.exchange(true) && calm_at_ == TimePoint::max()) {
      before_ = seen_;
      const std::lock_guard lock(mutex_);
      observer_->OverloadBegan(why_);
    }
    seen_ = refused;
    calm_at_ = now + kCalm;
  } else if (calm) {
    calm_at_ = TimePoint::max();
    observer_->OverloadEnded(refused - before_);
  }
}

}  // namespace injector::webhook
