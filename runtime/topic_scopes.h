#pragma once

// Which topics of a pub/sub an application may use. daprd asks before it calls the component, which
// never hears of a topic that is refused.

#include <string>
#include <vector>

#include "runtime/properties.h"
#include "runtime/result.h"

namespace injector::runtime {

class TopicScopes {
 public:
  // Every topic is allowed.
  TopicScopes() = default;

  // In: `metadata` of the manifest, resolved. Read are, their names in any letter case:
  // allowedTopics and protectedTopics ("t1,t2"), publishingScopes and subscriptionScopes
  // ("app1=t1,t2;app2=t3"); spaces count nothing. `prefix` stands before each topic's name on its
  // way to the component: daprd's namespace, where the metadata name {namespace}.
  // Source: Dapr's runtime, pkg/scopes and IsOperationAllowed.
  TopicScopes(const Properties& metadata, std::string app_id, std::string prefix = "");

  // A topic outside of a list of allowed ones is refused. Of the rest, one that is not protected is
  // allowed to applications without a scope; else the application's scope must name it.
  // Out: the topic's name for the component.
  // Errors: kLimit, with the property that refuses, and 403, Dapr's answer.
  [[nodiscard]] Result<std::string> ForPublishing(const std::string& topic) const;
  [[nodiscard]] Result<std::string> ForSubscribing(const std::string& topic) const;

  // The application's name of a topic that the component delivers.
  [[nodiscard]] std::string OfDelivery(const std::string& topic) const;

 private:
  using Topics = std::vector<std::string>;
  struct Scope {
    const char* property;
    const char* action;
    const Topics& topics;
  };
  [[nodiscard]] Result<std::string> Check(const std::string& topic, const Scope& scope) const;

  std::string app_id_;
  std::string prefix_;
  Topics allowed_;
  Topics protected_;
  Topics publishing_;
  Topics subscribing_;
};

}  // namespace injector::runtime
