#pragma once

// Calls of the Kubernetes API by resource path, with its errors told apart. Knows no types: objects
// are JSON.

#include <chrono>
#include <functional>
#include <nlohmann/json.hpp>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "k8s/error.h"
#include "k8s/transport.h"

namespace injector::k8s {

using Deadline = std::chrono::steady_clock::time_point;

// A collection such as /apis/dapr.io/v1alpha1/components or
// /apis/dapr.io/v1alpha1/namespaces/shop/components.
struct ObjectList {
  std::vector<nlohmann::json> items;
  std::string resource_version;
};

enum class PatchType { kJson, kStrategicMerge };

struct ObjectPatch {
  PatchType type;
  std::string text;
};

struct WatchOptions {
  std::string resource_version;
  bool send_initial_events = false;           // WatchList: the objects there are, then a bookmark
  std::chrono::seconds timeout{300};          // asked of the server
  std::chrono::milliseconds silence{75'000};  // without any line the peer counts as dead
  std::function<void()> on_open = {};         // called when the server has accepted the watch
};

// Threads: safe when the transport is.
class Client {
 public:
  explicit Client(Transport& transport) : transport_(transport) {}

  [[nodiscard]] ApiResult<nlohmann::json> Get(std::string_view path, Deadline deadline);

  // A consistent list of the whole collection, in pages of `page_size`, or less after kBadReply.
  // Errors: kGone when a continue token expired: the pages would not be of one state.
  [[nodiscard]] ApiResult<ObjectList> List(std::string_view path, int page_size, Deadline deadline);

  // As List, but hands out each object as its page comes, so that a large collection is never in
  // memory as a whole. After an error, what was handed out is no whole.
  // Out: the resource version of the list.
  [[nodiscard]] ApiResult<std::string> ListEach(
      std::string_view path, int page_size, Deadline deadline,
      const std::function<void(nlohmann::json object)>& on_object);

  // Blocks and hands out each event's type and object until the stream ends, `on_event` returns
  // false, or stop. An event of type ERROR ends it with that error.
  [[nodiscard]] ApiResult<void> Watch(
      std::string_view path, const WatchOptions& options,
      const std::function<bool(std::string_view type, nlohmann::json object)>& on_event,
      std::stop_token stop);

  // Out: the object as it is afterwards. Errors: kUnreachable also on stop; the server may have
  // patched the object then.
  [[nodiscard]] ApiResult<nlohmann::json> Patch(std::string_view path, const ObjectPatch& patch,
                                                Deadline deadline, std::stop_token stop = {});

 private:
  // Out: the body of an answer with status 200.
  [[nodiscard]] ApiResult<std::string> Send(const ApiRequest& request);

  Transport& transport_;
};

}  // namespace injector::k8s
