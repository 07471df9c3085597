// Components as processes: signals, sudden death, names in use.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <grp.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>
#include <set>
#include <thread>

#include "component_client.h"
#include "support/scoped_temp_dir.h"
#include "wait_for.h"

namespace injector::test {
namespace {

using ::testing::HasSubstr;

// A component program with its sockets in `folder`; killed when it goes out of scope.
class Process {
 public:
  // Spawned, not forked: gRPC's threads of an earlier test may hold any lock in a fork's child.
  Process(std::vector<std::string> command, const std::string& folder, const std::string& log) {
    std::vector<char*> arguments;
    for (std::string& word : command) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    std::string sockets = "DAPR_COMPONENTS_SOCKETS_FOLDER=" + folder;
    std::vector<char*> environment;
    for (char** variable = environ; *variable != nullptr; ++variable)
      environment.push_back(*variable);
    environment.insert(environment.end(), {sockets.data(), nullptr});
    posix_spawn_file_actions_t files;
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawn_file_actions_addopen(&files, STDERR_FILENO, log.c_str(),
                                       O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (::posix_spawn(&pid_, arguments[0], &files, nullptr, arguments.data(), environment.data()) !=
        0)
      pid_ = -1;
    ::posix_spawn_file_actions_destroy(&files);
  }
  ~Process() {
    if (pid_ > 0) Kill();
  }
  void Signal(int number) const {
    if (pid_ > 0) ::kill(pid_, number);
  }
  void Kill() {
    Signal(SIGKILL);
    Wait();
  }
  // The exit code, or minus the signal.
  int Wait() {
    if (pid_ <= 0) return -1;
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

 private:
  pid_t pid_ = -1;
};

// Whether a process of that user and group, and of no other group, can connect.
bool ConnectsAs(unsigned user, const std::string& socket) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  socket.copy(address.sun_path, sizeof(address.sun_path) - 1);
  const pid_t child = ::fork();
  if (child == 0) {  // only system calls in here, see Process
    const int end = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool changed = ::setgroups(0, nullptr) == 0 && ::setgid(user) == 0 && ::setuid(user) == 0;
    const auto* const name = reinterpret_cast<const sockaddr*>(&address);
    ::_exit(changed && ::connect(end, name, sizeof(address)) == 0 ? 0 : 1);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  return status == 0;
}

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

// Its grace time is 1 s; the handler would run for ever.
TEST_F(ProcessTest, HandlerThatNeverReturnsDoesNotKeepTheProcess) {
  Process process({JOURNAL_COMPONENT, dir_ / "journal"}, dir_ / "s", dir_ / "log");
  ASSERT_TRUE(Appears("journal.sock"));
  ComponentClient client(dir_ / "s/journal.sock");
  ASSERT_TRUE(client.InitPubSub("x").ok());
  std::thread caller([&client] { EXPECT_FALSE(client.Publish("x", "for ever", "data").ok()); });
  EXPECT_TRUE(WaitFor([this] { return Log().find("for ever") != std::string::npos; }));
  process.Signal(SIGTERM);
  EXPECT_EQ(process.Wait(), 0);
  EXPECT_FALSE(std::filesystem::exists(dir_ / "s/journal.sock"));
  EXPECT_THAT(Log(), HasSubstr("handlers still run after the grace time"));
  caller.join();
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

TEST_F(ProcessTest, FolderThatCannotBeMadeEndsItWithOneAndASentence) {
  Process process({SMALLEST_COMPONENT}, "/proc/sockets", dir_ / "log");
  EXPECT_EQ(process.Wait(), 1);
  EXPECT_THAT(Log(), HasSubstr("cannot create socket folder /proc/sockets: "));
}

TEST_F(ProcessTest, AnotherUserCanConnect) {
  if (::getuid() != 0) GTEST_SKIP() << "only root can become another user";
  std::filesystem::permissions(dir_.path(), std::filesystem::perms(0755));
  const auto process = StartSmallest();
  ASSERT_TRUE(Appears("smallest.sock"));
  EXPECT_TRUE(ConnectsAs(65532, dir_ / "s/smallest.sock"));
}

// One stream of the runtime: acknowledges odd messages, rejects even ones, and notes what it
// acknowledged before it does.
class AckingStream final
    : public grpc::ClientBidiReactor<pb::PullMessagesRequest, pb::PullMessagesResponse> {
 public:
  struct Counts {
    std::atomic<int> open{0};
    std::atomic<int> received{0};
  };

  AckingStream(pb::PubSub::Stub* stub, const std::string& instance, const std::string& topic,
               Counts* counts)
      : context_(ComponentClient::Context(instance)), prefix_(instance + "/"), counts_(counts) {
    stub->async()->PullMessages(context_.get(), this);
    request_.mutable_topic()->set_name(topic);
    ++counts_->open;
    StartWrite(&request_);
    StartCall();
  }
  void OnReadDone(bool ok) override {
    if (!ok) return;
    ++counts_->received;
    if (message_.data().rfind(prefix_, 0) != 0) ++foreign;
    const bool even = message_.id().back() % 2 == 0;
    if (!even) acknowledged.insert(message_.data());
    request_.Clear();
    request_.set_ack_message_id(message_.id());
    if (even) request_.mutable_ack_error()->set_message("even");
    StartWrite(&request_);
  }
  // Reading goes on when the write is done, the first one too: a message may arrive before that,
  // and gRPC allows one write at a time.
  void OnWriteDone(bool ok) override {
    if (ok) StartRead(&message_);
  }
  void OnDone(const grpc::Status& /*status*/) override { --counts_->open; }

  std::set<std::string> acknowledged;
  int foreign = 0;  // messages of another instance

 private:
  std::unique_ptr<grpc::ClientContext> context_;
  const std::string prefix_;
  Counts* const counts_;
  pb::PullMessagesRequest request_;
  pb::PullMessagesResponse message_;
};

class KilledTest : public ProcessTest {
 protected:
  static constexpr int kInstances = 100;
  static constexpr int kStreams = 1000;

  // INJECTOR_SEED repeats a run.
  static unsigned Seed() {
    const char* const given = ::getenv("INJECTOR_SEED");
    return given != nullptr ? static_cast<unsigned>(std::strtoul(given, nullptr, 10))
                            : std::random_device()();
  }
  bool ServesAllInstances(ComponentClient& client) {
    for (int i = 0; i < kInstances; ++i)
      if (!client.InitPubSub("i" + std::to_string(i)).ok()) return false;
    return true;
  }
  // Subscribes, kills the component once `messages` have come and `more` has passed, and compares.
  // Returns how many acknowledgements the component took for success.
  int KillAfter(int messages, std::chrono::microseconds more);
};

int KilledTest::KillAfter(int messages, std::chrono::microseconds more) {
  const std::string journal = dir_ / "journal";
  std::filesystem::remove(journal);
  Process process({JOURNAL_COMPONENT, journal}, dir_ / "s", dir_ / "log");
  std::unique_ptr<ComponentClient> client;
  EXPECT_TRUE(WaitFor([&] {
    client = std::make_unique<ComponentClient>(dir_ / "s/journal.sock");
    return client->InitPubSub("i0").ok();
  }));
  EXPECT_TRUE(ServesAllInstances(*client));
  const auto stub = pb::PubSub::NewStub(client->channel());
  AckingStream::Counts counts;
  std::vector<std::unique_ptr<AckingStream>> streams;
  for (int i = 0; i < kStreams; ++i)
    streams.push_back(std::make_unique<AckingStream>(
        stub.get(), "i" + std::to_string(i % kInstances), "t" + std::to_string(i), &counts));
  EXPECT_TRUE(WaitFor([&] { return counts.received >= messages; })) << counts.received;
  std::this_thread::sleep_for(more);
  process.Kill();
  EXPECT_TRUE(WaitFor([&] { return counts.open == 0; })) << counts.open << " streams hang";
  std::set<std::string> acknowledged;
  for (const auto& stream : streams) {
    acknowledged.insert(stream->acknowledged.begin(), stream->acknowledged.end());
    EXPECT_EQ(stream->foreign, 0);
  }
  std::ifstream file(journal);
  int successes = 0;
  for (std::string line; std::getline(file, line); ++successes)
    EXPECT_EQ(acknowledged.count(line), 1U) << line << " was never acknowledged";
  return successes;
}

TEST_F(KilledTest, AtAnyMomentOfAThousandStreamsNoLostAckCountsAsSuccess) {
  const unsigned seed = Seed();
  std::cout << "INJECTOR_SEED=" << seed << std::endl;
  std::minstd_rand random(seed);
  int successes = 0;
  for (int round = 0; round < 6; ++round) {
    // From before the first stream is open until all have had a dozen messages.
    const int messages = static_cast<int>(random() % 3) * static_cast<int>(random() % 6000);
    const std::chrono::microseconds more(random() % 20'000);
    SCOPED_TRACE("killed after " + std::to_string(messages) + " messages and " +
                 std::to_string(more.count()) + " us");
    successes += KillAfter(messages, more);
  }
  successes += KillAfter(3 * kStreams, {});
  EXPECT_GT(successes, 0);
}

}  // namespace
}  // namespace injector::test
