// Admissions at a steady rate against two replicas, each patch applied again and judged. What fails
// at one replica is tried at the other, once, as an API server's retry would.
// Usage: soak_client CA_FILE SECONDS RATE PORT PORT (RATE 0: as fast as they answer)
// Prints one JSON object: sent, retried, failed, wrong, examples, per second, p99 in ms.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "tests/soak/checked_answer.h"
#include "tests/support/http_client.h"

namespace injector::test {
namespace {

using std::chrono::steady_clock;

constexpr int kThreads = 4;

struct Arguments {
  std::string authority_file;
  int seconds = 0;
  int rate = 0;
  std::vector<int> ports;
};

// What all threads found.
class Tally {
 public:
  // `retried`: why, "" if it was not.
  void Count(const std::string& wrong, const std::string& retried, bool failed,
             steady_clock::duration took) {
    const std::lock_guard lock(mutex_);
    ++sent_;
    if (!retried.empty()) ++retried_[retried];
    failed_ += failed ? 1 : 0;
    if (!failed) seconds_.push_back(std::chrono::duration<float>(took).count());
    if (wrong.empty()) return;
    ++wrong_;
    if (examples_.size() < 5) examples_.push_back(wrong);
  }

  [[nodiscard]] nlohmann::json Summary(int seconds) {
    std::sort(seconds_.begin(), seconds_.end());
    const float p99 = seconds_.empty() ? 0 : seconds_[seconds_.size() * 99 / 100];
    return {{"sent", sent_},         {"retried", retried_},
            {"failed", failed_},     {"wrong", wrong_},
            {"examples", examples_}, {"per second", sent_ / std::max(1, seconds)},
            {"p99, ms", p99 * 1000}};
  }

 private:
  std::mutex mutex_;
  long sent_ = 0;
  std::map<std::string, long> retried_;  // by reason
  long failed_ = 0;
  long wrong_ = 0;
  std::vector<std::string> examples_;
  std::vector<float> seconds_;
};

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// A kept connection to one replica, opened again when it has ended.
class Replica {
 public:
  Replica(int port, std::string authority_file)
      : port_(port), authority_file_(std::move(authority_file)) {}

  // Empty body: no answer, or one that an API server would not take, and then `why`.
  std::string Ask(const std::string& request, std::string& why) {
    if (!client_) {
      // The authority is read each time: certificates change while this runs.
      client_ = HttpClient::Connect(
          {.port = port_, .tls = true, .trusted_pem = ReadFile(authority_file_)});
    }
    why = "no connection";
    if (!client_) return "";
    const Response response = client_->Exchange(request);
    why = response.status == 0 ? "connection ended" : "status " + std::to_string(response.status);
    if (response.status != 200 || response.Header("Connection") == "close") client_.reset();
    return response.status == 200 ? response.body : "";
  }

 private:
  int port_;
  std::string authority_file_;
  std::unique_ptr<HttpClient> client_;
};

class Load {
 public:
  explicit Load(Arguments arguments)
      : arguments_(std::move(arguments)),
        begin_(steady_clock::now()),
        end_(begin_ + std::chrono::seconds(arguments_.seconds)) {}

  nlohmann::json Run() {
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) threads.emplace_back([this] { Work(); });
    for (std::thread& thread : threads) thread.join();
    return tally_.Summary(arguments_.seconds);
  }

 private:
  void Work() {
    std::vector<Replica> replicas;
    for (const int port : arguments_.ports) replicas.emplace_back(port, arguments_.authority_file);
    while (true) {
      const long number = next_++;
      if (arguments_.rate > 0) {
        std::this_thread::sleep_until(
            begin_ + std::chrono::microseconds(1'000'000 / arguments_.rate) * number);
      }
      if (steady_clock::now() >= end_) return;
      const CheckedAnswer check(number);
      const std::string request = PostRequest("/mutate?timeout=10s", check.Review());
      const auto asked = steady_clock::now();
      const auto at = static_cast<std::size_t>(number);
      std::string why;
      std::string answer = replicas[at % replicas.size()].Ask(request, why);
      const std::string retried = answer.empty() ? why : "";
      if (answer.empty()) answer = replicas[(at + 1) % replicas.size()].Ask(request, why);
      const auto took = steady_clock::now() - asked;
      const bool failed = answer.empty();
      tally_.Count(failed ? "" : check.Fault(answer), retried, failed, took);
    }
  }

  Arguments arguments_;
  steady_clock::time_point begin_;
  steady_clock::time_point end_;
  std::atomic<long> next_{0};
  Tally tally_;
};

}  // namespace
}  // namespace injector::test

int main(int argc, char** argv) {
  if (argc < 5) {
    std::cerr << "usage: soak_client CA_FILE SECONDS RATE PORT...\n";
    return 2;
  }
  std::signal(SIGPIPE, SIG_IGN);  // a replica that ends is a failed exchange, not our end
  injector::test::Arguments arguments{argv[1], std::atoi(argv[2]), std::atoi(argv[3]), {}};
  for (int i = 4; i < argc; ++i) arguments.ports.push_back(std::atoi(argv[i]));
  std::cout << injector::test::Load(std::move(arguments)).Run().dump() << "\n";
  return 0;
}
