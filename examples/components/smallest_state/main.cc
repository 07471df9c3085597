// The smallest complete state store: a map with etags, served as state.smallest.
#include <mutex>
#include <unordered_map>

#include "dapr_component_sdk/host.h"
using namespace dapr::component;  // NOLINT(google-build-using-namespace): a page of code

class Smallest : public StateStore {
 public:
  Result<void> Init(const Properties&) override { return {}; }
  std::vector<StateFeature> Features() const override { return {StateFeature::kEtag}; }
  Result<GetResponse> Get(const GetRequest& get) override {
    const std::lock_guard lock(mutex_);
    return values_.count(get.key) == 0 ? GetResponse{} : values_[get.key];
  }
  Result<void> Set(const SetRequest& set) override {
    const std::lock_guard lock(mutex_);
    if (Changed(set)) return EtagMismatch(set.key + " has changed");
    values_[set.key] = {set.value, std::to_string(++version_), {}, set.content_type};
    return {};
  }
  Result<void> Delete(const DeleteRequest& gone) override {
    const std::lock_guard lock(mutex_);
    if (Changed(gone)) return EtagMismatch(gone.key + " has changed");
    values_.erase(gone.key);
    return {};
  }

 private:
  bool Changed(const auto& call) { return call.etag && values_[call.key].etag != call.etag; }
  std::mutex mutex_;
  std::unordered_map<std::string, GetResponse> values_;
  int version_ = 0;
};

int main() {
  Host host;
  host.Register<Smallest>("smallest");
  return host.Run();
}
