#pragma once

// From what the command line names to a component that can be called.

#include "runtime/component_set.h"
#include "runtime/probe/arguments.h"

namespace injector::runtime {

struct Target {
  InstanceSpec spec;
  TopicScopes topics;  // of a pub/sub
};

// The instance to call: by the name of a socket, or, with --resources, by the name of a manifest,
// whose metadata goes to Init with its secrets resolved.
// Errors: those of Discover and LoadManifests; kNotFound, with the names that there are.
[[nodiscard]] Result<Target> FindTarget(const Arguments& arguments, Kind kind);

// The manifests of --resources or --from-cluster.
[[nodiscard]] Result<ManifestSet> LoadFor(const Arguments& arguments);

// The application that loads Components: flags, environment and randomness of this process.
[[nodiscard]] Application ApplicationOf(const Arguments& arguments);

// A variable of this process' environment.
[[nodiscard]] std::optional<std::string> ReadVariable(const std::string& name);

}  // namespace injector::runtime
