// A component with a race: two handlers count without a lock. ThreadSanitizer has to tell it with
// the distribution's gRPC below, and with what is suppressed and ordered for its sake; otherwise
// its silence about the other tests means nothing. Exit code 0: both handlers did run at once.
#include <atomic>
#include <chrono>
#include <thread>

#include "component_client.h"
#include "hosted.h"
#include "support/scoped_temp_dir.h"

namespace injector::test {
namespace {

class RacyStore final : public sdk::StateStore {
 public:
  sdk::Result<void> Init(const sdk::Properties&) override { return {}; }
  sdk::Result<sdk::GetResponse> Get(const sdk::GetRequest&) override {
    CountUnguarded();
    return sdk::GetResponse{};
  }
  sdk::Result<void> Set(const sdk::SetRequest&) override { return {}; }
  sdk::Result<void> Delete(const sdk::DeleteRequest&) override { return {}; }

  [[nodiscard]] bool BothRan() const { return running_.load(std::memory_order_relaxed) >= 2; }

 private:
  void CountUnguarded() {
    ++count_;
    // Relaxed: the wait for the other handler must not order the two.
    running_.fetch_add(1, std::memory_order_relaxed);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!BothRan() && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  }

  int count_ = 0;
  std::atomic<int> running_{0};
};

int RunRace() {
  const ScopedTempDir dir;
  Hosted<RacyStore> hosted(dir.path());
  if (!hosted.started) return 1;
  ComponentClient client(dir / "sample.sock");
  if (!client.InitState("x").ok()) return 1;
  std::thread other([&client] { client.Get("x", "a"); });
  client.Get("x", "b");
  other.join();
  return hosted["x"].BothRan() ? 0 : 1;
}

}  // namespace
}  // namespace injector::test

int main() {
  return injector::test::RunRace();
}
