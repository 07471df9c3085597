#pragma once

// A transport that tells how often which part of the API is called, and with which outcome.

#include <string_view>

#include "k8s/transport.h"
#include "webhook/cluster_recorder.h"

namespace injector::webhook {

// Threads: safe when the transport is.
class CountedTransport : public k8s::Transport {
 public:
  // Both outlive it.
  CountedTransport(k8s::Transport& transport, ClusterRecorder& recorder)
      : transport_(transport), recorder_(recorder) {}

  [[nodiscard]] k8s::ApiResult<k8s::ApiReply> Send(const k8s::ApiRequest& request) override;
  // A stream counts when the server has accepted it, or when it ends without that.
  [[nodiscard]] k8s::ApiResult<k8s::ApiReply> Stream(
      const k8s::ApiRequest& request, std::chrono::milliseconds silence,
      const std::function<bool(std::string_view line)>& on_line, std::stop_token stop) override;

 private:
  k8s::Transport& transport_;
  ClusterRecorder& recorder_;
};

struct ApiCall {
  std::string_view verb;      // as RBAC names it: get, list, watch, patch
  std::string_view resource;  // components, configurations, ...; the path when it is of no resource
};

// What a request is to RBAC. Out: views into the request.
// Source: apiserver pkg/endpoints/request RequestInfoFactory.NewRequestInfo.
[[nodiscard]] ApiCall DescribeApiCall(const k8s::ApiRequest& request);

}  // namespace injector::webhook
