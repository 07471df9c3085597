#pragma once
// One object per instance: the value of x-component-instance, or "" for callers without one.

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>

#include "dapr_component_sdk/component_class.h"
#include "dapr_component_sdk/error.h"
#include "outgoing_stream.h"

namespace dapr::component {

// The kinds that have an Init of their own.
enum class Kind { kState, kPubSub, kInput, kOutput, kSecrets };

struct Instance {
  std::once_flag made;
  ComponentObject object;
  std::mutex init_mutex;  // one Init at a time
  std::atomic<bool> initialised[5] = {};
  StreamGroup streams;  // pub/sub and input streams of this instance
};

// Safe from any thread.
class Instances {
 public:
  Instances(ComponentClass component, std::size_t limit);

  // The instance, made by the factory on first use.
  // Errors: kResourceExhausted over the limit; kInternal when the factory fails (tried again on
  // the next use).
  [[nodiscard]] Result<std::shared_ptr<Instance>> Find(const std::string& id);

  // As Find, for a call that needs an Init before it.
  // Errors: also kFailedPrecondition when there was none: after a restart of the component the
  // runtime does not repeat it.
  [[nodiscard]] Result<std::shared_ptr<Instance>> FindReady(const std::string& id, Kind kind);

  // Runs `init` for the instance and remembers whether it succeeded.
  [[nodiscard]] Result<void> Initialise(const std::string& id, Kind kind,
                                        const std::function<Result<void>(ComponentObject&)>& init);

  [[nodiscard]] const ComponentClass& component() const { return component_; }
  // Every stream of every instance.
  void ForEachGroup(const std::function<void(StreamGroup&)>& visit);

 private:
  const ComponentClass component_;
  const std::size_t limit_;
  std::shared_mutex mutex_;
  std::map<std::string, std::shared_ptr<Instance>> instances_;  // guarded by mutex_
};

}  // namespace dapr::component
