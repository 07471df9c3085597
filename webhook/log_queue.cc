#include "webhook/log_queue.h"

#include <utility>

namespace injector::webhook {

LogQueue::LogQueue(LineSink& sink, std::function<std::string(std::uint64_t)> tell,
                   LogQueueOptions options)
    : sink_(sink), tell_(std::move(tell)), options_(options) {}

LogQueue::~LogQueue() {
  {
    const std::lock_guard lock(mutex_);
    TellOfLost();
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.Join();
}

bool LogQueue::Start() {
  return thread_.Start([this] { Run(); });
}

void LogQueue::Push(std::string line) {
  {
    const std::lock_guard lock(mutex_);
    if (bytes_ + line.size() > options_.max_bytes) {
      ++lost_;
      ++untold_;
      return;
    }
    TellOfLost();
    Append(std::move(line));
  }
  changed_.notify_one();
}

std::uint64_t LogQueue::Lost() const {
  const std::lock_guard lock(mutex_);
  return lost_;
}

void LogQueue::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !lines_.empty(); });
    if (lines_.empty()) return;
    const std::string line = std::move(lines_.front());
    lines_.pop_front();
    lock.unlock();
    const bool delivered = Deliver(line);
    lock.lock();
    if (!delivered) return;
    bytes_ -= line.size();
  }
}

// Tries until the sink takes the line. False: it is over.
bool LogQueue::Deliver(const std::string& line) {
  while (!sink_.Write(line)) {
    const std::lock_guard lock(mutex_);
    if (!stopping_) continue;
    const auto now = std::chrono::steady_clock::now();
    if (!give_up_) give_up_ = now + options_.patience;
    if (now >= *give_up_) return false;
  }
  return true;
}

void LogQueue::Append(std::string line) {
  bytes_ += line.size();
  lines_.push_back(std::move(line));
}

void LogQueue::TellOfLost() {
  if (untold_ > 0) Append(tell_(std::exchange(untold_, 0)));
}

}  // namespace injector::webhook
