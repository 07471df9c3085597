#pragma once

// A program that hands out credentials: the kubeconfig's users[].user.exec.
// Source: client.authentication.k8s.io/v1 ExecCredential.

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "k8s/cluster_config.h"

namespace injector::k8s {

struct ExecPluginOptions {
  std::string command;  // with a slash: a path; else looked up in PATH
  std::vector<std::string> arguments;
  std::vector<std::pair<std::string, std::string>> environment;  // added to ours
  std::string api_version;   // client.authentication.k8s.io/v1 or /v1beta1
  std::string install_hint;  // shown when the command is not there
  std::string cluster;       // JSON: spec.cluster of KUBERNETES_EXEC_INFO; "": none
  std::chrono::milliseconds timeout{60'000};
};

// Threads: safe; one run at a time.
class ExecPlugin {
 public:
  explicit ExecPlugin(ExecPluginOptions options) : options_(std::move(options)) {}

  // The plugin's credentials: those of the last run until they expire.
  // Out: token, client certificate and key; the CA is not the plugin's.
  // Errors: kConfiguration when it cannot be started, fails, takes too long, or says nothing that
  // is an ExecCredential; what it wrote to standard error is not part of the message.
  // Blocks: while the plugin runs.
  [[nodiscard]] ApiResult<Credentials> Current();
  void Refused();

 private:
  const ExecPluginOptions options_;
  std::mutex mutex_;
  std::optional<Credentials> cached_;              // guarded by mutex_
  std::chrono::system_clock::time_point expires_;  // guarded by mutex_
};

}  // namespace injector::k8s
