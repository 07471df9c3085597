#pragma once

// The control plane that golden cases run in, and how a case's settings.yaml changes it:
//
//   env: {SIDECAR_RUN_AS_USER: "1000"}
//   flags: {component-placement: container}
//   surroundings: {mtls: false, serverMinor: 31, trustAnchors: "", identityToken: false,
//                  componentsError: 403 Forbidden}
//
// Variables and flags are read as the program reads its own. A serverMinor of null is a server
// whose version is unknown.
//
// Common set: a stock Dapr 1.18 in namespace dapr-system, image ghcr.io/dapr/daprd:1.18.3, trust
// anchors "<PEM>", a wait image, Kubernetes 1.36.

#include <nlohmann/json.hpp>

#include "tests/support/golden_case.h"

namespace injector::test {

// Fills the case's options and surroundings.
// Throws std::exception on a variable, flag or word that nobody reads.
void ApplyGoldenSettings(const nlohmann::json& differences, GoldenCase& loaded);

}  // namespace injector::test
