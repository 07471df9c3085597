#include "k8s/pause.h"

#include <condition_variable>
#include <mutex>

namespace injector::k8s {

void Pause(std::chrono::milliseconds time, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  wake.wait_for(lock, stop, time, [] { return false; });
}

}  // namespace injector::k8s
