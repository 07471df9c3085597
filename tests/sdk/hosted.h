#pragma once
// A host for the component of one test.

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "dapr_component_sdk/host.h"

namespace injector::test {

namespace sdk = dapr::component;

// Hosts a component of the test's own class and keeps its objects reachable by instance.
template <typename Component>
class Hosted {
 public:
  explicit Hosted(const std::string& folder, std::chrono::milliseconds grace = {}) {
    sdk::HostOptions options;
    options.folder = folder;
    options.extension = "sock";
    options.grace = grace;
    options.log = [](sdk::LogLevel, std::string_view) {};
    host = std::make_unique<sdk::Host>(options);
    host->Register("sample", [this](const std::string& instance) {
      auto component = std::make_unique<Component>();
      const std::lock_guard<std::mutex> lock(mutex_);
      ++made_;
      objects_[instance] = component.get();
      return component;
    });
    started = host->Start();
  }
  Component& operator[](const std::string& instance) {
    const std::lock_guard<std::mutex> lock(mutex_);
    return *objects_.at(instance);
  }
  int made() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return made_;
  }

  sdk::Result<void> started;

 private:
  std::mutex mutex_;
  int made_ = 0;
  std::map<std::string, Component*> objects_;

 public:
  std::unique_ptr<sdk::Host> host;  // last: its threads use what stands before
};

}  // namespace injector::test
