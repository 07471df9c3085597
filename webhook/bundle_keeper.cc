#include "webhook/bundle_keeper.h"

#include <algorithm>
#include <utility>

#include "k8s/resource_version.h"
#include "webhook/webhook_configuration.h"

namespace injector::webhook {
namespace {

using k8s::ApiErrorKind;
using k8s::ApiResult;
using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int kMostDoublings = 16;

}  // namespace

BundleKeeper::BundleKeeper(k8s::Client& client, BundleTarget target, BundleListener& listener,
                           const BundleTimes& times)
    : client_(client),
      listener_(listener),
      times_(times),
      writer_(client, std::move(target), listener, times),
      random_(std::random_device{}()),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

BundleKeeper::~BundleKeeper() {
  Stop();
}

void BundleKeeper::Want(BundleWish wish, int number) {
  const std::lock_guard lock(mutex_);
  wish_ = std::move(wish);
  number_ = number;
  over_.request_stop();
  wake_.notify_all();
}

void BundleKeeper::Stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

ApiResult<void> BundleKeeper::Finish(const BundleWish& wish, k8s::Deadline deadline) {
  Stop();
  const auto written = writer_.Write(wish, deadline, {});
  if (!written) return tl::unexpected(written.error());
  return {};
}

void BundleKeeper::Run(const std::stop_token& stop) {
  while (const auto round = Begin(stop)) {
    const std::stop_callback forward(stop, [&round] {
      std::stop_source over = round->over;
      over.request_stop();
    });
    AwaitTurn(*round);
    const int writes = writer_.Writes();
    const auto object = writer_.Write(round->wish, k8s::Deadline::max(), round->over.get_token());
    if (writer_.Writes() != writes) NoteWrite();
    if (round->over.stop_requested()) continue;
    if (!object) {
      Lost(object.error(), *round);
      continue;
    }
    failures_ = 0;
    Settled(*round);
    Follow(*object, *round);
  }
}

std::optional<BundleKeeper::Round> BundleKeeper::Begin(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  if (!wake_.wait(lock, stop, [this] { return wish_.has_value(); }) || stop.stop_requested()) {
    return std::nullopt;
  }
  over_ = std::stop_source();
  return Round{*wish_, number_, over_};
}

void BundleKeeper::AwaitTurn(const Round& round) {
  if (std::exchange(written_number_, round.number) != round.number) {
    rewrites_ = 0;
    pause_ = milliseconds(0);
  }
  const auto left = last_write_ + pause_ - steady_clock::now();
  if (left > left.zero()) Wait(std::chrono::ceil<milliseconds>(left), round);
}

void BundleKeeper::NoteWrite() {
  const auto now = steady_clock::now();
  rewrites_ = pause_.count() > 0 && now - last_write_ < times_.calm ? rewrites_ + 1 : 0;
  last_write_ = now;
  pause_ = Doubled(times_.least_rewrite, rewrites_, times_.most_rewrite);
  if (rewrites_ == 2) listener_.Repeats(times_.most_rewrite);  // once may be somebody's hand
}

void BundleKeeper::Settled(const Round& round) {
  {
    const std::lock_guard lock(mutex_);
    if (number_ == round.number) wish_->superseded_pod.clear();
  }
  listener_.Holds(round.number);
}

void BundleKeeper::Lost(const k8s::ApiError& error, const Round& round) {
  const milliseconds wait = BackOff(failures_++, error);
  listener_.Failed(error, wait);
  Wait(wait, round);
}

milliseconds BundleKeeper::BackOff(int failures, const k8s::ApiError& error) {
  const milliseconds wait = Doubled(times_.least_backoff, failures, times_.most_backoff);
  return error.retry_after ? std::max(wait, *error.retry_after) : wait;
}

void BundleKeeper::Follow(const json& object, const Round& round) {
  const auto begin = steady_clock::now();
  if (begin < watch_from_) return Wait(times_.poll + Jittered(times_.poll / 10), round);
  auto watched = Watch(k8s::ResourceVersionOf(object), round);
  // An API server that has started since knows no version as old as that of an object left alone.
  if (!watched && watched.error().kind == ApiErrorKind::kGone) watched = Watch("", round);
  if (round.over.stop_requested() || (watched && *watched == Watched::kWrong)) return;
  // Whether the API server is there, the next read will tell.
  if (watched && *watched == Watched::kLong) {
    return Wait(times_.least_backoff + Jittered(times_.least_backoff), round);
  }
  if (!watched && watched.error().kind == ApiErrorKind::kForbidden && IsSurelyForbidden()) {
    watch_from_ = begin + times_.watch_again;
    listener_.WatchForbidden(watched.error());
    return Wait(times_.poll + Jittered(times_.poll / 10), round);
  }
  if (watched) {
    watched = k8s::ApiFail(ApiErrorKind::kUnreachable, "GET " + writer_.Target().Collection() +
                                                           ": the watch ended as soon as it began");
  }
  const milliseconds wait = BackOff(watch_failures_++, watched.error());
  if (watch_failures_ == 1) listener_.WatchLost(watched.error(), wait);
  Wait(wait, round);
}

// An API server that has just started refuses what its RBAC allows, for a moment or for seconds.
bool BundleKeeper::IsSurelyForbidden() {
  constexpr int kSureAfter = 6;  // with the pauses between them, 8 to 16 s
  if (has_watched_ && ++forbidden_ < kSureAfter) return false;
  forbidden_ = 0;
  return true;
}

void BundleKeeper::NoteLasting() {
  if (std::exchange(watch_failures_, 0) > 0) listener_.WatchLasts();
}

// Errors: of a watch that did not last; how others end, they have to some day.
ApiResult<BundleKeeper::Watched> BundleKeeper::Watch(const std::string& from, const Round& round) {
  const auto begin = steady_clock::now();
  bool opened = false;
  const auto lasts = [&] { return opened && steady_clock::now() - begin >= times_.shortest_watch; };
  k8s::WatchOptions options;
  options.resource_version = from;
  options.on_open = [&] {
    opened = has_watched_ = true;
    forbidden_ = 0;
  };
  const BundleTarget& target = writer_.Target();
  BundleWish wish = round.wish;
  wish.superseded_pod.clear();
  bool right = true;
  const auto watched = client_.Watch(
      target.Collection() + "?fieldSelector=metadata.name%3D" + target.name, options,
      [&](std::string_view type, const json& seen) {
        if (lasts()) NoteLasting();
        return right = IsAsWished(type, seen, wish);
      },
      round.over.get_token());
  const bool lasted = lasts();
  if (lasted) NoteLasting();
  if (!right) return Watched::kWrong;
  if (lasted) return Watched::kLong;
  if (!watched) return tl::unexpected(watched.error());
  return Watched::kShort;
}

bool BundleKeeper::IsAsWished(std::string_view event, const json& object,
                              const BundleWish& wish) const {
  if (event == "BOOKMARK") return true;
  if (event == "DELETED") return false;
  const auto change =
      ChangeBundles(object, writer_.Target().service, wish, std::chrono::system_clock::now());
  return change && !*change;
}

void BundleKeeper::Wait(milliseconds time, const Round& round) {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, round.over.get_token(), time, [] { return false; });
}

// `least`, doubled so often, up to `most`; of that a half at least.
milliseconds BundleKeeper::Doubled(milliseconds least, int times, milliseconds most) {
  const milliseconds doubled = least * (1LL << std::min(times, kMostDoublings));
  const milliseconds half = std::min(doubled, most) / 2;
  return half + Jittered(half);
}

milliseconds BundleKeeper::Jittered(milliseconds most) {
  return milliseconds(std::uniform_int_distribution<long>(0, most.count())(random_));
}

}  // namespace injector::webhook
