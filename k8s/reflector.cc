#include "k8s/reflector.h"

#include <algorithm>
#include <utility>

#include "k8s/pause.h"
#include "k8s/resource_version.h"

namespace injector::k8s {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

// A server that knows WatchList sends its objects at once; one that does not know the parameter
// may say nothing at all.
constexpr milliseconds kWatchListSilence{10'000};

// A watch that ends sooner, whatever it sent, would be asked for again and again.
constexpr milliseconds kShortestWatch{1'000};

// With the least back-off they take up to five seconds.
constexpr int kForbiddenForSure = 3;

bool EndsInitialEvents(const json& bookmark) {
  static const json::json_pointer kAnnotation("/metadata/annotations/k8s.io~1initial-events-end");
  return bookmark.is_object() && bookmark.contains(kAnnotation) &&
         bookmark.at(kAnnotation) == "true";
}

// Such a state cannot be watched from; only another list helps.
bool NeedsList(const ApiError& error) {
  return error.kind == ApiErrorKind::kGone ||
         error.message.find("Too large resource version") != std::string::npos;
}

}  // namespace

Reflector::Reflector(Client& client, ReflectorSink& sink, ReflectorOptions options,
                     std::uint64_t seed)
    : client_(client), sink_(sink), options_(std::move(options)), random_(seed) {}

ApiResult<void> Reflector::Run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const bool listing = resource_version_.empty();
    auto outcome = listing ? Synchronise(stop) : WatchOn(stop);
    if (outcome || stop.stop_requested()) continue;
    const bool forbidden = !listing && outcome.error().kind == ApiErrorKind::kForbidden;
    if (forbidden && IsForbiddenForSure()) return outcome;
    if (!listing && NeedsList(outcome.error())) {
      resource_version_.clear();
      // The server is well, and what is in memory may be old: listed soon, unless that was no help.
      failures_ = lost_states_++;
    }
    Lost(outcome.error(), stop);
  }
  return {};
}

// Counts a watch that is forbidden.
bool Reflector::IsForbiddenForSure() {
  if (forbidden_ == 0) failures_ = 0;  // the server answers again: it is asked again soon
  ++forbidden_;
  return !watched_ || forbidden_ >= kForbiddenForSure;
}

// Errors: also when the watch that carried the first objects ends with a fault later.
ApiResult<void> Reflector::Synchronise(const std::stop_token& stop) {
  sink_.Relisting();
  if (!watch_list_) return List();
  auto outcome = WatchList(stop);
  if (!resource_version_.empty()) return outcome;
  // Declined, or not understood: the plain way, from now on.
  watch_list_ = false;
  return stop.stop_requested() ? std::move(outcome) : List();
}

ApiResult<void> Reflector::List() {
  sink_.Begin();
  auto version = client_.ListEach(options_.path, options_.page_size,
                                  std::chrono::steady_clock::now() + options_.list_deadline,
                                  [this](json object) { sink_.Add(std::move(object)); });
  if (!version) return tl::unexpected(version.error());
  if (version->empty()) {
    return ApiFail(ApiErrorKind::kBadReply,
                   "GET " + options_.path + ": the list has no metadata.resourceVersion");
  }
  failures_ = 0;
  resource_version_ = *std::move(version);
  sink_.Commit();
  sink_.Alive();
  return {};
}

ApiResult<void> Reflector::WatchList(const std::stop_token& stop) {
  WatchOptions options;
  options.send_initial_events = true;
  options.silence = std::min(options_.silence, kWatchListSilence);
  const auto too_late = std::chrono::steady_clock::now() + options_.list_deadline;
  sink_.Begin();
  const auto on_event = [&](std::string_view type, json object) {
    if (type == "BOOKMARK") {
      if (EndsInitialEvents(object)) resource_version_ = ResourceVersionOf(object);
      return resource_version_.empty();
    }
    sink_.Add(std::move(object));
    return std::chrono::steady_clock::now() < too_late;
  };
  auto outcome = client_.Watch(options_.path, options, on_event, stop);
  if (resource_version_.empty()) return outcome;
  watched_ = true;
  failures_ = 0;
  sink_.Commit();
  sink_.Alive();
  return {};
}

ApiResult<void> Reflector::WatchOn(const std::stop_token& stop) {
  WatchOptions options;
  options.resource_version = resource_version_;
  options.silence = options_.silence;
  bool opened = false;
  options.on_open = [&] {
    opened = watched_ = true;
    forbidden_ = 0;
    sink_.Alive();
  };
  sink_.Connecting();
  const auto began = std::chrono::steady_clock::now();
  auto outcome = client_.Watch(
      options_.path, options,
      [&](std::string_view type, json object) {
        OnEvent(type, std::move(object));
        return true;
      },
      stop);
  const bool at_once = std::chrono::steady_clock::now() - began < kShortestWatch;
  if (opened && !at_once) failures_ = lost_states_ = 0;
  if (!outcome || !at_once) return outcome;
  return ApiFail(ApiErrorKind::kUnreachable,
                 "GET " + options_.path + ": the watch ended as soon as it began");
}

// The version moves on last: if the sink throws, the event comes again.
void Reflector::OnEvent(std::string_view type, json object) {
  std::string version = ResourceVersionOf(object);
  if (type == "DELETED") {
    sink_.Remove(std::move(object));
  } else if (type == "ADDED" || type == "MODIFIED") {
    sink_.Put(std::move(object));
  }
  if (!version.empty()) resource_version_ = std::move(version);
  sink_.Alive();
}

void Reflector::Lost(const ApiError& error, const std::stop_token& stop) {
  constexpr int kMostDoublings = 6;
  const auto backoff = std::min(
      options_.most_backoff, options_.least_backoff * (1 << std::min(failures_, kMostDoublings)));
  std::uniform_int_distribution<std::int64_t> jitter(0, backoff.count());
  milliseconds wait = backoff + milliseconds(jitter(random_));
  if (error.retry_after) wait = std::max(wait, *error.retry_after);
  ++failures_;
  sink_.Failed(error, wait);
  Pause(wait, stop);
}

}  // namespace injector::k8s
