// What an API server sends for Components: lists and the lines of watches. The input is a sequence
// of answers, apart by empty lines; the first line of an answer may be its status. Once through the
// whole feed, once line by line beside a second book-keeping.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "k8s/client.h"
#include "tests/fuzz/demand.h"
#include "webhook/component_feed.h"

namespace injector::test {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

std::string_view TakeLine(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

struct ScriptedAnswer {
  int status = 200;
  std::string body;
};

std::vector<ScriptedAnswer> AnswersIn(std::string_view text) {
  static const std::map<std::string_view, int> kStatus = {{"200", 200}, {"401", 401}, {"403", 403},
                                                          {"404", 404}, {"410", 410}, {"422", 422},
                                                          {"429", 429}, {"500", 500}, {"504", 504}};
  std::vector<ScriptedAnswer> answers(1);
  bool first = true;
  while (!text.empty()) {
    const std::string_view line = TakeLine(text);
    const auto status = kStatus.find(line);
    if (line.empty()) {
      answers.emplace_back();
    } else if (first && status != kStatus.end()) {
      answers.back().status = status->second;
    } else {
      answers.back().body.append(line).append("\n");
    }
    first = line.empty();
  }
  return answers;
}

// Plays the answers one after the other, then asks for the end.
class ScriptedServer : public k8s::Transport {
 public:
  ScriptedServer(std::vector<ScriptedAnswer> answers, std::stop_source& stop)
      : answers_(std::move(answers)), stop_(stop) {}

  k8s::ApiResult<k8s::ApiReply> Send(const k8s::ApiRequest& request) override {
    Demand(request.path.find_first_of(" \r\n") == std::string::npos,
           "a request line is one line, whatever a token holds", request.path);
    if (next_ == answers_.size()) {
      stop_.request_stop();
      return k8s::ApiFail(k8s::ApiErrorKind::kUnreachable, "the script has ended");
    }
    const ScriptedAnswer& answer = answers_[next_++];
    return k8s::ApiReply{answer.status, "", answer.body};
  }

  k8s::ApiResult<k8s::ApiReply> Stream(const k8s::ApiRequest& request, milliseconds,
                                       const std::function<bool(std::string_view)>& on_line,
                                       std::stop_token) override {
    auto reply = Send(request);
    if (!reply || reply->status != 200) return reply;
    std::string_view rest = reply->body;
    bool goes_on = on_line("");
    while (goes_on && !rest.empty()) {
      const std::string_view line = TakeLine(rest);
      goes_on = line.empty() || on_line(line);
    }
    reply->body.clear();
    return reply;
  }

 private:
  const std::vector<ScriptedAnswer> answers_;
  std::stop_source& stop_;
  std::size_t next_ = 0;
};

std::string TextAt(const json& object, const char* outer, const char* inner) {
  if (!object.is_object() || !object.contains(outer)) return {};
  const json& part = object[outer];
  if (!part.is_object() || !part.contains(inner) || !part[inner].is_string()) return {};
  return part[inner].get<std::string>();
}

using Names = std::map<std::string, std::set<std::string>>;

void CheckList(const webhook::ComponentStore& store, const std::string& namespace_name,
               const std::set<std::string>& expected) {
  std::set<std::string> found;
  std::string last;
  for (const auto& component : *store.Find(namespace_name)) {
    Demand(found.empty() || last < component->name, "a namespace's Components are by name, once");
    last = component->name;
    found.insert(last);
  }
  Demand(found == expected, "the store holds what was added and not removed", namespace_name);
}

// One watch from an empty store.
void CheckStore(std::string_view text) {
  std::stop_source stop;
  ScriptedServer server({{200, std::string(text)}}, stop);
  k8s::Client client(server);
  webhook::ComponentStore store;
  Names expected;
  const auto outcome = client.Watch(
      "/components", {},
      [&](std::string_view type, const json& object) {
        auto& names = expected[TextAt(object, "metadata", "namespace")];
        const std::string name = TextAt(object, "metadata", "name");
        if (type == "DELETED") {
          store.Remove(object);
          names.erase(name);
        } else {
          store.Put(object);
          names.insert(name);
        }
        return true;
      },
      stop.get_token());
  Demand(outcome || !outcome.error().message.empty(), "a stream that breaks off says why");
  std::size_t size = 0;
  for (const auto& [namespace_name, names] : expected) {
    CheckList(store, namespace_name, names);
    size += names.size();
  }
  Demand(store.Size() == size, "the store knows how many it holds");
}

void CheckFeed(std::string_view text) {
  std::stop_source stop;
  ScriptedServer server(AnswersIn(text), stop);
  k8s::Client client(server);
  webhook::NoClusterRecorder recorder;
  webhook::ComponentFeed feed("", recorder, [](const webhook::FeedReport& report) {
    Demand(!report.message.empty(), "a report has a sentence");
    Demand(report.message.find_first_of("\r\n") == std::string::npos, "on one line",
           report.message);
  });
  k8s::ReflectorOptions options;
  options.least_backoff = milliseconds(0);
  options.most_backoff = milliseconds(0);
  feed.Run(client, options, /*seed=*/1, stop.get_token(), milliseconds(0));
  Demand(feed.IsSynced() || feed.Store().Size() == 0, "nothing is shown of half a list");
}

}  // namespace
}  // namespace injector::test

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  injector::test::CheckStore(text);
  injector::test::CheckFeed(text);
  return 0;
}
