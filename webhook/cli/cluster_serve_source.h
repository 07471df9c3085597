#pragma once

// A cluster as the source of a running webhook: Components by list and watch, mTLS and version of
// the server asked in the background, trust anchors followed on disk.

#include <memory>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

#include "k8s/cluster_config.h"
#include "webhook/allowed_uids.h"
#include "webhook/cli/serve_context.h"
#include "webhook/cli/serve_source.h"
#include "webhook/cluster_components.h"
#include "webhook/component_feed.h"
#include "webhook/control_plane_watch.h"
#include "webhook/counted_transport.h"
#include "webhook/live_lists.h"
#include "webhook/resource_watch.h"
#include "webhook/surroundings.h"

namespace injector::webhook {

// Its checks: kControlPlane, and kComponents with the namespace behind it where one is watched.
inline constexpr std::string_view kControlPlane = "control-plane";
inline constexpr std::string_view kComponents = "components";
// Its note, no check: Dapr's own injector answers pods too.
inline constexpr std::string_view kOtherInjector = "other-injector";

class ClusterServeSource : public ServeSource {
 public:
  // Finds the cluster: that of the pod that this runs in, else by kubeconfig. Asks it nothing yet.
  // Errors: kCluster, naming file and field.
  [[nodiscard]] static Result<std::unique_ptr<ClusterServeSource>> Find(
      const ServeContext& context);
  ~ClusterServeSource() override;

  // Out: never fails; the checks are ready once the server has answered.
  [[nodiscard]] Result<void> Start() override;
  [[nodiscard]] ComponentSource& Components() override { return components_; }
  [[nodiscard]] const SurroundingsSource& Surroundings() const override { return surroundings_; }
  [[nodiscard]] const AllowedUids* Uids() const override { return &uids_; }
  [[nodiscard]] k8s::Client* Api() override { return &client_; }

 private:
  using Feeds = std::vector<std::unique_ptr<ComponentFeed>>;

  ClusterServeSource(const ServeContext& context, std::unique_ptr<k8s::ClusterConfig> config);
  [[nodiscard]] Feeds MakeFeeds();
  void StartFeed(ComponentFeed& feed);
  void StartControlPlane();
  void AddGauges();
  void Note(const std::string& check, const FeedReport& report);
  void Tell(const ControlPlaneReport& report);

  const ServeContext context_;
  const std::unique_ptr<k8s::ClusterConfig> config_;
  std::stop_source calls_;  // ends the calls that are under way
  const std::unique_ptr<k8s::Transport> transport_;
  CountedTransport counted_;
  k8s::Client client_;
  FileSurroundings surroundings_;
  AllowedUids uids_;
  const Feeds feeds_;
  LiveLists lists_;
  ClusterComponents components_;
  std::optional<ResourceWatch> anchors_watch_;
  std::vector<std::jthread> threads_;
};

}  // namespace injector::webhook
