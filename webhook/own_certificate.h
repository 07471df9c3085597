#pragma once

// The leaf that a replica makes for itself and has the API server trust directly: how it is named,
// so that every replica knows a leaf of ours in a bundle, and whose it is.

#include <chrono>
#include <string>
#include <string_view>

#include "webhook/certificate.h"
#include "webhook/result.h"

namespace injector::webhook {

// A Service as the webhook configurations name it.
struct ServiceName {
  std::string namespace_name;
  std::string name;

  friend bool operator==(const ServiceName&, const ServiceName&) = default;
};

struct OwnCertificateOptions {
  ServiceName service;
  std::string cluster_domain = "cluster.local";
  std::string pod_name;  // "" when not known
  KeyType key_type = KeyType::kP256;
  std::chrono::seconds lifetime = std::chrono::hours(24 * 7);
};

// Makes a self-signed leaf, CA:FALSE, valid for the Service by its names inside the cluster (NAME,
// NAME.NS, NAME.NS.svc, NAME.NS.svc.DOMAIN). It can sign nothing, and its key is nowhere else.
// Errors: kInternal when OpenSSL cannot.
[[nodiscard]] Result<KeyPair> MakeOwnCertificate(const OwnCertificateOptions& options);

// The common name of a leaf: the pod's name, a dash and `random` (8 hexadecimal digits), 64 bytes
// at most. The pod's name is cut in front, since names of pods differ at their end.
[[nodiscard]] std::string OwnCommonName(std::string_view pod_name, std::string_view random);

// Whether some replica made this leaf: our organization, a name of ours, self-issued, no authority.
[[nodiscard]] bool IsOwnCertificate(const CertificateFacts& facts);

// Whether that replica ran in the pod of this name. In: facts of an own certificate.
[[nodiscard]] bool IsOfPod(const CertificateFacts& facts, std::string_view pod_name);

}  // namespace injector::webhook
