#pragma once

// The certificate that `serve` begins with: made for this run, or read from files.

#include <memory>

#include "webhook/certificate.h"
#include "webhook/cli/serve.h"
#include "webhook/result.h"

namespace injector::webhook {

// Makes an ephemeral certificate, and writes it to `certificate_out` when that is named, or loads
// the files. An ephemeral one is valid for localhost, the loopback addresses, this host's name, the
// listen address, and the Service that Dapr's chart makes.
// Errors: as MakeSelfSigned, LoadKeyPair and ServingCertificate::Create; kFile when it cannot be
// written.
[[nodiscard]] Result<std::unique_ptr<ServingCertificate>> MakeServingCertificate(
    const ServeOptions& options);

}  // namespace injector::webhook
