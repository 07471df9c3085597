#include "k8s/exec_plugin.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <system_error>

#include "k8s/pem.h"

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

// Signals as a program expects them, whatever the thread that starts it has blocked; a process
// group of its own, so that what it starts can be ended with it.
class SpawnAttributes {
 public:
  SpawnAttributes() {
    sigset_t none;
    sigset_t defaults;
    sigemptyset(&none);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    posix_spawnattr_init(&attributes_);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &defaults);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  ~SpawnAttributes() { posix_spawnattr_destroy(&attributes_); }
  SpawnAttributes(const SpawnAttributes&) = delete;
  SpawnAttributes& operator=(const SpawnAttributes&) = delete;

  [[nodiscard]] const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_{};
};

// Standard output of a child process that ends with this object.
class Child {
 public:
  Child() = default;
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (output_ >= 0) ::close(output_);
    if (process_ <= 0) return;
    ::kill(-process_, SIGKILL);
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
    const SpawnAttributes attributes;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, pipe[1], STDOUT_FILENO);
    const int code = ::posix_spawnp(&process_, options.command.c_str(), &actions, attributes.get(),
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
      const int ready = left <= 0 ? 0 : ::poll(&waiting, 1, static_cast<int>(left));
      if (ready == 0) return std::nullopt;
      if (ready < 0 && errno == EINTR) continue;
      const ssize_t count = ::read(output_, buffer.data(), buffer.size());
      if (count == 0) return text;
      if (count < 0 && errno != EINTR) return std::nullopt;
      if (count > 0) text.append(buffer.data(), static_cast<std::size_t>(count));
    }
    return std::nullopt;
  }

  // How it ended when it did not end well; "" when it did.
  std::string Complaint(steady_clock::time_point deadline) {
    int status = 0;
    while (::waitpid(process_, &status, WNOHANG) == 0) {
      if (steady_clock::now() >= deadline) return "does not end";
      const timespec pause{0, 5'000'000};
      ::nanosleep(&pause, nullptr);
    }
    process_ = 0;
    if (!WIFEXITED(status)) return "was killed by signal " + std::to_string(WTERMSIG(status));
    if (WEXITSTATUS(status) == 0) return {};
    return "ended with exit code " + std::to_string(WEXITSTATUS(status));
  }

 private:
  static std::vector<char*> Pointers(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    pointers.reserve(texts.size() + 1);
    for (std::string& text : texts) pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
  }

  // A variable of the options takes the place of ours of that name.
  static std::vector<std::string> EnvironmentFor(const ExecPluginOptions& options) {
    auto added = options.environment;
    json info = {{"kind", "ExecCredential"},
                 {"apiVersion", options.api_version},
                 {"spec", {{"interactive", false}}}};
    if (!options.cluster.empty()) info["spec"]["cluster"] = json::parse(options.cluster);
    added.emplace_back("KUBERNETES_EXEC_INFO", info.dump());
    std::vector<std::string> variables;
    std::vector<std::string> starts;
    starts.reserve(added.size());
    for (const auto& [name, value] : added) starts.push_back(name + "=");
    for (char** variable = environ; *variable != nullptr; ++variable) {
      const std::string_view text(*variable);
      bool replaced = false;
      for (const std::string& start : starts) replaced |= text.starts_with(start);
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

// The moment of an RFC 3339 text; the far future for "", nothing for any other text.
std::optional<system_clock::time_point> ParseTime(const std::string& text) {
  if (text.empty()) return system_clock::time_point::max();
  tm parts{};
  const char* rest = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  if (rest == nullptr) return std::nullopt;
  if (*rest == '.') rest += 1 + std::string_view(rest + 1).find_first_not_of("0123456789");
  tm offset{};
  const char sign = *rest;
  if (sign == '+' || sign == '-') {
    rest = ::strptime(rest + 1, "%H:%M", &offset);
  } else if (sign == 'Z') {
    ++rest;
  } else {
    return std::nullopt;
  }
  if (rest == nullptr || *rest != '\0') return std::nullopt;
  const std::chrono::minutes east(offset.tm_hour * 60 + offset.tm_min);
  const std::chrono::seconds seconds(::timegm(&parts));
  // A clock that counts nanoseconds ends in 2262.
  constexpr std::chrono::hours kFarFuture(24 * 365 * 200);
  if (seconds >= kFarFuture) return system_clock::time_point::max();
  return system_clock::time_point(seconds + (sign == '-' ? east : -east));
}

tl::expected<json, std::string> RunPlugin(const ExecPluginOptions& options) {
  const auto deadline = steady_clock::now() + options.timeout;
  Child child;
  if (const int code = child.Start(options); code != 0) {
    const std::string hint = options.install_hint.empty() ? "" : "; " + options.install_hint;
    return tl::unexpected(SystemError(code) + hint);
  }
  const auto output = child.Output(deadline);
  if (!output) return tl::unexpected(std::string("took too long or wrote too much"));
  if (std::string why = child.Complaint(deadline); !why.empty()) {
    return tl::unexpected(std::move(why));
  }
  json answer = json::parse(*output, nullptr, /*allow_exceptions=*/false);
  const bool is_credential = answer.is_object() && TextMember(answer, "kind") == "ExecCredential" &&
                             answer.contains("status") && answer["status"].is_object();
  if (!is_credential) {
    return tl::unexpected(std::string("wrote no ExecCredential with a status"));
  }
  const std::string version = TextMember(answer, "apiVersion");
  if (version != options.api_version) {
    return tl::unexpected("apiVersion: expected " + options.api_version +
                          ", found another; the kubeconfig's exec.apiVersion must be the plugin's");
  }
  return std::move(answer["status"]);
}

}  // namespace

ApiResult<Credentials> ExecPlugin::Current() {
  const std::lock_guard lock(mutex_);
  if (cached_ && system_clock::now() + kBeforeExpiry < expires_) return *cached_;
  const auto fail = [this](const std::string& why) {
    return ApiFail(ApiErrorKind::kConfiguration,
                   "credential plugin " + options_.command + ": " + why);
  };
  const auto status = RunPlugin(options_);
  if (!status) return fail(status.error());
  Credentials credentials;
  credentials.token = TextMember(*status, "token");
  credentials.client_certificate = TextMember(*status, "clientCertificateData");
  credentials.client_key = TextMember(*status, "clientKeyData");
  if (credentials.client_certificate.empty() != credentials.client_key.empty()) {
    return fail("gave one of clientCertificateData and clientKeyData without the other");
  }
  if (credentials.token.empty() && credentials.client_certificate.empty()) {
    return fail("gave neither a token nor a client certificate");
  }
  if (!credentials.client_key.empty()) {
    if (!HoldsPem(credentials.client_certificate, kPemCertificate)) {
      return fail("gave a clientCertificateData that is no PEM with a CERTIFICATE");
    }
    if (!HoldsPem(credentials.client_key, kPemKey)) {
      return fail("gave a clientKeyData that is no PEM with a PRIVATE KEY");
    }
  }
  const auto expires = ParseTime(TextMember(*status, "expirationTimestamp"));
  if (!expires) return fail("expirationTimestamp is no RFC 3339 time");
  expires_ = *expires;
  cached_ = credentials;
  return credentials;
}

void ExecPlugin::Refused() {
  const std::lock_guard lock(mutex_);
  cached_.reset();
}

}  // namespace injector::k8s
