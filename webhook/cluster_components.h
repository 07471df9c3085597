#pragma once

// The cluster as a source of Components: what a feed holds in memory, and a live LIST where that
// cannot be sure.

#include <chrono>
#include <string>
#include <vector>

#include "webhook/cluster_recorder.h"
#include "webhook/component_feed.h"
#include "webhook/component_source.h"
#include "webhook/freshness.h"
#include "webhook/live_lists.h"

namespace injector::webhook {

// Threads: safe.
class ClusterComponents : public ComponentSource {
 public:
  // In: one feed of the whole cluster, or one for each namespace that may be looked at. All of it
  // outlives the source.
  ClusterComponents(std::vector<const ComponentFeed*> feeds, LiveLists& lists, Freshness freshness,
                    ClusterRecorder& recorder);

  // From memory; live where `freshness` wants it. A feed without WATCH: each namespace is listed
  // when a pod asks, and the answer kept for 1 s (auto), not at all (strict), 30 s (cached).
  // Out: with a doubt when a live LIST failed and memory answers (auto, with Components there and
  // none of them required).
  // Errors: kUnavailable, with the cause and what to do.
  // Blocks: while a live LIST is under way.
  [[nodiscard]] patch::Result<patch::ComponentLook> Components(
      std::string_view namespace_name, const std::vector<std::string>& required,
      std::chrono::steady_clock::time_point deadline) override;

 private:
  struct Question {
    std::string_view namespace_name;
    const std::vector<std::string>& required;
    k8s::Deadline deadline;
    const ComponentFeed& feed;
  };

  [[nodiscard]] const ComponentFeed* FeedOf(std::string_view namespace_name) const;
  [[nodiscard]] bool NeedsLive(const patch::ComponentList& list, const Question& question) const;
  [[nodiscard]] patch::Result<patch::ComponentLook> LookLive(const Question& question);
  [[nodiscard]] patch::Result<patch::ComponentLook> LookListOnly(const Question& question);
  // The live LIST failed: what memory holds, or why not.
  [[nodiscard]] patch::Result<patch::ComponentLook> FallBack(const Question& question,
                                                             const k8s::ApiError& error,
                                                             SharedComponents memory);

  const std::vector<const ComponentFeed*> feeds_;
  LiveLists& lists_;
  const Freshness freshness_;
  ClusterRecorder& recorder_;
};

}  // namespace injector::webhook
