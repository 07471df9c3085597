// Components as processes: signals, sudden death, names in use.
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <set>
#include <thread>

#include "component_client.h"
#include "support/scoped_temp_dir.h"

namespace injector::test {
namespace {

using ::testing::HasSubstr;
using Clock = std::chrono::steady_clock;

bool WaitFor(const std::function<bool()>& condition) {
  const auto deadline = Clock::now() + std::chrono::seconds(30);
  while (!condition()) {
    if (Clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

// A component program with its sockets in `folder`; killed when it goes out of scope.
class Process {
 public:
  Process(std::vector<std::string> command, const std::string& folder, const std::string& log) {
    std::vector<char*> arguments;
    for (std::string& word : command) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::setenv("DAPR_COMPONENTS_SOCKETS_FOLDER", folder.c_str(), 1);
      if (::freopen(log.c_str(), "w", stderr) == nullptr) ::_exit(126);
      ::execv(arguments[0], arguments.data());
      ::_exit(127);
    }
  }
  ~Process() {
    if (pid_ > 0) Kill();
  }
  void Signal(int number) const { ::kill(pid_, number); }
  void Kill() {
    Signal(SIGKILL);
    Wait();
  }
  // The exit code, or minus the signal.
  int Wait() {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

 private:
  pid_t pid_ = -1;
};

class ProcessTest : public ::testing::Test {
 protected:
  std::unique_ptr<Process> StartSmallest() {
    return std::make_unique<Process>(std::vector<std::string>{SMALLEST_COMPONENT}, dir_ / "s",
                                     dir_ / "log");
  }
  bool Appears(const std::string& name) {
    return WaitFor([&] { return std::filesystem::exists(dir_ / ("s/" + name)); });
  }
  std::string Log() {
    std::ifstream file(dir_ / "log");
    return {std::istreambuf_iterator<char>(file), {}};
  }
  ScopedTempDir dir_;
};

TEST_F(ProcessTest, SocketAnswersFromTheMomentItAppears) {
  const auto process = StartSmallest();
  ASSERT_TRUE(Appears("smallest.sock"));
  ComponentClient client(dir_ / "s/smallest.sock");
  EXPECT_TRUE(client.InitState("x").ok());
}

TEST_F(ProcessTest, SigtermRemovesTheSocketAndExitsWithZero) {
  const auto process = StartSmallest();
  ASSERT_TRUE(Appears("smallest.sock"));
  process->Signal(SIGTERM);
  EXPECT_EQ(process->Wait(), 0);
  EXPECT_FALSE(std::filesystem::exists(dir_ / "s/smallest.sock"));
}

TEST_F(ProcessTest, RestartAfterAKillTakesTheStaleSocketOver) {
  auto process = StartSmallest();
  ASSERT_TRUE(Appears("smallest.sock"));
  process->Kill();
  ASSERT_TRUE(std::filesystem::exists(dir_ / "s/smallest.sock"));
  process = StartSmallest();
  EXPECT_TRUE(WaitFor([&] {
    ComponentClient client(dir_ / "s/smallest.sock");
    return client.InitState("x").ok();
  }));
}

TEST_F(ProcessTest, SecondProcessOnTheNameExitsWithOneAndASentence) {
  const auto first = StartSmallest();
  ASSERT_TRUE(Appears("smallest.sock"));
  const auto second = StartSmallest();
  EXPECT_EQ(second->Wait(), 1);
  EXPECT_THAT(Log(), HasSubstr("smallest.sock is in use: another process answers there"));
  ComponentClient client(dir_ / "s/smallest.sock");
  EXPECT_TRUE(client.InitState("x").ok());
}

TEST_F(ProcessTest, AnotherUserCanConnect) {
  if (::getuid() != 0) GTEST_SKIP() << "only root can become another user";
  std::filesystem::permissions(dir_.path(), std::filesystem::perms(0755));
  const auto process = StartSmallest();
  ASSERT_TRUE(Appears("smallest.sock"));
  const std::string socket = dir_ / "s/smallest.sock";
  const Process other({"/usr/bin/env", "true"}, dir_ / "s", dir_ / "other");
  const pid_t child = ::fork();
  if (child == 0) {
    const bool changed = ::setgid(65532) == 0 && ::setuid(65532) == 0;
    ::_exit(changed && ::access(socket.c_str(), W_OK) == 0 ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0) << "connect() needs write permission on the socket";
}

// One stream of the runtime: acknowledges odd messages, rejects even ones, and notes what it
// acknowledged before it does.
class AckingStream final
    : public grpc::ClientBidiReactor<pb::PullMessagesRequest, pb::PullMessagesResponse> {
 public:
  AckingStream(pb::PubSub::Stub* stub, const std::string& topic, std::atomic<int>* open,
               std::atomic<int>* received)
      : context_(ComponentClient::Context("x")), open_(open), received_(received) {
    stub->async()->PullMessages(context_.get(), this);
    request_.mutable_topic()->set_name(topic);
    StartWrite(&request_);
    StartRead(&message_);
    StartCall();
  }
  void OnReadDone(bool ok) override {
    if (!ok) return;
    ++*received_;
    const bool even = message_.id().back() % 2 == 0;
    if (!even) acknowledged.insert(message_.data());
    request_.Clear();
    request_.set_ack_message_id(message_.id());
    if (even) request_.mutable_ack_error()->set_message("even");
    StartWrite(&request_);
  }
  void OnWriteDone(bool ok) override {
    if (!ok) return;
    if (subscribed_) StartRead(&message_);
    subscribed_ = true;
  }
  void OnDone(const grpc::Status& /*status*/) override { --*open_; }

  std::set<std::string> acknowledged;

 private:
  std::unique_ptr<grpc::ClientContext> context_;
  std::atomic<int>* const open_;
  std::atomic<int>* const received_;
  pb::PullMessagesRequest request_;
  pb::PullMessagesResponse message_;
  bool subscribed_ = false;
};

TEST_F(ProcessTest, KilledAtAnyMomentWithAThousandStreamsNoLostAckCountsAsSuccess) {
  constexpr int kStreams = 1000;
  std::minstd_rand random(20240611);
  for (int round = 0; round < 3; ++round) {
    const std::string journal = dir_ / ("journal" + std::to_string(round));
    Process process({JOURNAL_COMPONENT, journal}, dir_ / "s", dir_ / "log");
    std::unique_ptr<ComponentClient> client;
    ASSERT_TRUE(WaitFor([&] {
      client = std::make_unique<ComponentClient>(dir_ / "s/journal.sock");
      return client->InitPubSub("x").ok();
    }));
    const auto stub = pb::PubSub::NewStub(client->channel());
    std::atomic<int> open{kStreams};
    std::atomic<int> received{0};
    std::vector<std::unique_ptr<AckingStream>> streams;
    for (int i = 0; i < kStreams; ++i)
      streams.push_back(
          std::make_unique<AckingStream>(stub.get(), "t" + std::to_string(i), &open, &received));
    const int moment = kStreams * 4 + static_cast<int>(random() % 8000);
    EXPECT_TRUE(WaitFor([&] { return received >= moment; })) << received;
    process.Kill();
    ASSERT_TRUE(WaitFor([&] { return open == 0; })) << open << " streams hang";
    std::set<std::string> acknowledged;
    for (const auto& stream : streams)
      acknowledged.insert(stream->acknowledged.begin(), stream->acknowledged.end());
    std::ifstream file(journal);
    int successes = 0;
    for (std::string line; std::getline(file, line); ++successes)
      EXPECT_EQ(acknowledged.count(line), 1U) << line << " was never acknowledged";
    EXPECT_GT(successes, 0);
  }
}

}  // namespace
}  // namespace injector::test
