#pragma once

// A cluster's configuration as a test sets it.

#include <string>

#include "k8s/cluster_config.h"

namespace injector::test {

struct FixedCluster : k8s::ClusterConfig {
  [[nodiscard]] const std::string& Server() const override { return server; }
  [[nodiscard]] const std::string& ProxyUrl() const override { return proxy_url; }
  [[nodiscard]] const std::string& TlsServerName() const override { return tls_server_name; }
  [[nodiscard]] k8s::ApiResult<k8s::Credentials> Current() const override {
    if (fault.empty()) return credentials;
    return k8s::ApiFail(k8s::ApiErrorKind::kConfiguration, fault);
  }
  void Refused() const override { ++refused; }

  std::string server;
  std::string proxy_url;
  std::string tls_server_name;
  k8s::Credentials credentials;
  std::string fault;  // "": there are credentials
  mutable int refused = 0;
};

}  // namespace injector::test
