#include "webhook/resource_watch.h"

#include <utility>

namespace injector::webhook {
namespace {

constexpr std::string_view kResources = "resources";
constexpr std::string_view kTrustAnchors = "trust-anchors";

// Tells what came of one reading; false when it was bad.
bool Tell(const ReloadListener& listener, std::string_view what, const Result<bool>& outcome,
          std::string in_use) {
  if (!outcome) {
    listener({what, false, outcome.error().message});
    return false;
  }
  if (*outcome) listener({what, true, std::move(in_use)});
  return true;
}

std::string Summary(const ResourceSet& set) {
  return std::to_string(set.component_count) + " Components, " + std::to_string(set.ignored_count) +
         " other objects, mTLS " + (set.mtls_enabled ? "on" : "off");
}

}  // namespace

bool ReadResources(ResourceFiles* resources, FileSurroundings& surroundings,
                   const ReloadListener& listener) {
  bool good = true;
  if (resources != nullptr) {
    const auto outcome = resources->Reload();
    const auto set = resources->Current();
    surroundings.SetMtls(set->mtls_enabled);
    good = Tell(listener, kResources, outcome, Summary(*set));
  }
  const auto outcome = surroundings.Reload();
  return Tell(listener, kTrustAnchors, outcome, "trust anchors read") && good;
}

ResourceWatch::ResourceWatch(ResourceFiles* resources, FileSurroundings& surroundings,
                             ReloadListener listener, std::chrono::milliseconds interval)
    : resources_(resources),
      surroundings_(surroundings),
      listener_(std::move(listener)),
      interval_(interval),
      thread_([this] { Run(); }) {}

ResourceWatch::~ResourceWatch() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void ResourceWatch::Run() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, interval_, [this] { return stopping_; })) {
    lock.unlock();
    ReadResources(resources_, surroundings_, listener_);
    lock.lock();
  }
}

}  // namespace injector::webhook
