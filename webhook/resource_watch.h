#pragma once

// Follows resource files and trust anchors while serving: what changes on disk is in use within
// about a second, what cannot be used is told once and the last good stays.

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "webhook/reload_report.h"
#include "webhook/resource_files.h"
#include "webhook/surroundings.h"

namespace injector::webhook {

// Reads both once and tells `listener` of everything new or bad: at start, and from the watch.
// Hands the Configuration's mTLS on to `surroundings`. `resources` may be null: a cluster is the
// source. Out: false when anything was bad.
bool ReadResources(ResourceFiles* resources, FileSurroundings& surroundings,
                   const ReloadListener& listener);

class ResourceWatch {
 public:
  // Reads every `interval` until destroyed; the references must outlive it.
  ResourceWatch(ResourceFiles* resources, FileSurroundings& surroundings, ReloadListener listener,
                std::chrono::milliseconds interval = std::chrono::seconds(1));
  ~ResourceWatch();
  ResourceWatch(const ResourceWatch&) = delete;
  ResourceWatch& operator=(const ResourceWatch&) = delete;

 private:
  void Run();

  ResourceFiles* const resources_;
  FileSurroundings& surroundings_;
  const ReloadListener listener_;
  const std::chrono::milliseconds interval_;

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace injector::webhook
