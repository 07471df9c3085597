#pragma once

// A ComponentFeed whose API server is scripted, and a clock that a test sets.

#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/fake_transport.h"
#include "tests/support/recording_cluster_recorder.h"
#include "webhook/component_feed.h"

namespace injector::test {

// {"metadata": {"name": NAME, "namespace": NAMESPACE}}
[[nodiscard]] inline std::string ComponentJson(const std::string& name,
                                               const std::string& namespace_name = "shop") {
  return R"({"metadata": {"name": ")" + name + R"(", "namespace": ")" + namespace_name + R"("}})";
}

// In: objects as JSON, separated by commas.
[[nodiscard]] inline std::string ListJson(const std::string& items) {
  return R"({"metadata": {"resourceVersion": "5"}, "items": [)" + items + "]}";
}

struct ScriptedFeed {
  explicit ScriptedFeed(std::string namespace_name = "")
      : feed(
            std::move(namespace_name), recorder,
            [this](const webhook::FeedReport& report) { reports.push_back(report); },
            [this] { return now; }) {}

  // A server that does not know WatchList, and this list.
  void AnswerList(const std::string& items) {
    transport.Answer(422, "{}");
    transport.Answer(200, ListJson(items));
  }

  // Runs through the script; when the script has ended, `open` is called while a watch is open.
  void Run(const std::function<void()>& open = [] {}) {
    std::stop_source stop;
    transport.WhileOpen([&] {
      open();
      stop.request_stop();
    });
    RunUntil(stop);
  }

  // Runs through the script; at its end no watch can be had.
  void RunWithoutWatch() {
    std::stop_source stop;
    RunUntil(stop);
  }

  void RunUntil(std::stop_source& stop) {
    transport.OnEnd([&] { stop.request_stop(); });
    k8s::Client client(transport);
    feed.Run(client,
             {.path = "",
              .least_backoff = std::chrono::milliseconds(1),
              .most_backoff = std::chrono::milliseconds(2)},
             /*seed=*/1, stop.get_token(), std::chrono::milliseconds(1));
  }

  // The messages of at least this level.
  [[nodiscard]] std::vector<std::string> Messages(webhook::LogLevel least) const {
    std::vector<std::string> messages;
    for (const auto& report : reports) {
      if (report.level >= least) messages.push_back(report.message);
    }
    return messages;
  }

  FakeTransport transport;
  RecordingClusterRecorder recorder;
  std::vector<webhook::FeedReport> reports;
  std::chrono::steady_clock::time_point now{std::chrono::hours(1)};
  webhook::ComponentFeed feed;
};

}  // namespace injector::test
