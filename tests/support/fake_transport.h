#pragma once

// A transport whose answers are scripted: it records each request and answers from a queue.

#include <algorithm>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "k8s/transport.h"

namespace injector::test {

class FakeTransport : public k8s::Transport {
 public:
  // The next request is answered so. For a stream of status 200 the lines of the body are handed
  // out one by one and then the stream ends.
  void Answer(int status, std::string body, std::string retry_after = "") {
    const std::lock_guard lock(mutex_);
    script_.push_back(k8s::ApiReply{status, std::move(retry_after), std::move(body)});
  }
  void Fail(k8s::ApiErrorKind kind, std::string message) {
    const std::lock_guard lock(mutex_);
    script_.push_back(k8s::ApiFail(kind, std::move(message)));
  }
  // Called when the script has ended; the request is then answered with kUnreachable.
  void OnEnd(std::function<void()> on_end) { on_end_ = std::move(on_end); }
  // Called when the script has ended and a stream is asked for, which is accepted and stays open
  // meanwhile.
  void WhileOpen(std::function<void()> while_open) { while_open_ = std::move(while_open); }

  [[nodiscard]] std::vector<k8s::ApiRequest> Requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

  k8s::ApiResult<k8s::ApiReply> Send(const k8s::ApiRequest& request) override {
    return Next(request);
  }

  k8s::ApiResult<k8s::ApiReply> Stream(const k8s::ApiRequest& request, std::chrono::milliseconds,
                                       const std::function<bool(std::string_view)>& on_line,
                                       std::stop_token) override {
    if (while_open_ && HasEnded()) return HoldOpen(request, on_line);
    auto reply = Next(request);
    if (!reply || reply->status != 200) return reply;
    std::string_view rest = reply->body;
    if (!on_line("")) rest = {};
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      if (end > 0 && !on_line(rest.substr(0, end))) break;
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    reply->body.clear();
    return reply;
  }

 private:
  bool HasEnded() const {
    const std::lock_guard lock(mutex_);
    return script_.empty();
  }

  k8s::ApiResult<k8s::ApiReply> HoldOpen(const k8s::ApiRequest& request,
                                         const std::function<bool(std::string_view)>& on_line) {
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(request);
    }
    if (on_line("")) while_open_();
    return k8s::ApiFail(k8s::ApiErrorKind::kUnreachable, "the stream has ended");
  }

  k8s::ApiResult<k8s::ApiReply> Next(const k8s::ApiRequest& request) {
    std::unique_lock lock(mutex_);
    requests_.push_back(request);
    if (script_.empty()) {
      lock.unlock();
      if (on_end_) on_end_();
      return k8s::ApiFail(k8s::ApiErrorKind::kUnreachable, "the script has ended");
    }
    auto answer = std::move(script_.front());
    script_.pop_front();
    return answer;
  }

  mutable std::mutex mutex_;
  std::deque<k8s::ApiResult<k8s::ApiReply>> script_;  // guarded by mutex_
  std::vector<k8s::ApiRequest> requests_;             // guarded by mutex_
  std::function<void()> on_end_;
  std::function<void()> while_open_;
};

}  // namespace injector::test
