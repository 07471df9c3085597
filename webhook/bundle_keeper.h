#pragma once

// Keeps the caBundles of one webhook configuration as wished, in a thread of its own: writes them,
// then watches the object, and writes again when they are no longer right. Where watching is
// forbidden it reads the object from time to time; watches that fail are asked for more and more
// seldom.

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

#include "k8s/client.h"
#include "webhook/bundle_writer.h"
#include "webhook/ca_bundle.h"

namespace injector::webhook {

class BundleKeeper {
 public:
  // Does nothing before the first Want. `client` and `listener` outlive it.
  BundleKeeper(k8s::Client& client, BundleTarget target, BundleListener& listener,
               const BundleTimes& times = {});
  ~BundleKeeper();  // as Stop
  BundleKeeper(const BundleKeeper&) = delete;
  BundleKeeper& operator=(const BundleKeeper&) = delete;

  // From now on this is what is wished; the listener hears `number` when it holds. What the wish
  // supersedes is asked for until it held once: two replicas that take each other for the former
  // process of one pod do not fight.
  // Threads: safe.
  void Want(BundleWish wish, int number);

  // Ends the following, then writes a last wish.
  // Blocks: until `deadline` at most; a call under way is given up within about a second.
  [[nodiscard]] k8s::ApiResult<void> Finish(const BundleWish& wish, k8s::Deadline deadline);

  // Ends the following. Blocks: about a second, until a call under way is given up. The second call
  // does nothing.
  void Stop();

 private:
  // One wish at work.
  struct Round {
    BundleWish wish;
    int number = 0;
    std::stop_source over{};  // the wish is another one by now
  };

  // How a watch ended that was not broken off.
  enum class Watched { kWrong, kLong, kShort };  // kWrong: there is something to write

  void Run(const std::stop_token& stop);
  [[nodiscard]] std::optional<Round> Begin(const std::stop_token& stop);
  // Waits until the wish may be written again.
  void AwaitTurn(const Round& round);
  void NoteWrite();
  void Settled(const Round& round);
  void Lost(const k8s::ApiError& error, const Round& round);
  void Follow(const nlohmann::json& object, const Round& round);
  // In: `from` is the version after which events are wanted; "" is the present, as an event.
  [[nodiscard]] k8s::ApiResult<Watched> Watch(const std::string& from, const Round& round);
  bool IsSurelyForbidden();
  void NoteLasting();
  [[nodiscard]] bool IsAsWished(std::string_view event, const nlohmann::json& object,
                                const BundleWish& wish) const;
  [[nodiscard]] std::chrono::milliseconds BackOff(int failures, const k8s::ApiError& error);
  void Wait(std::chrono::milliseconds time, const Round& round);
  [[nodiscard]] std::chrono::milliseconds Doubled(std::chrono::milliseconds least, int times,
                                                  std::chrono::milliseconds most);
  [[nodiscard]] std::chrono::milliseconds Jittered(std::chrono::milliseconds most);

  k8s::Client& client_;
  BundleListener& listener_;
  const BundleTimes times_;
  BundleWriter writer_;
  // Used by the thread alone.
  std::mt19937_64 random_;
  int failures_ = 0;        // in a row
  int watch_failures_ = 0;  // in a row
  bool has_watched_ = false;
  int forbidden_ = 0;  // watches in a row, since one was open
  std::chrono::steady_clock::time_point watch_from_{};
  int written_number_ = 0;  // the wish that was written last
  int rewrites_ = 0;        // of that wish, since it was calm
  std::chrono::steady_clock::time_point last_write_{};
  std::chrono::milliseconds pause_{0};  // from then to the next one, at least

  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::optional<BundleWish> wish_;  // guarded by mutex_
  int number_ = 0;                  // guarded by mutex_
  std::stop_source over_;           // guarded by mutex_: of the present round
  std::jthread thread_;
};

}  // namespace injector::webhook
