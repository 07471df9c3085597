#pragma once

// The configuration of a process that runs in a pod of the cluster it talks to.
// Source: client-go rest.InClusterConfig.

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "k8s/cluster_config.h"
#include "k8s/followed_file.h"

namespace injector::k8s {

class InClusterConfig : public ClusterConfig {
 public:
  static constexpr const char* kFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

  // Null when this is no pod: KUBERNETES_SERVICE_HOST or _PORT is missing, or there is no token.
  // In: `environment` gives a variable's value; `folder` holds token and ca.crt.
  [[nodiscard]] static std::unique_ptr<InClusterConfig> Find(
      const std::function<std::optional<std::string>(const char*)>& environment,
      const std::string& folder = kFolder);

  [[nodiscard]] const std::string& Server() const override { return server_; }
  [[nodiscard]] const std::string& ProxyUrl() const override { return none_; }
  [[nodiscard]] const std::string& TlsServerName() const override { return none_; }
  [[nodiscard]] ApiResult<Credentials> Current() const override;
  void Refused() const override { token_.Forget(); }

 private:
  InClusterConfig(std::string server, const std::string& folder);

  const std::string server_;
  const std::string none_;
  mutable FollowedFile token_;
  mutable FollowedFile ca_;
};

}  // namespace injector::k8s
