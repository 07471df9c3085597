#pragma once

// What several commands are told in the same way.

#include "webhook/cli/common_options.h"
#include "webhook/cli/environment.h"
#include "webhook/cli/option_reader.h"
#include "webhook/log.h"

namespace injector::webhook {

// What a command takes for its source when no --resources are given.
enum class WithoutResources {
  kOffline,  // no cluster is asked for anything
  kCluster,  // the cluster's version and the token on disk are asked at run time
};

// Moves the environment's settings into `common` and reads the flags that plan.
void ReadCommon(OptionReader& reader, EnvironmentSettings& environment,
                WithoutResources without_resources, CommonOptions& common);

// As in Dapr, a level that means nothing is a fault of the start, not of usage.
void ReadLog(OptionReader& reader, LogOptions& log);

}  // namespace injector::webhook
