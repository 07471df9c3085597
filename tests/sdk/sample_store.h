#pragma once
// A state store for the tests of the SDK itself.

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "dapr_component_sdk/host.h"

namespace injector::test {

namespace sdk = dapr::component;

// A map; some keys have a meaning: "throw" throws, "big" answers 5 MiB, "wait" blocks until
// Release, "stale" is an etag mismatch.
class SampleStore : public sdk::StateStore,
                    public sdk::TransactionalStateStore,
                    public sdk::QueriableStateStore {
 public:
  sdk::Result<void> Init(const sdk::Properties& metadata) override {
    if (metadata.count("fail") != 0)
      return sdk::Fail(sdk::ErrorKind::kInvalidArgument, "told to fail");
    return {};
  }
  sdk::Result<sdk::GetResponse> Get(const sdk::GetRequest& request) override {
    if (request.key == "throw") throw std::runtime_error("boom");
    if (request.key == "big") return sdk::GetResponse{std::string(5 << 20, 'x'), {}, {}, ""};
    std::unique_lock<std::mutex> lock(mutex_);
    if (request.key == "wait") {
      ++waiting;
      released_.wait(lock, [this] { return free_; });
    }
    return sdk::GetResponse{values_[request.key], "7", {}, "text/plain"};
  }
  sdk::Result<void> Set(const sdk::SetRequest& request) override {
    if (request.key == "stale") return sdk::EtagMismatch("stale has changed");
    const std::lock_guard<std::mutex> lock(mutex_);
    values_[request.key] = request.value;
    return {};
  }
  sdk::Result<void> Delete(const sdk::DeleteRequest& request) override {
    if (request.etag && request.etag->empty()) return sdk::EtagInvalid("an empty etag");
    const std::lock_guard<std::mutex> lock(mutex_);
    values_.erase(request.key);
    return {};
  }
  sdk::Result<void> BulkDelete(const std::vector<sdk::DeleteRequest>& requests,
                               std::int64_t) override {
    return sdk::BulkRowMismatch({static_cast<std::int64_t>(requests.size()), 0}, "no row");
  }
  sdk::Result<void> Transact(const std::vector<sdk::StateOperation>& operations,
                             const sdk::Properties&) override {
    for (const auto& operation : operations)
      if (const auto* set = std::get_if<sdk::SetRequest>(&operation)) {
        sdk::Result<void> done = Set(*set);
        if (!done) return done;
      }
    return {};
  }
  std::int64_t MultiMaxSize() const override { return 12; }
  sdk::Result<sdk::QueryResponse> Query(const sdk::Query& query) override {
    sdk::QueryResponse response;
    for (const auto& [name, operand] : query.filter)
      response.items.push_back({name, operand, "e", "", ""});
    response.token = std::to_string(query.limit);
    return response;
  }

  void Release() {
    const std::lock_guard<std::mutex> lock(mutex_);
    free_ = true;
    released_.notify_all();
  }

  std::atomic<int> waiting{0};

 private:
  std::mutex mutex_;
  std::condition_variable released_;
  bool free_ = false;
  std::map<std::string, std::string> values_;
};

}  // namespace injector::test
