#include "webhook/large_requests.h"

namespace injector::webhook {

bool LargeRequests::Begin(Seat& seat, std::size_t size, TimePoint now) {
  if (size <= kUsualBytes) return true;
  const std::lock_guard lock(mutex_);
  if (!waiting_.empty() || !Fits(size)) {
    waiting_.push_back({&seat, size, now});
    return false;
  }
  bytes_ += size;
  return true;
}

bool LargeRequests::End(std::size_t size) {
  if (size <= kUsualBytes) return false;
  const std::lock_guard lock(mutex_);
  bytes_ -= size;
  return FirstFits();
}

Seat* LargeRequests::Next() {
  const std::lock_guard lock(mutex_);
  if (!FirstFits()) return nullptr;
  const Waiting next = waiting_.front();
  waiting_.pop_front();
  bytes_ += next.size;
  return next.seat;
}

bool LargeRequests::HasNext() const {
  const std::lock_guard lock(mutex_);
  return FirstFits();
}

Seat* LargeRequests::NextLate(TimePoint limit) {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty() || waiting_.front().since > limit) return nullptr;
  Seat* const late = waiting_.front().seat;
  waiting_.pop_front();
  return late;
}

TimePoint LargeRequests::WaitsSince() const {
  const std::lock_guard lock(mutex_);
  return waiting_.empty() ? TimePoint::max() : waiting_.front().since;
}

bool LargeRequests::FirstFits() const {
  return !waiting_.empty() && Fits(waiting_.front().size);
}

bool LargeRequests::Fits(std::size_t size) const {
  return bytes_ == 0 || bytes_ + size <= kMostBytes;
}

}  // namespace injector::webhook
