#pragma once

// LISTs of one namespace's Components made while an admission waits. Those who wait share one: but
// only a LIST that started after they arrived, since it alone is sure to show what was there then.

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "k8s/client.h"
#include "patch/component.h"
#include "webhook/cluster_recorder.h"
#include "webhook/steady_clock.h"

namespace injector::webhook {

using SharedComponents = std::shared_ptr<const patch::ComponentList>;
using LiveList = k8s::ApiResult<SharedComponents>;

// Threads: safe.
class LiveLists {
 public:
  // Client and recorder outlive it. In: `clock` says how old answers are.
  LiveLists(k8s::Client& client, ClusterRecorder& recorder,
            SteadyClock clock = std::chrono::steady_clock::now)
      : client_(client), recorder_(recorder), clock_(std::move(clock)) {}

  // Blocks until a LIST that started after this call has been answered, or the deadline.
  // Out: Components by name. 429, 503, 504 and broken connections are tried again while there is
  // time; also when who shares the LIST had less of it.
  // Errors: kTimeout after the deadline; else as the last try.
  [[nodiscard]] LiveList Get(std::string_view namespace_name, k8s::Deadline deadline);

  // The last good answer, if its LIST began less than `expiry` ago; null when there is none.
  [[nodiscard]] SharedComponents Recent(std::string_view namespace_name,
                                        std::chrono::steady_clock::duration expiry);
  // The last good answer, if its LIST began at `since` or later; null when there is none.
  [[nodiscard]] SharedComponents LastGood(
      std::string_view namespace_name,
      std::chrono::steady_clock::time_point since = std::chrono::steady_clock::time_point::min());

 private:
  // The LISTs of one namespace: at most one runs; the next one serves all who came meanwhile.
  struct Line {
    std::mutex mutex;
    std::condition_variable changed;
    std::uint64_t started = 0;   // how many have begun
    std::uint64_t finished = 0;  // how many have ended
    LiveList answer;             // of the last that ended
    SharedComponents good;       // of the last good one; null when there is none
    std::chrono::steady_clock::time_point good_began;
  };

  [[nodiscard]] std::shared_ptr<Line> LineOf(std::string_view namespace_name);
  [[nodiscard]] LiveList Run(Line& line, std::unique_lock<std::mutex>& lock,
                             std::string_view namespace_name, k8s::Deadline deadline);
  [[nodiscard]] LiveList Ask(std::string_view namespace_name, k8s::Deadline deadline);

  k8s::Client& client_;
  ClusterRecorder& recorder_;
  const SteadyClock clock_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Line>, std::less<>> lines_;  // guarded by mutex_
};

}  // namespace injector::webhook
