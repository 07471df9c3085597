#include "instances.h"

#include <exception>
#include <utility>

namespace dapr::component {
namespace {

std::string Named(const std::string& id) {
  return id.empty() ? "the default instance" : "instance \"" + id + "\"";
}

}  // namespace

Instances::Instances(ComponentClass component, std::size_t limit)
    : component_(std::move(component)), limit_(limit) {}

Result<std::shared_ptr<Instance>> Instances::Find(const std::string& id) {
  std::shared_ptr<Instance> instance;
  {
    const std::shared_lock<std::shared_mutex> lock(mutex_);
    const auto found = instances_.find(id);
    if (found != instances_.end()) instance = found->second;
  }
  if (!instance) {
    const std::unique_lock<std::shared_mutex> lock(mutex_);
    const auto found = instances_.find(id);
    if (found == instances_.end() && instances_.size() >= limit_)
      return Fail(ErrorKind::kResourceExhausted,
                  "this component already serves " + std::to_string(limit_) + " instances");
    auto& slot = instances_[id];
    if (!slot) slot = std::make_shared<Instance>();
    instance = slot;
  }
  try {
    // Outside the lock: a slow factory holds up its own instance only.
    std::call_once(instance->made, [&] { instance->object = component_.make(id); });
  } catch (const std::exception& fault) {
    return Fail(ErrorKind::kInternal, "cannot make " + Named(id) + ": " + fault.what());
  }
  if (!instance->object.owner)
    return Fail(ErrorKind::kInternal, "the factory made no object for " + Named(id));
  return instance;
}

Result<std::shared_ptr<Instance>> Instances::FindReady(const std::string& id, Kind kind) {
  Result<std::shared_ptr<Instance>> instance = Find(id);
  if (!instance) return instance;
  if (!(*instance)->initialised[static_cast<int>(kind)].load())
    return Fail(ErrorKind::kFailedPrecondition,
                Named(id) +
                    " is not initialised: the component was restarted; restart or reload "
                    "the runtime, which then repeats Init");
  return instance;
}

Result<void> Instances::Initialise(const std::string& id, Kind kind,
                                   const std::function<Result<void>(ComponentObject&)>& init) {
  Result<std::shared_ptr<Instance>> instance = Find(id);
  if (!instance) return tl::unexpected(instance.error());
  const std::lock_guard<std::mutex> lock((*instance)->init_mutex);
  Result<void> done = init((*instance)->object);
  (*instance)->initialised[static_cast<int>(kind)].store(done.has_value());
  return done;
}

void Instances::ForEachGroup(const std::function<void(StreamGroup&)>& visit) {
  const std::shared_lock<std::shared_mutex> lock(mutex_);
  for (const auto& [id, instance] : instances_) visit(instance->streams);
}

}  // namespace dapr::component
