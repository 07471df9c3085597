#include "webhook/component_feed.h"

#include <utility>

#include "k8s/pause.h"
#include "webhook/components_api.h"

namespace injector::webhook {
namespace {

using k8s::ApiErrorKind;
using std::chrono::milliseconds;

// Bookmarks come every minute: a watch that says nothing for longer may be dead.
constexpr std::chrono::seconds kSilence{90};

std::string Counted(std::size_t components) {
  return std::to_string(components) + (components == 1 ? " Component" : " Components");
}

std::string Seconds(milliseconds time) {
  const auto tenths = (time.count() + 99) / 100;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

}  // namespace

ComponentFeed::ComponentFeed(std::string namespace_name, ClusterRecorder& recorder,
                             FeedListener listener, SteadyClock clock)
    : namespace_name_(std::move(namespace_name)),
      recorder_(recorder),
      listener_(std::move(listener)),
      clock_(std::move(clock)) {}

void ComponentFeed::Run(k8s::Client& client, k8s::ReflectorOptions options, std::uint64_t seed,
                        const std::stop_token& stop, milliseconds ask_again) {
  options.path = ComponentsPath(namespace_name_);
  k8s::Reflector reflector(client, *this, std::move(options), seed);
  while (!stop.stop_requested()) {
    const auto outcome = reflector.Run(stop);
    if (outcome) return;
    EnterListOnly(outcome.error());
    k8s::Pause(ask_again, stop);
  }
}

bool ComponentFeed::IsFresh() const {
  return IsSynced() && connected_.load() && Age() <= kSilence;
}

std::chrono::steady_clock::time_point ComponentFeed::HeardAt() const {
  return std::chrono::steady_clock::time_point(std::chrono::nanoseconds(alive_ns_.load()));
}

std::chrono::nanoseconds ComponentFeed::Age() const {
  if (!IsSynced() || IsListOnly()) return std::chrono::nanoseconds(0);
  return clock_() - HeardAt();
}

std::string ComponentFeed::Trouble() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

void ComponentFeed::Commit() {
  store_.Commit();
  const bool first = !synced_;
  const bool again = told_relisting_;
  alive_ns_ = std::chrono::nanoseconds(clock_().time_since_epoch()).count();
  synced_ = true;
  answered_ = true;
  if (first || again) Recover(Counted(store_.Size()) + (first ? " read" : " read again"));
}

void ComponentFeed::Connecting() {
  connected_ = false;
  watching_ = true;
}

void ComponentFeed::Alive() {
  alive_ns_ = std::chrono::nanoseconds(clock_().time_since_epoch()).count();
  connected_ = true;
  if (list_only_.exchange(false)) return Recover("WATCH is allowed now: watching");
  if (failing_) Recover("recovered, watching again: " + Counted(store_.Size()));
}

void ComponentFeed::Recover(std::string message) {
  failing_ = false;
  told_relisting_ = false;
  told_.reset();
  SetTrouble("");
  Tell(LogLevel::kInfo, std::move(message));
}

void ComponentFeed::Failed(const k8s::ApiError& error, milliseconds wait) {
  connected_ = false;
  failing_ = true;
  recorder_.CacheFailed();
  const bool new_answer = !answered_ && (error.kind == ApiErrorKind::kForbidden ||
                                         error.kind == ApiErrorKind::kNotFound);
  answered_ = answered_ || new_answer;
  // A watch that is forbidden for good does not come here: whether a rule is missing is not known.
  const bool may_pass = watching_ && error.kind == ApiErrorKind::kForbidden;
  const std::string trouble =
      may_pass ? error.message +
                     "; an API server that has just started answers so until it has read its roles"
               : ExplainComponentsError(error, "list", namespace_name_);
  SetTrouble(trouble);
  const bool told = told_ == error.kind && !new_answer;
  told_ = error.kind;
  const LogLevel level = may_pass || PassesByItself(error) ? LogLevel::kWarning : LogLevel::kError;
  const std::string meanwhile = synced_ ? "the last picture stays; " : "";
  Tell(told ? LogLevel::kDebug : level, trouble + "; " + meanwhile + "next try in " +
                                            Seconds(wait) + ", and so on until it succeeds");
}

void ComponentFeed::Relisting() {
  watching_ = false;
  recorder_.CacheRelisted();
  if (!synced_ || told_relisting_) return;
  told_relisting_ = true;
  Tell(LogLevel::kInfo, "listing again, since the watch could not go on");
}

void ComponentFeed::EnterListOnly(const k8s::ApiError& error) {
  connected_ = false;
  if (list_only_.exchange(true)) return;
  recorder_.CacheFailed();
  SetTrouble(ExplainComponentsError(error, "watch", namespace_name_) +
             "; until then Components are listed when a pod asks for them");
  Tell(LogLevel::kWarning, Trouble());
}

void ComponentFeed::SetTrouble(std::string trouble) {
  const std::lock_guard lock(mutex_);
  trouble_ = std::move(trouble);
}

void ComponentFeed::Tell(LogLevel level, std::string message) {
  listener_({level, std::move(message), answered_, Trouble()});
}

}  // namespace injector::webhook
