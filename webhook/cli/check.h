#pragma once

// `component-injector check`: asks a running webhook as the API server does, through its Service
// and by the certificates that the webhook configuration trusts.

#include <chrono>
#include <cstddef>
#include <iosfwd>
#include <string>

#include "webhook/cli/environment.h"
#include "webhook/cli/flags.h"
#include "webhook/cli/option_reader.h"

namespace injector::webhook {

struct CheckOptions {
  // A MutatingWebhookConfiguration, whose first webhook names Service and caBundle; or else:
  std::string webhook;
  std::string url;      // https://HOST:PORT/PATH
  std::string ca_file;  // PEM; "": the system's authorities

  std::string kubeconfig;  // "": that of a pod in the cluster
  std::string namespace_name = "default";
  std::size_t times = 1;
  std::chrono::milliseconds timeout{std::chrono::seconds{10}};  // as the API server's
  Environment environment;
};

// Errors: exit code 2.
[[nodiscard]] OptionResult<CheckOptions> ReadCheckOptions(const FlagValues& flags,
                                                          const Environment& environment);

// Sends `times` reviews, each on a connection of its own, so that a Service hands them to all its
// replicas; nothing is created. Writes one line each to `out`; what is wrong goes to `err`.
// Out: the exit code: 0 when every answer injects daprd, 1 when one does not, 2 when the webhook
// configuration or a file cannot be read.
// Blocks: at most `timeout` for each review, ten seconds for the webhook configuration.
[[nodiscard]] int RunCheck(const CheckOptions& options, std::ostream& out, std::ostream& err);

}  // namespace injector::webhook
