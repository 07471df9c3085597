#pragma once

// Lines on their way to whoever reads them. Who has something to say leaves it here and goes on;
// one thread writes. A reader that has stopped costs lines, never an answer.

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "webhook/small_thread.h"

namespace injector::webhook {

class LineSink {
 public:
  virtual ~LineSink() = default;
  // False: the line cannot be written now, and nothing of it has been. Blocks: for a moment, so
  // that it can be called again and again.
  [[nodiscard]] virtual bool Write(std::string_view line) = 0;
};

struct LogQueueOptions {
  std::size_t max_bytes = std::size_t{1} << 20;  // some 4,000 lines; what comes then is lost
  std::chrono::milliseconds patience{2000};      // with the reader, at the end
};

// Threads: Push and Lost are safe.
class LogQueue {
 public:
  // In: `sink` outlives the queue and is called by its thread alone. `tell` makes the line that
  // stands where so many lines are missing; it is called under a lock.
  LogQueue(LineSink& sink, std::function<std::string(std::uint64_t)> tell,
           LogQueueOptions options = {});
  // Writes what is left. Blocks: as long as the reader takes lines, and `patience` from the first
  // time that it does not.
  ~LogQueue();
  LogQueue(const LogQueue&) = delete;
  LogQueue& operator=(const LogQueue&) = delete;

  // Starts the thread; until then lines only gather. False: the system has no more threads.
  [[nodiscard]] bool Start();
  // Never blocks on the sink.
  void Push(std::string line);
  // Lines that found no room.
  [[nodiscard]] std::uint64_t Lost() const;

 private:
  void Run();
  [[nodiscard]] bool Deliver(const std::string& line);
  void Append(std::string line);
  void TellOfLost();

  LineSink& sink_;
  const std::function<std::string(std::uint64_t)> tell_;
  const LogQueueOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  std::deque<std::string> lines_;
  std::size_t bytes_ = 0;
  std::uint64_t lost_ = 0;
  std::uint64_t untold_ = 0;  // of them, those that no line tells of
  bool stopping_ = false;
  std::optional<std::chrono::steady_clock::time_point> give_up_;  // of the thread alone
  SmallThread thread_;
};

}  // namespace injector::webhook
