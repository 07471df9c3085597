#pragma once

// What the offline commands ask of a cluster (--from-cluster): Components, the Configuration
// daprsystem, the server's version. Find the cluster, then ask.

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "k8s/client.h"
#include "k8s/cluster_config.h"
#include "webhook/cli/environment.h"
#include "webhook/result.h"

namespace injector::webhook {

// How to find the cluster.
struct ClusterAccess {
  std::vector<std::string>
      kubeconfigs;           // as in KUBECONFIG: of entries of one name the first counts
  bool is_named = false;     // by flag or KUBECONFIG; else a pod's own cluster may stand in
  std::string context;       // "": the kubeconfig's current one
  bool asks_version = true;  // false: --kubernetes-version says it
  std::string control_plane_namespace;
  Environment environment;  // of a process in a pod
};

// Not thread-safe. Every call has 10 s.
class ClusterSource {
 public:
  // Reads the kubeconfig files, or the service account of the pod that this runs in.
  // Errors: kCluster, naming file and field.
  [[nodiscard]] static Result<std::unique_ptr<ClusterSource>> Find(const ClusterAccess& access);

  // That of the context, else "default".
  [[nodiscard]] const std::string& DefaultNamespace() const { return default_namespace_; }
  // "cluster https://127.0.0.1:6443", for messages.
  [[nodiscard]] const std::string& Name() const { return name_; }

  // Errors of these: kCluster, with the missing RBAC rule when the server forbids it, and a word
  // on the custom resource definition when that is not installed.
  // Blocks: on the network; an exec credential plugin may take longer.

  // The number behind the first dot of the server's version.
  [[nodiscard]] Result<int> ServerMinor();
  // In: `namespace_name` is a valid one.
  // Out: whole objects, with apiVersion, kind and namespace.
  [[nodiscard]] Result<std::vector<nlohmann::ordered_json>> Components(
      const std::string& namespace_name);
  // Out: nothing when the namespace has none.
  [[nodiscard]] Result<std::optional<nlohmann::ordered_json>> DaprSystem(
      const std::string& namespace_name);

 private:
  ClusterSource(std::unique_ptr<k8s::ClusterConfig> config, std::string default_namespace);
  [[nodiscard]] tl::unexpected<Error> Complain(const k8s::ApiError& error,
                                               const std::string& rule) const;

  const std::unique_ptr<k8s::ClusterConfig> config_;
  const std::string default_namespace_;
  const std::string name_;
  const std::unique_ptr<k8s::Transport> transport_;
  k8s::Client client_;
};

}  // namespace injector::webhook
