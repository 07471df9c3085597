#pragma once
// Bindings and a secret store for the tests of the SDK itself.

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "dapr_component_sdk/host.h"

namespace injector::test {

namespace sdk = dapr::component;

// Feeds one event as soon as it is read, and is an output binding too.
class SampleBinding : public sdk::InputBinding, public sdk::OutputBinding {
 public:
  sdk::Result<void> Init(const sdk::Properties&) override { return {}; }
  sdk::Result<void> Ping() override { return {}; }
  sdk::Result<void> Read(std::shared_ptr<sdk::MessageStream> stream) override {
    sdk::Message message{"event", "", {{"k", "v"}}, "text/plain"};
    sdk::OutcomeHandler handler = [this](const sdk::Outcome& outcome) {
      const std::lock_guard<std::mutex> lock(mutex_);
      answer_ = outcome.text;
    };
    static_cast<void>(stream->TryDeliver(message, handler));
    return {};
  }
  sdk::Result<sdk::InvokeResponse> Invoke(const sdk::InvokeRequest& request) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    return sdk::InvokeResponse{request.operation + ":" + request.data + ":" + answer_, {}, ""};
  }
  std::vector<std::string> Operations() const override { return {"create", "get"}; }

 private:
  std::mutex mutex_;
  std::string answer_;
};

class SampleSecrets : public sdk::SecretStore {
 public:
  sdk::Result<void> Init(const sdk::Properties&) override { return {}; }
  sdk::Result<sdk::Secret> Get(const std::string& key, const sdk::Properties& metadata) override {
    if (key != "db") return sdk::Fail(sdk::ErrorKind::kNotFound, "no secret " + key);
    return sdk::Secret{{"password", "hunter2"}, {"namespace", metadata.at("namespace")}};
  }
  sdk::Result<std::map<std::string, sdk::Secret>> BulkGet(const sdk::Properties&) override {
    return std::map<std::string, sdk::Secret>{{"db", {{"password", "hunter2"}}}};
  }
  std::vector<sdk::SecretFeature> Features() const override {
    return {sdk::SecretFeature::kMultipleKeyValuesPerSecret};
  }
};

}  // namespace injector::test
