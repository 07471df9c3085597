#pragma once

// What each command was told: flags before variables before defaults, checked as a whole.

#include <string>

#include "webhook/cli/environment.h"
#include "webhook/cli/explain.h"
#include "webhook/cli/flags.h"
#include "webhook/cli/inject.h"
#include "webhook/cli/option_reader.h"
#include "webhook/cli/review.h"
#include "webhook/cli/serve.h"
#include "webhook/cli/wait.h"

namespace injector::webhook {

// What the machine and the build have to say.
struct OptionSources {
  Environment environment;
  std::string resolv_conf;  // text of /etc/resolv.conf, "" when it cannot be read
  std::string wait_image;   // the one compiled in
};

// Errors: exit code 2 for a flag that means nothing or contradicts another; 1 for a variable that
// is missing or means nothing, and for --log-level and --metrics-port as in Dapr.
[[nodiscard]] OptionResult<ServeOptions> ReadServeOptions(const FlagValues& flags,
                                                          const OptionSources& sources);

// Errors of these: exit code 2.
[[nodiscard]] OptionResult<ReviewOptions> ReadReviewOptions(const FlagValues& flags,
                                                            const OptionSources& sources);
[[nodiscard]] OptionResult<InjectOptions> ReadInjectOptions(const FlagValues& flags,
                                                            const OptionSources& sources);
// In: `terminal` says whether the output is one.
[[nodiscard]] OptionResult<ExplainOptions> ReadExplainOptions(const FlagValues& flags,
                                                              const OptionSources& sources,
                                                              bool terminal);
[[nodiscard]] OptionResult<WaitOptions> ReadWaitOptions(const FlagValues& flags);

// The log that `flags` ask for, whatever else is wrong with them: a start that fails says so there.
[[nodiscard]] LogOptions ReadLogOptions(const FlagValues& flags);

}  // namespace injector::webhook
