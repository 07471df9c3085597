#include "k8s/exec_plugin.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <nlohmann/json.hpp>
#include <system_error>

extern char** environ;

namespace injector::k8s {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using std::chrono::system_clock;

constexpr std::size_t kMaxOutput = std::size_t{1} << 20;
constexpr milliseconds kBeforeExpiry{10'000};

std::string SystemError(int code) {
  return std::generic_category().message(code);
}

// Standard output of a child process that ends with this object.
class Child {
 public:
  Child() = default;
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (output_ >= 0) ::close(output_);
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }

  // Out: 0, or the system's error code.
  int Start(const ExecPluginOptions& options) {
    std::array<int, 2> pipe{};
    if (::pipe2(pipe.data(), O_CLOEXEC) != 0) return errno;
    output_ = pipe[0];
    std::vector<std::string> words = {options.command};
    words.insert(words.end(), options.arguments.begin(), options.arguments.end());
    std::vector<std::string> variables = EnvironmentFor(options);
    auto arguments = Pointers(words);
    auto environment = Pointers(variables);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, pipe[1], STDOUT_FILENO);
    const int code = ::posix_spawnp(&process_, options.command.c_str(), &actions, nullptr,
                                    arguments.data(), environment.data());
    posix_spawn_file_actions_destroy(&actions);
    ::close(pipe[1]);
    if (code != 0) process_ = 0;
    return code;
  }

  // Everything it writes until it closes the pipe; nothing when that takes too long or is too much.
  std::optional<std::string> Output(steady_clock::time_point deadline) const {
    std::string text;
    std::array<char, 4096> buffer{};
    while (text.size() <= kMaxOutput) {
      const auto left =
          std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now()).count();
      pollfd waiting{output_, POLLIN, 0};
      if (left <= 0 || ::poll(&waiting, 1, static_cast<int>(left)) == 0) return std::nullopt;
      const ssize_t count = ::read(output_, buffer.data(), buffer.size());
      if (count == 0) return text;
      if (count < 0 && errno != EINTR) return std::nullopt;
      if (count > 0) text.append(buffer.data(), static_cast<std::size_t>(count));
    }
    return std::nullopt;
  }

  // The exit code; -1 when it was killed or does not end.
  int ExitCode(steady_clock::time_point deadline) {
    int status = 0;
    while (::waitpid(process_, &status, WNOHANG) == 0) {
      if (steady_clock::now() >= deadline) return -1;
      const timespec pause{0, 5'000'000};
      ::nanosleep(&pause, nullptr);
    }
    process_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  static std::vector<char*> Pointers(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (std::string& text : texts) pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
  }

  // A variable of the options takes the place of ours of that name.
  static std::vector<std::string> EnvironmentFor(const ExecPluginOptions& options) {
    auto added = options.environment;
    const json info = {{"kind", "ExecCredential"},
                       {"apiVersion", options.api_version},
                       {"spec", {{"interactive", false}}}};
    added.emplace_back("KUBERNETES_EXEC_INFO", info.dump());
    std::vector<std::string> variables;
    for (char** variable = environ; *variable != nullptr; ++variable) {
      const std::string_view text(*variable);
      bool replaced = false;
      for (const auto& [name, value] : added) replaced |= text.starts_with(name + "=");
      if (!replaced) variables.emplace_back(text);
    }
    for (const auto& [name, value] : added) variables.push_back(name + "=" + value);
    return variables;
  }

  pid_t process_ = 0;
  int output_ = -1;
};

std::string TextMember(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// RFC 3339 in UTC; the far future when there is none.
system_clock::time_point ParseTime(const std::string& text) {
  tm parts{};
  if (text.empty() || ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts) == nullptr) {
    return system_clock::time_point::max();
  }
  return system_clock::from_time_t(::timegm(&parts));
}

}  // namespace

ApiResult<Credentials> ExecPlugin::Current() {
  const std::lock_guard lock(mutex_);
  if (cached_ && system_clock::now() + kBeforeExpiry < expires_) return *cached_;
  const auto fail = [this](const std::string& why) {
    return ApiFail(ApiErrorKind::kConfiguration,
                   "credential plugin " + options_.command + ": " + why);
  };
  const auto deadline = steady_clock::now() + options_.timeout;
  Child child;
  if (const int code = child.Start(options_); code != 0) {
    const std::string hint = options_.install_hint.empty() ? "" : "; " + options_.install_hint;
    return fail(SystemError(code) + hint);
  }
  const auto output = child.Output(deadline);
  if (!output) return fail("took too long or wrote too much");
  if (const int code = child.ExitCode(deadline); code != 0) {
    return fail("ended with exit code " + std::to_string(code));
  }
  const json answer = json::parse(*output, nullptr, /*allow_exceptions=*/false);
  const auto status = answer.is_object() ? answer.find("status") : answer.end();
  if (status == answer.end() || !status->is_object()) {
    return fail("wrote no ExecCredential with a status");
  }
  Credentials credentials;
  credentials.token = TextMember(*status, "token");
  credentials.client_certificate = TextMember(*status, "clientCertificateData");
  credentials.client_key = TextMember(*status, "clientKeyData");
  if (credentials.token.empty() && credentials.client_certificate.empty()) {
    return fail("gave neither a token nor a client certificate");
  }
  expires_ = ParseTime(TextMember(*status, "expirationTimestamp"));
  cached_ = credentials;
  return credentials;
}

void ExecPlugin::Refused() {
  const std::lock_guard lock(mutex_);
  cached_.reset();
}

}  // namespace injector::k8s
