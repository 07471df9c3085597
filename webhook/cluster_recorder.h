#pragma once

// What the parts that talk to a cluster tell the metrics.

#include <string_view>

namespace injector::webhook {

// Threads: safe. Never blocks on I/O.
class ClusterRecorder {
 public:
  virtual ~ClusterRecorder() = default;

  // In: `verb` get, list, watch, patch; `resource` as RBAC names it; `code` 0: no answer.
  virtual void ApiCalled(std::string_view verb, std::string_view resource, int code) = 0;
  virtual void CacheRelisted() = 0;        // a list of all Components was begun
  virtual void CacheFailed() = 0;          // a list or watch of the cache failed
  virtual void LiveListed(bool good) = 0;  // a LIST while pods waited has ended
  virtual void ServedStale() = 0;          // it failed, and a pod was served from memory
};

// Counts nothing; for tests.
class NoClusterRecorder : public ClusterRecorder {
 public:
  void ApiCalled(std::string_view, std::string_view, int) override {}
  void CacheRelisted() override {}
  void CacheFailed() override {}
  void LiveListed(bool) override {}
  void ServedStale() override {}
};

}  // namespace injector::webhook
