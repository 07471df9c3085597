#include "webhook/cluster_components.h"

#include <algorithm>
#include <utility>

#include "patch/names.h"
#include "webhook/components_api.h"

namespace injector::webhook {
namespace {

using patch::ComponentLook;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

bool Holds(const patch::ComponentList& list, const std::string& name) {
  return std::any_of(list.begin(), list.end(),
                     [&](const auto& component) { return component->name == name; });
}

bool HoldsAll(const patch::ComponentList& list, const std::vector<std::string>& required) {
  return std::all_of(required.begin(), required.end(),
                     [&](const std::string& name) { return Holds(list, name); });
}

tl::unexpected<patch::Error> Unavailable(std::string why) {
  return patch::Fail(patch::ErrorKind::kUnavailable, "", std::move(why));
}

// Leaves time for the plan and the way back: half a second, or a fifth of a short time limit.
steady_clock::time_point LookUntil(steady_clock::time_point deadline) {
  constexpr milliseconds kReserve{500};
  const steady_clock::duration fifth = (deadline - steady_clock::now()) / 5;
  return deadline - std::clamp<steady_clock::duration>(fifth, milliseconds(0), kReserve);
}

milliseconds ListOnlyExpiry(Freshness freshness) {
  switch (freshness) {
    case Freshness::kStrict:
      return milliseconds(0);
    case Freshness::kAuto:
      return std::chrono::seconds(1);
    case Freshness::kCached:
      return std::chrono::seconds(30);
  }
  return milliseconds(0);
}

}  // namespace

ClusterComponents::ClusterComponents(std::vector<const ComponentFeed*> feeds, LiveLists& lists,
                                     Freshness freshness, ClusterRecorder& recorder)
    : feeds_(std::move(feeds)), lists_(lists), freshness_(freshness), recorder_(recorder) {}

const ComponentFeed* ClusterComponents::FeedOf(std::string_view namespace_name) const {
  const auto found = std::find_if(feeds_.begin(), feeds_.end(), [&](const ComponentFeed* feed) {
    return feed->NamespaceName().empty() || feed->NamespaceName() == namespace_name;
  });
  return found == feeds_.end() ? nullptr : *found;
}

bool ClusterComponents::NeedsLive(const patch::ComponentList& list,
                                  const Question& question) const {
  if (freshness_ == Freshness::kStrict) return true;
  if (freshness_ == Freshness::kCached) return false;
  return list.empty() || !question.feed.IsFresh() || !HoldsAll(list, question.required);
}

patch::Result<ComponentLook> ClusterComponents::Components(std::string_view namespace_name,
                                                           const std::vector<std::string>& required,
                                                           steady_clock::time_point deadline) {
  // Anybody can send a review, and its namespace becomes part of a path that is asked for with our
  // credentials; an empty one would stand for the whole cluster.
  if (!patch::IsDnsLabel(namespace_name)) {
    return Unavailable("the review's namespace is no name that a namespace can have");
  }
  const ComponentFeed* feed = FeedOf(namespace_name);
  if (feed == nullptr) {
    return Unavailable("the injector does not look at Components of namespace " +
                       std::string(namespace_name) + ": add it to --namespaces");
  }
  const Question question{namespace_name, required, LookUntil(deadline), *feed};
  if (feed->IsListOnly()) return LookListOnly(question);
  const bool synced = feed->IsSynced();  // before the look: a first picture may come meanwhile
  auto list = feed->Store().Find(namespace_name);
  if (NeedsLive(*list, question)) return LookLive(question);
  if (synced) return ComponentLook{std::move(list), ""};
  const std::string trouble = feed->Trouble();
  return Unavailable("the Components have not been read yet" +
                     (trouble.empty() ? "; try again" : ": " + trouble));
}

patch::Result<ComponentLook> ClusterComponents::LookLive(const Question& question) {
  auto live = lists_.Get(question.namespace_name, question.deadline);
  if (live) return ComponentLook{*std::move(live), ""};
  return FallBack(question, live.error(), question.feed.Store().Find(question.namespace_name));
}

patch::Result<ComponentLook> ClusterComponents::LookListOnly(const Question& question) {
  auto recent = lists_.Recent(question.namespace_name, ListOnlyExpiry(freshness_));
  const bool serves =
      recent != nullptr && (freshness_ == Freshness::kCached ||
                            (!recent->empty() && HoldsAll(*recent, question.required)));
  if (serves) return ComponentLook{std::move(recent), ""};
  auto live = lists_.Get(question.namespace_name, question.deadline);
  if (live) return ComponentLook{*std::move(live), ""};
  // The newer of the two: what was listed, or the picture from before the watch was forbidden.
  auto memory = lists_.LastGood(question.namespace_name, question.feed.HeardAt());
  if (memory == nullptr) memory = question.feed.Store().Find(question.namespace_name);
  return FallBack(question, live.error(), std::move(memory));
}

patch::Result<ComponentLook> ClusterComponents::FallBack(const Question& question,
                                                         const k8s::ApiError& error,
                                                         SharedComponents memory) {
  const std::string cause = ExplainComponentsError(error, "list", question.feed.NamespaceName());
  const bool may_serve = freshness_ == Freshness::kAuto && question.required.empty() &&
                         memory != nullptr && !memory->empty();
  if (!may_serve) {
    return Unavailable(cause + (PassesByItself(error) ? "; a pod's controller tries again" : ""));
  }
  recorder_.ServedStale();
  return ComponentLook{std::move(memory), cause};
}

}  // namespace injector::webhook
