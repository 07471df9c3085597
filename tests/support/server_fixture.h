#pragma once

// A server and its handlers, for tests of how it treats its clients.

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>

#include "tests/support/http_client.h"
#include "webhook/server.h"

namespace injector::test {

// Answers with what it was asked.
class EchoHandler : public webhook::HttpHandler {
 public:
  webhook::HttpReply Handle(const webhook::HttpRequest& request) override {
    return webhook::HttpReply{
        .status = 200,
        .content_type = "application/json",
        .body = std::string(request.method) + "|" + std::string(request.content_type) + "|" +
                std::string(request.content_encoding) + "|" + std::string(request.body),
        .headers = {},
        .written = {}};
  }
};

// Holds each request until it is told to let go.
class GateHandler : public webhook::HttpHandler {
 public:
  webhook::HttpReply Handle(const webhook::HttpRequest& /*request*/) override {
    std::unique_lock lock(mutex_);
    ++inside_;
    changed_.notify_all();
    changed_.wait_for(lock, std::chrono::seconds(10), [this] { return open_; });
    return webhook::HttpReply{
        .status = 200, .content_type = "text/plain", .body = "done", .headers = {}, .written = {}};
  }
  void AwaitOneInside() { AwaitInside(1); }
  void AwaitInside(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(10), [&] { return inside_ >= count; });
  }
  int Inside() {
    const std::lock_guard lock(mutex_);
    return inside_;
  }
  void Open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int inside_ = 0;     // guarded by mutex_
  bool open_ = false;  // guarded by mutex_
};

// A server for plain HTTP: /mutate echoes, /gate holds.
class ServerFixture : public testing::Test {
 protected:
  void StartServer(webhook::ServerOptions options = {}) {
    options.address = "127.0.0.1";
    auto started = webhook::Server::Start(
        options, {.paths = {{"/mutate", &echo_}, {"/gate", &gate_}}, .any_other_path = nullptr});
    ASSERT_TRUE(started) << started.error().Text();
    server_ = *std::move(started);
  }
  [[nodiscard]] std::unique_ptr<HttpClient> Connect() const {
    return HttpClient::Connect({.port = server_->Port(), .tls = false});
  }
  // The answer to `bytes` on a connection of their own.
  [[nodiscard]] Response Ask(std::string_view bytes) const { return Connect()->Exchange(bytes); }

  EchoHandler echo_;
  GateHandler gate_;
  std::unique_ptr<webhook::Server> server_;
};

}  // namespace injector::test
