#pragma once

// The transport on libcurl: HTTP/1.1 over TLS, connections kept, credentials of one cluster.

#include <memory>
#include <stop_token>

#include "k8s/cluster_config.h"
#include "k8s/transport.h"

namespace injector::k8s {

// Threads: safe; each call takes a connection of its own from a pool.
class CurlTransport : public Transport {
 public:
  // `config` is asked for its credentials at each call and must outlive the transport. A stop ends
  // every call within about a second, with kUnreachable.
  explicit CurlTransport(const ClusterConfig& config, std::stop_token stop = {});
  ~CurlTransport() override;

  [[nodiscard]] ApiResult<ApiReply> Send(const ApiRequest& request) override;
  [[nodiscard]] ApiResult<ApiReply> Stream(
      const ApiRequest& request, std::chrono::milliseconds silence,
      const std::function<bool(std::string_view line)>& on_line, std::stop_token stop) override;

 private:
  class Pool;
  std::unique_ptr<Pool> pool_;
};

}  // namespace injector::k8s
