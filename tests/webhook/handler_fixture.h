#pragma once

// The handler of /mutate with everything around it scripted.

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "tests/support/recording_recorder.h"
#include "webhook/handler.h"

namespace injector::test {

class ScriptedComponents : public webhook::ComponentSource {
 public:
  patch::Result<patch::ComponentLook> Components(
      std::string_view namespace_name, const std::vector<std::string>&,
      std::chrono::steady_clock::time_point deadline) override {
    asked_for = namespace_name;
    asked_until = deadline;
    return answer();
  }

  std::function<patch::Result<patch::ComponentLook>()> answer = [] {
    return patch::ComponentLook{std::make_shared<const patch::ComponentList>()};
  };
  std::string asked_for = "nothing";
  std::chrono::steady_clock::time_point asked_until;
};

class ScriptedSurroundings : public webhook::SurroundingsSource {
 public:
  ScriptedSurroundings() { surroundings.trust_anchors = "PEM"; }
  std::shared_ptr<const patch::Surroundings> Current() const override {
    return std::make_shared<const patch::Surroundings>(surroundings);
  }

  patch::Surroundings surroundings;
};

class HandlerTest : public testing::Test {
 protected:
  HandlerTest() {
    settings_.control_plane_namespace = "dapr-system";
    settings_.sidecar_image = "daprd:1";
  }

  webhook::HttpReply Send(webhook::HttpRequest request) {
    webhook::AdmissionHandler handler(
        {settings_, callers_, components_, surroundings_, recorder_, log_});
    webhook::HttpReply reply = handler.Handle(request);
    if (reply.written) reply.written(sent_);
    return reply;
  }

  webhook::HttpReply Post(std::string_view body) {
    return Send({.method = "POST",
                 .path = "/mutate",
                 .content_type = "application/json",
                 .content_encoding = "",
                 .body = body,
                 .deadline = deadline_});
  }

  // A review of the creation of `pod` by the ReplicaSet controller.
  static std::string ReviewOf(std::string_view pod) {
    return ReviewBy("system:serviceaccount:kube-system:replicaset-controller", pod);
  }
  static std::string ReviewBy(std::string_view user, std::string_view pod) {
    return R"({"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"u-1",)"
           R"("kind":{"group":"","version":"v1","kind":"Pod"},"namespace":"shop",)"
           R"("operation":"CREATE","userInfo":{"username":")" +
           std::string(user) + R"("},"object":)" + std::string(pod) + "}}";
  }

  static constexpr std::string_view kOrders =
      R"({"metadata":{"name":"orders-1","annotations":{"dapr.io/enabled":"true",)"
      R"("dapr.io/app-id":"orders"}},"spec":{"containers":[{"name":"app","image":"app:1"}]}})";

  patch::Settings settings_;
  webhook::CallerPolicy callers_;
  ScriptedComponents components_;
  ScriptedSurroundings surroundings_;
  RecordingRecorder recorder_;
  webhook::Log log_ = webhook::Log::Silent();
  std::chrono::steady_clock::time_point deadline_{std::chrono::seconds(77)};
  bool sent_ = true;
};

}  // namespace injector::test
