#pragma once

// Readiness. Parts of the program hold named checks; the handlers answer Dapr's /healthz, /readyz
// and /livez from them.

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "webhook/http_message.h"

namespace injector::webhook {

// Dapr's targets; every one that was added must be ready.
inline constexpr std::string_view kMetricsExporter = "metrics-exporter";
inline constexpr std::string_view kSecurityProvider = "security-provider";
inline constexpr std::string_view kInjectorService = "injector-service";
inline constexpr std::string_view kWebhookConfiguration = "webhook-configuration";
inline constexpr std::string_view kHealthzServer = "healthz-server";

// Threads: safe.
class Health {
 public:
  // Adds a check that is not ready yet; readiness waits for it.
  void Add(std::string_view name);
  // Sets a check, adding it when it is new. In: `detail` is a sentence for /readyz, or "".
  void Set(std::string_view name, bool ready, std::string_view detail = "");
  // A sentence that /readyz shows without a say in readiness, such as resources that could not be
  // read again; "" takes it back.
  void Note(std::string_view name, std::string_view sentence);
  // Calls `listener` once, when every check is ready for the first time: from the thread that makes
  // it so. Call it before checks are set.
  void OnReady(std::function<void()> listener);
  // From now on not ready, whatever the checks say.
  void StartDraining();

  [[nodiscard]] bool Ready() const;
  // Ready but for a draining that has begun: requests are still answered then.
  [[nodiscard]] bool Serving() const;
  // One line for each check and note, by name, then the verdict.
  [[nodiscard]] std::string Report() const;

 private:
  struct Check {
    bool ready = false;
    std::string detail;
  };

  [[nodiscard]] bool ServingLocked() const;  // these with mutex_ held
  [[nodiscard]] bool ReadyLocked() const { return !draining_ && ServingLocked(); }

  mutable std::mutex mutex_;
  std::map<std::string, Check, std::less<>> checks_;       // guarded by mutex_
  std::map<std::string, std::string, std::less<>> notes_;  // guarded by mutex_
  std::function<void()> on_ready_;                         // guarded by mutex_; empty once called
  bool draining_ = false;                                  // guarded by mutex_
};

// /healthz as Dapr answers it: any method, 200 or 503, empty body.
class HealthzHandler : public HttpHandler {
 public:
  explicit HealthzHandler(const Health& health) : health_(health) {}
  [[nodiscard]] HttpReply Handle(const HttpRequest& request) override;

 private:
  const Health& health_;
};

// /readyz: 200 or 503 with the report as text.
class ReadyzHandler : public HttpHandler {
 public:
  explicit ReadyzHandler(const Health& health) : health_(health) {}
  [[nodiscard]] HttpReply Handle(const HttpRequest& request) override;

 private:
  const Health& health_;
};

// /livez: 200 while the process answers at all.
class LivezHandler : public HttpHandler {
 public:
  [[nodiscard]] HttpReply Handle(const HttpRequest& request) override;
};

}  // namespace injector::webhook
