#include "webhook/health.h"

#include <algorithm>
#include <utility>

namespace injector::webhook {
namespace {

constexpr int kOk = 200;
constexpr int kServiceUnavailable = 503;

HttpReply TextReply(int status, std::string text) {
  HttpReply reply;
  reply.status = status;
  reply.content_type = "text/plain; charset=utf-8";
  reply.body = std::move(text);
  reply.headers.emplace_back("X-Content-Type-Options", "nosniff");
  return reply;
}

int StatusOf(const Health& health) {
  return health.Ready() ? kOk : kServiceUnavailable;
}

}  // namespace

void Health::Add(std::string_view name) {
  const std::lock_guard lock(mutex_);
  checks_.try_emplace(std::string(name));
}

void Health::Set(std::string_view name, bool ready, std::string_view detail) {
  std::function<void()> listener;
  {
    const std::lock_guard lock(mutex_);
    checks_.insert_or_assign(std::string(name), Check{ready, std::string(detail)});
    if (ReadyLocked()) std::swap(listener, on_ready_);
  }
  if (listener) listener();
}

void Health::Note(std::string_view name, std::string_view sentence) {
  const std::lock_guard lock(mutex_);
  if (sentence.empty()) {
    notes_.erase(std::string(name));
  } else {
    notes_.insert_or_assign(std::string(name), std::string(sentence));
  }
}

void Health::OnReady(std::function<void()> listener) {
  const std::lock_guard lock(mutex_);
  on_ready_ = std::move(listener);
}

void Health::StartDraining() {
  const std::lock_guard lock(mutex_);
  draining_ = true;
}

bool Health::ServingLocked() const {
  return std::all_of(checks_.begin(), checks_.end(),
                     [](const auto& check) { return check.second.ready; });
}

bool Health::Serving() const {
  const std::lock_guard lock(mutex_);
  return ServingLocked();
}

bool Health::Ready() const {
  const std::lock_guard lock(mutex_);
  return ReadyLocked();
}

std::string Health::Report() const {
  const std::lock_guard lock(mutex_);
  std::string report;
  for (const auto& [name, check] : checks_) {
    report += (check.ready ? "[ok]        " : "[not ready] ") + name;
    report += (check.detail.empty() ? "" : ": ") + check.detail + "\n";
  }
  for (const auto& [name, sentence] : notes_)
    report += "[note]      " + name + ": " + sentence + "\n";
  if (draining_) report += "[not ready] draining: the program was told to stop\n";
  return report + (ReadyLocked() ? "ready\n" : "not ready\n");
}

HttpReply HealthzHandler::Handle(const HttpRequest& /*request*/) {
  HttpReply reply;
  reply.status = StatusOf(health_);
  return reply;
}

HttpReply ReadyzHandler::Handle(const HttpRequest& /*request*/) {
  return TextReply(StatusOf(health_), health_.Report());
}

HttpReply LivezHandler::Handle(const HttpRequest& /*request*/) {
  return TextReply(kOk, "alive\n");
}

}  // namespace injector::webhook
