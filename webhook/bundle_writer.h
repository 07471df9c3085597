#pragma once

// Brings the caBundles of one webhook configuration to what is wished: reads, changes, and begins
// again when somebody else was faster.

#include <chrono>
#include <functional>
#include <nlohmann/json.hpp>
#include <random>
#include <stop_token>
#include <string>

#include "k8s/client.h"
#include "webhook/ca_bundle.h"
#include "webhook/own_certificate.h"

namespace injector::webhook {

// One webhook configuration.
struct BundleTarget {
  std::string resource;  // mutatingwebhookconfigurations or validatingwebhookconfigurations
  std::string name;
  ServiceName service;  // whose webhooks are ours

  [[nodiscard]] std::string Collection() const;  // the path of all objects of the kind
  [[nodiscard]] std::string Title() const { return resource + "/" + name; }
};

struct BundleTimes {
  std::chrono::milliseconds conflict_jitter{200};  // before another try after a conflict, at most
  std::chrono::milliseconds call{10'000};          // for each call
  std::chrono::milliseconds poll{50'000};          // between reads where watching is forbidden
  std::chrono::milliseconds least_backoff{500};
  std::chrono::milliseconds most_backoff{15'000};
  std::chrono::milliseconds watch_again{600'000};   // after WATCH was forbidden
  std::chrono::milliseconds shortest_watch{1'000};  // one that ends sooner has failed
  // Between two writes of one wish; doubled while they repeat, that is, come within `calm`.
  std::chrono::milliseconds least_rewrite{1'000};
  std::chrono::milliseconds most_rewrite{8'000};
  std::chrono::milliseconds calm{60'000};
};

// What follows an object is told, from whatever thread works on it.
class BundleListener {
 public:
  virtual ~BundleListener() = default;

  virtual void Written(const Bundle& bundle) = 0;
  virtual void Conflict() = 0;
  // The object was seen to be as the wish of that number has it.
  virtual void Holds(int wish_number) = 0;
  // It could not be; the next try comes after `wait`.
  virtual void Failed(const k8s::ApiError& error, std::chrono::milliseconds wait) = 0;
  virtual void WatchForbidden(const k8s::ApiError& error) = 0;
  // The first of some watches in a row that fail; the next try comes after `wait`.
  virtual void WatchLost(const k8s::ApiError& error, std::chrono::milliseconds wait) = 0;
  // Now one lasts.
  virtual void WatchLasts() = 0;
  // Somebody undoes each of our writes; from now on they are up to `most` apart.
  virtual void Repeats(std::chrono::milliseconds most) = 0;
};

// Threads: for one at a time.
class BundleWriter {
 public:
  BundleWriter(k8s::Client& client, BundleTarget target, BundleListener& listener,
               const BundleTimes& times);

  // Reads the object with the verb `patch` alone, by a JSON patch without operations, and changes
  // it when it is not as wished; after a conflict it does so again, 30 times at most.
  // Out: the object as it is then.
  // Errors: as Client::Patch, a missing RBAC rule spelled out; kConflict when all tries met one;
  // kRefused when the object has no webhook of ours.
  // Blocks: for some calls, each with a deadline of its own, which is not after `last`; on stop,
  // for about a second.
  [[nodiscard]] k8s::ApiResult<nlohmann::json> Write(const BundleWish& wish, k8s::Deadline last,
                                                     const std::stop_token& stop);

  [[nodiscard]] const BundleTarget& Target() const { return target_; }
  [[nodiscard]] int Writes() const { return writes_; }  // how many changed the object

 private:
  enum class Tried { kDone, kConflict };
  // How long a call may take.
  struct Limits {
    k8s::Deadline last;
    const std::stop_token& stop;
  };
  [[nodiscard]] k8s::ApiResult<nlohmann::json> Patch(const k8s::ObjectPatch& patch,
                                                     const Limits& limits);
  [[nodiscard]] k8s::ApiResult<Tried> Try(const BundleWish& wish, const Limits& limits,
                                          nlohmann::json& object);

  k8s::Client& client_;
  const BundleTarget target_;
  BundleListener& listener_;
  const BundleTimes times_;
  std::mt19937_64 random_;
  int writes_ = 0;
};

}  // namespace injector::webhook
