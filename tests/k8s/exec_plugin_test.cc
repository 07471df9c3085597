#include "k8s/exec_plugin.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "tests/support/scoped_temp_dir.h"

namespace injector::test {
namespace {

using k8s::ApiErrorKind;
using k8s::ExecPlugin;
using k8s::ExecPluginOptions;
using ::testing::HasSubstr;

constexpr const char* kVersion = "client.authentication.k8s.io/v1";

class ExecPluginTest : public ::testing::Test {
 protected:
  // A plugin that runs `commands` in a shell; each run leaves a line in the file "runs".
  ExecPluginOptions Script(const std::string& commands) const {
    namespace fs = std::filesystem;
    const std::string path =
        folder_.Write("plugin", "#!/bin/sh\necho run >> " + (folder_ / "runs") + "\n" + commands);
    fs::permissions(path, fs::perms::owner_all);
    ExecPluginOptions options;
    options.command = path;
    options.api_version = kVersion;
    return options;
  }

  // One that prints an ExecCredential with this status.
  ExecPluginOptions Giving(const std::string& status) const {
    return Script("cat <<'END'\n{\"kind\": \"ExecCredential\", \"apiVersion\": \"" +
                  std::string(kVersion) + "\", \"status\": " + status + "}\nEND\n");
  }

  [[nodiscard]] std::string TextOf(const std::string& name) const {
    std::ifstream file(folder_ / name);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  [[nodiscard]] int Runs() const {
    const std::string text = TextOf("runs");
    return static_cast<int>(std::count(text.begin(), text.end(), '\n'));
  }

  static void ExpectFault(const ExecPluginOptions& options, const std::string& why) {
    const auto credentials = ExecPlugin(options).Current();
    ASSERT_FALSE(credentials);
    EXPECT_EQ(credentials.error().kind, ApiErrorKind::kConfiguration);
    EXPECT_EQ(credentials.error().message, "credential plugin " + options.command + ": " + why);
  }

  // It is gone, or dead and not yet collected by its new parent.
  static bool HasEnded(const std::string& process) {
    std::ifstream status("/proc/" + process + "/stat");
    std::string line;
    std::getline(status, line);
    return line.empty() || line.find(") Z ") != std::string::npos;
  }

  ScopedTempDir folder_;
};

TEST_F(ExecPluginTest, TokenIsGiven) {
  ExecPlugin plugin(Giving(R"({"token": "secret"})"));
  const auto credentials = plugin.Current();
  ASSERT_TRUE(credentials) << credentials.error().message;
  EXPECT_EQ(credentials->token, "secret");
  EXPECT_EQ(credentials->client_certificate, "");
  EXPECT_EQ(credentials->ca, "");
}

TEST_F(ExecPluginTest, CertificateAndKeyAreGiven) {
  ExecPlugin plugin(Giving(R"({"clientCertificateData": "-----BEGIN CERTIFICATE-----",
      "clientKeyData": "-----BEGIN EC PRIVATE KEY-----"})"));
  const auto credentials = plugin.Current();
  ASSERT_TRUE(credentials) << credentials.error().message;
  EXPECT_EQ(credentials->client_certificate, "-----BEGIN CERTIFICATE-----");
  EXPECT_EQ(credentials->client_key, "-----BEGIN EC PRIVATE KEY-----");
}

TEST_F(ExecPluginTest, WithoutExpiryItRunsOnce) {
  ExecPlugin plugin(Giving(R"({"token": "secret"})"));
  ASSERT_TRUE(plugin.Current());
  ASSERT_TRUE(plugin.Current());
  EXPECT_EQ(Runs(), 1);
}

TEST_F(ExecPluginTest, BeforeExpiryItDoesNotRunAgain) {
  ExecPlugin plugin(
      Giving(R"({"token": "secret", "expirationTimestamp": "2999-01-01T00:00:00.5+02:00"})"));
  ASSERT_TRUE(plugin.Current());
  ASSERT_TRUE(plugin.Current());
  EXPECT_EQ(Runs(), 1);
}

TEST_F(ExecPluginTest, AfterExpiryItRunsAgain) {
  ExecPlugin plugin(
      Giving(R"({"token": "secret", "expirationTimestamp": "2020-01-01T00:00:00Z"})"));
  ASSERT_TRUE(plugin.Current());
  ASSERT_TRUE(plugin.Current());
  EXPECT_EQ(Runs(), 2);
}

TEST_F(ExecPluginTest, RefusedCredentialsMakeItRunAgain) {
  ExecPlugin plugin(Giving(R"({"token": "secret"})"));
  ASSERT_TRUE(plugin.Current());
  plugin.Refused();
  ASSERT_TRUE(plugin.Current());
  EXPECT_EQ(Runs(), 2);
}

TEST_F(ExecPluginTest, FailedRunIsTriedAgain) {
  ExecPlugin plugin(Script("test -e " + (folder_ / "ready") + R"( || exit 3
echo '{"kind": "ExecCredential", "apiVersion": "client.authentication.k8s.io/v1",'
echo '"status": {"token": "secret"}}')"));
  ASSERT_FALSE(plugin.Current());
  folder_.Write("ready", "");
  EXPECT_TRUE(plugin.Current());
}

TEST_F(ExecPluginTest, ExitCodeIsToldAndStandardErrorIsNot) {
  ExpectFault(Script("echo secret >&2\nexit 3\n"), "ended with exit code 3");
}

TEST_F(ExecPluginTest, SignalIsTold) {
  ExpectFault(Script("kill -9 $$\n"), "was killed by signal 9");
}

TEST_F(ExecPluginTest, MissingCommandComesWithTheHint) {
  ExecPluginOptions options;
  options.command = folder_ / "absent";
  options.install_hint = "install it from example.com";
  ExpectFault(options, "No such file or directory; install it from example.com");
}

TEST_F(ExecPluginTest, OneThatIsTooSlowIsEndedWithWhatItStarted) {
  ExecPluginOptions options =
      Script("(sleep 600; echo late) &\necho $! > " + (folder_ / "child") + "\nwait\n");
  options.timeout = std::chrono::seconds(2);  // for the shell to write its file
  ExpectFault(options, "took too long or wrote too much");
  const std::string child = TextOf("child");
  ASSERT_NE(child, "");
  // A signal is sent before it has ended its process.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  const std::string process = child.substr(0, child.size() - 1);
  while (!HasEnded(process) && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  EXPECT_TRUE(HasEnded(process));
}

TEST_F(ExecPluginTest, OutputBeyondTheBoundIsRefused) {
  ExpectFault(Script("head -c 2000000 /dev/zero\n"), "took too long or wrote too much");
}

TEST_F(ExecPluginTest, OutputThatIsNoCredentialIsRefused) {
  const std::string why = "wrote no ExecCredential with a status";
  for (const char* output : {"", "garbage", "[]", R"({"kind": "ExecCredential"})",
                             R"({"kind": "ExecCredential", "status": []})",
                             R"({"kind": "TokenReview", "status": {"token": "secret"}})"}) {
    SCOPED_TRACE(output);
    ExpectFault(Script(std::string("cat <<'END'\n") + output + "\nEND\n"), why);
  }
}

TEST_F(ExecPluginTest, AnotherApiVersionIsRefused) {
  ExecPluginOptions options = Giving(R"({"token": "secret"})");
  options.api_version = "client.authentication.k8s.io/v1beta1";
  const auto credentials = ExecPlugin(options).Current();
  ASSERT_FALSE(credentials);
  EXPECT_THAT(credentials.error().message,
              HasSubstr("apiVersion: expected client.authentication.k8s.io/v1beta1"));
}

TEST_F(ExecPluginTest, StatusWithoutCredentialsIsRefused) {
  ExpectFault(Giving("{}"), "gave neither a token nor a client certificate");
  ExpectFault(Giving(R"({"token": 5})"), "gave neither a token nor a client certificate");
  ExpectFault(Giving(R"({"clientCertificateData": "CERT"})"),
              "gave one of clientCertificateData and clientKeyData without the other");
}

TEST_F(ExecPluginTest, CertificateOrKeyThatIsNoPemIsRefused) {
  ExpectFault(Giving(R"({"clientCertificateData": "CERT", "clientKeyData": "KEY"})"),
              "gave a clientCertificateData that is no PEM with a CERTIFICATE");
  ExpectFault(Giving(R"({"clientCertificateData": "-----BEGIN CERTIFICATE-----",
      "clientKeyData": "-----BEGIN PUBLIC KEY-----"})"),
              "gave a clientKeyData that is no PEM with a PRIVATE KEY");
}

TEST_F(ExecPluginTest, ExpiryThatIsNoTimeIsRefused) {
  for (const char* time : {"soon", "2999-01-01", "2999-01-01T00:00:00", "2999-01-01T00:00:00.5",
                           "2999-01-01T00:00:00Zx", "2999-01-01T00:00:00+x"}) {
    SCOPED_TRACE(time);
    ExpectFault(Giving(R"({"token": "x", "expirationTimestamp": ")" + std::string(time) + "\"}"),
                "expirationTimestamp is no RFC 3339 time");
  }
}

TEST_F(ExecPluginTest, ArgumentsAndEnvironmentReachIt) {
  ExecPluginOptions options =
      Script("printf '%s|' \"$@\" \"$CLUSTER\" \"$HOME\" > " + (folder_ / "seen") +
             "\nprintf %s \"$KUBERNETES_EXEC_INFO\" > " + (folder_ / "info") + "\nexit 1\n");
  options.arguments = {"get token", "--now"};
  options.environment = {{"CLUSTER", "prod"}, {"HOME", "/elsewhere"}};
  EXPECT_FALSE(ExecPlugin(options).Current());
  EXPECT_EQ(TextOf("seen"), "get token|--now|prod|/elsewhere|");
  EXPECT_EQ(nlohmann::json::parse(TextOf("info")), nlohmann::json::parse(R"({
    "kind": "ExecCredential", "apiVersion": "client.authentication.k8s.io/v1",
    "spec": {"interactive": false}})"));
}

TEST_F(ExecPluginTest, ClusterReachesIt) {
  ExecPluginOptions options =
      Script("printf %s \"$KUBERNETES_EXEC_INFO\" > " + (folder_ / "info") + "\nexit 1\n");
  options.cluster = R"({"server": "https://x"})";
  EXPECT_FALSE(ExecPlugin(options).Current());
  EXPECT_EQ(nlohmann::json::parse(TextOf("info")), nlohmann::json::parse(R"({
    "kind": "ExecCredential", "apiVersion": "client.authentication.k8s.io/v1",
    "spec": {"interactive": false, "cluster": {"server": "https://x"}}})"));
}

TEST_F(ExecPluginTest, CommandWithoutASlashIsLookedUpInThePath) {
  ExecPluginOptions options;
  options.command = "false";
  ExpectFault(options, "ended with exit code 1");
}

}  // namespace
}  // namespace injector::test
