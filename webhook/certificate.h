#pragma once

// The certificate that the webhook shows: made here (MakeSelfSigned) or read from files
// (LoadKeyPair), then put in use (ServingCertificate). Both give PEM; keys stay in memory.

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "webhook/result.h"

struct ssl_ctx_st;  // OpenSSL's SSL_CTX

namespace injector::webhook {

// A certificate, with its chain when it has one (leaf first), and its private key.
struct KeyPair {
  std::string certificate_pem;
  std::string key_pem;
};

enum class KeyType { kP256, kRsa };  // kRsa is 2048 bits

// "p256" or "rsa". Errors: kUsage for any other text.
[[nodiscard]] Result<KeyType> ParseKeyType(std::string_view text);

struct SelfSignedOptions {
  std::vector<std::string> names = {"localhost", "127.0.0.1", "::1"};  // DNS names and addresses
  KeyType key_type = KeyType::kP256;
  std::chrono::seconds lifetime = std::chrono::hours(24 * 30);
  std::string organization = "component-injector";
  std::string common_name{};  // "" is the first name; cut to 64 bytes
};

// Makes a key and a leaf (CA:FALSE) signed with it, valid from a minute ago.
// Errors: kInternal when OpenSSL cannot.
[[nodiscard]] Result<KeyPair> MakeSelfSigned(const SelfSignedOptions& options);

// Reads both files, at most 1 MiB each, and checks them as CheckKeyPair does.
// Errors: kFile when one cannot be read; kCertificate as CheckKeyPair, naming the file.
[[nodiscard]] Result<KeyPair> LoadKeyPair(const std::string& certificate_file,
                                          const std::string& key_file);

// Whether the pair can serve now.
// Errors: kCertificate when a part is no PEM, they do not belong together, the certificate is
// expired or not yet valid.
[[nodiscard]] Result<void> CheckKeyPair(const KeyPair& pair);

// What a leaf says about itself, for log and renewal.
struct CertificateFacts {
  std::string subject;       // "O = component-injector, CN = localhost"
  std::string organization;  // "" when there is none, or several
  std::string common_name;   // the same
  std::string fingerprint;   // SHA-256 of the DER form, hexadecimal
  bool self_issued = false;  // names itself as its issuer
  bool authority = false;    // may sign others
  std::chrono::system_clock::time_point not_before;
  std::chrono::system_clock::time_point not_after;
};
// Errors: kCertificate when `pem` does not begin with a certificate.
[[nodiscard]] Result<CertificateFacts> DescribeCertificate(const std::string& pem);

// "O = component-injector, CN = localhost, valid until 2026-08-21T10:00:00Z", for log and /readyz.
[[nodiscard]] std::string SentenceOf(const CertificateFacts& facts);

// The certificate in use, exchanged while connections go on: a connection keeps the one it began
// with. TLS 1.2 or later, no client certificate, no renegotiation, no ALPN.
// Threads: safe.
class ServingCertificate {
 public:
  // Errors: as CheckKeyPair; kInternal when OpenSSL cannot.
  [[nodiscard]] static Result<std::unique_ptr<ServingCertificate>> Create(const KeyPair& pair);

  // New connections get `pair`. Errors: as Create; then the present one stays.
  [[nodiscard]] Result<void> Replace(const KeyPair& pair);

  // The certificate in use, with its chain.
  [[nodiscard]] std::string CertificatePem() const;
  // For the server: what the next connection is made from.
  [[nodiscard]] std::shared_ptr<ssl_ctx_st> Context() const;

 private:
  ServingCertificate(std::shared_ptr<ssl_ctx_st> context, std::string certificate_pem);

  mutable std::mutex mutex_;
  std::shared_ptr<ssl_ctx_st> context_;  // guarded by mutex_
  std::string certificate_pem_;          // guarded by mutex_
};

}  // namespace injector::webhook
