#pragma once

// The certificate of a running webhook, from whichever source: made for this run, read from files,
// or made and published in the cluster.

#include <memory>

#include "k8s/client.h"
#include "webhook/certificate.h"
#include "webhook/cli/serve_context.h"
#include "webhook/result.h"

namespace injector::webhook {

class ServeCertificate {
 public:
  virtual ~ServeCertificate() = default;

  [[nodiscard]] virtual ServingCertificate& Serving() = 0;
  // Call it once the listener is up, and the other once it has ended.
  virtual void Start() {}
  // Blocks: for some calls of the API.
  virtual void Stop() {}
};

// Makes or loads what the options ask for. An ephemeral one is written to `certificate_out` when
// that is named; it is valid for localhost, the loopback addresses, this host's name, the listen
// address, and the Service that Dapr's chart makes.
// Out: the check kSecurityProvider is ready, and says which certificate it is.
// In: `api` for a certificate of our own; null without a cluster.
// Errors: as MakeSelfSigned, LoadKeyPair and ServingCertificate::Create; kFile when it cannot be
// written.
[[nodiscard]] Result<std::unique_ptr<ServeCertificate>> MakeServeCertificate(
    const ServeContext& context, k8s::Client* api);

}  // namespace injector::webhook
