#include "webhook/live_lists.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "webhook/component_store.h"
#include "webhook/components_api.h"

namespace injector::webhook {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int kPageSize = 50;
constexpr std::size_t kMaxLines = 1024;  // namespaces remembered
constexpr milliseconds kLeastPause{50};
constexpr milliseconds kMostPause{1'000};

// Failures of the moment: the same call may well succeed.
bool MayPass(const k8s::ApiError& error) {
  return error.kind == k8s::ApiErrorKind::kTooManyRequests ||
         error.kind == k8s::ApiErrorKind::kUnreachable || error.kind == k8s::ApiErrorKind::kGone ||
         error.http_status == 503 || error.http_status == 504;
}

// Whether the one who listed gave up for lack of time, and before `deadline` it may be asked for
// again: what may pass it would have tried again itself.
bool WasCutShort(const LiveList& answer, k8s::Deadline deadline) {
  if (answer) return false;
  const k8s::ApiError& error = answer.error();
  const auto pause = std::max(kLeastPause, error.retry_after.value_or(milliseconds(0)));
  return (error.kind == k8s::ApiErrorKind::kTimeout || MayPass(error)) &&
         steady_clock::now() + pause < deadline;
}

tl::unexpected<k8s::ApiError> TooLate(std::string_view namespace_name) {
  return k8s::ApiFail(k8s::ApiErrorKind::kTimeout,
                      "GET " + ComponentsPath(namespace_name) + ": no answer in time");
}

// Does something when a scope is left, be it by a throw.
template <class Action>
class AtEnd {
 public:
  explicit AtEnd(Action action) : action_(std::move(action)) {}
  ~AtEnd() { action_(); }
  AtEnd(const AtEnd&) = delete;
  AtEnd& operator=(const AtEnd&) = delete;

 private:
  Action action_;
};

}  // namespace

std::shared_ptr<LiveLists::Line> LiveLists::LineOf(std::string_view namespace_name) {
  const std::lock_guard lock(mutex_);
  const auto found = lines_.find(namespace_name);
  if (found != lines_.end()) return found->second;
  if (lines_.size() >= kMaxLines) lines_.clear();  // who waits holds its line
  return lines_.emplace(namespace_name, std::make_shared<Line>()).first->second;
}

LiveList LiveLists::Get(std::string_view namespace_name, k8s::Deadline deadline) {
  const auto line = LineOf(namespace_name);
  std::unique_lock lock(line->mutex);
  std::uint64_t wanted = line->started + 1;  // the first that starts from now on
  while (true) {
    if (line->started == line->finished) return Run(*line, lock, namespace_name, deadline);
    if (line->changed.wait_until(lock, deadline) == std::cv_status::timeout) {
      return TooLate(namespace_name);
    }
    if (line->finished < wanted) continue;
    if (!WasCutShort(line->answer, deadline)) return line->answer;
    wanted = line->finished + 1;  // if one runs already, it began after this call too
  }
}

SharedComponents LiveLists::Recent(std::string_view namespace_name, steady_clock::duration expiry) {
  const auto line = LineOf(namespace_name);
  const std::lock_guard lock(line->mutex);
  const bool recent = line->good && clock_() - line->good_began < expiry;
  return recent ? line->good : nullptr;
}

SharedComponents LiveLists::LastGood(std::string_view namespace_name,
                                     steady_clock::time_point since) {
  const auto line = LineOf(namespace_name);
  const std::lock_guard lock(line->mutex);
  return line->good_began >= since ? line->good : nullptr;
}

LiveList LiveLists::Run(Line& line, std::unique_lock<std::mutex>& lock,
                        std::string_view namespace_name, k8s::Deadline deadline) {
  // What those who wait are told if the LIST throws.
  LiveList answer = k8s::ApiFail(k8s::ApiErrorKind::kUnreachable,
                                 "GET " + ComponentsPath(namespace_name) + ": broken off");
  const auto began = clock_();
  ++line.started;
  lock.unlock();
  {
    // Else the line would wait for ever for the one that threw.
    const AtEnd finish([&] {
      lock.lock();
      ++line.finished;
      if (answer) {
        line.good = *answer;
        line.good_began = began;
      }
      line.answer = std::move(answer);
      line.changed.notify_all();
    });
    answer = Ask(namespace_name, deadline);
    recorder_.LiveListed(answer.has_value());
  }
  return line.answer;
}

LiveList LiveLists::Ask(std::string_view namespace_name, k8s::Deadline deadline) {
  milliseconds pause = kLeastPause;
  while (true) {
    ListedComponents listed;
    const auto list = client_.ListEach(ComponentsPath(namespace_name), kPageSize, deadline,
                                       [&](const nlohmann::json& object) { listed.Add(object); });
    if (list) return listed.List();
    const auto wait = std::max(pause, list.error().retry_after.value_or(milliseconds(0)));
    const bool again = MayPass(list.error()) && steady_clock::now() + wait < deadline;
    if (!again) return tl::unexpected(list.error());
    std::this_thread::sleep_for(wait);
    pause = std::min(kMostPause, pause * 2);
  }
}

}  // namespace injector::webhook
