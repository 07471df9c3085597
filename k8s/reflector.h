#pragma once

// Keeps a picture of a collection by list and watch, with the rules of client-go's Reflector: a
// consistent list, a watch from its resource version, bookmarks, a new list after 410, back-off
// with jitter. Run it in a thread of its own; it tells a sink what it sees.

#include <chrono>
#include <functional>
#include <nlohmann/json.hpp>
#include <random>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "k8s/client.h"

namespace injector::k8s {

// What a reflector tells; called from its thread only.
class ReflectorSink {
 public:
  virtual ~ReflectorSink() = default;

  // The whole collection as it is, object by object, since it may be large: Commit replaces
  // everything, the last picture stays until then. What was begun and not committed is void.
  virtual void Begin() = 0;
  virtual void Add(nlohmann::json object) = 0;
  virtual void Commit() = 0;
  virtual void Put(nlohmann::json object) = 0;     // ADDED or MODIFIED
  virtual void Remove(nlohmann::json object) = 0;  // DELETED
  // A watch is asked for: until the next Alive nobody knows what happens.
  virtual void Connecting() = 0;
  // A watch was opened, a line came, or a list was answered: the picture is of this moment.
  virtual void Alive() = 0;
  // A list or watch failed; it will be tried again after `wait`.
  virtual void Failed(const ApiError& error, std::chrono::milliseconds wait) = 0;
  // Another list begins: the first, or since the watch could not go on.
  virtual void Relisting() = 0;
};

struct ReflectorOptions {
  std::string path;    // of the collection
  int page_size = 50;  // objects in a page of a list
  std::chrono::milliseconds list_deadline{60'000};
  std::chrono::milliseconds silence{75'000};  // bookmarks come every 60 s
  std::chrono::milliseconds least_backoff{800};
  std::chrono::milliseconds most_backoff{30'000};
};

class Reflector {
 public:
  // All of it outlives the reflector. In: `seed` for the jitter.
  Reflector(Client& client, ReflectorSink& sink, ReflectorOptions options, std::uint64_t seed);

  // Blocks until stop. Returns early, with the error, only when WATCH is forbidden though LIST is
  // not: whoever runs it chooses what to do without. Once a watch was open that takes three answers
  // in a row, of which the sink is told the first two as failures: an API server that has just
  // started forbids everything until it has read its roles.
  [[nodiscard]] ApiResult<void> Run(const std::stop_token& stop);

 private:
  [[nodiscard]] ApiResult<void> Synchronise(const std::stop_token& stop);
  [[nodiscard]] ApiResult<void> List();
  [[nodiscard]] ApiResult<void> WatchList(const std::stop_token& stop);
  [[nodiscard]] ApiResult<void> WatchOn(const std::stop_token& stop);
  [[nodiscard]] bool IsForbiddenForSure();
  void OnEvent(std::string_view type, nlohmann::json object);
  void Lost(const ApiError& error, const std::stop_token& stop);

  Client& client_;
  ReflectorSink& sink_;
  const ReflectorOptions options_;
  std::mt19937_64 random_;
  std::string resource_version_;  // "": a list is needed
  bool watch_list_ = true;        // the server is asked for WatchList until it declines
  bool watched_ = false;          // a watch was open once
  int forbidden_ = 0;             // watches, since one was open
  int failures_ = 0;              // in a row
  int lost_states_ = 0;           // lists after which no watch lasted, in a row
};

}  // namespace injector::k8s
