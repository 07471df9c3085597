#include "webhook/cli/serve_certificate.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "webhook/certificate_rotation.h"
#include "webhook/certificate_watch.h"

namespace injector::webhook {
namespace {

std::string HostName() {
  std::array<char, 256> host{};
  return gethostname(host.data(), host.size() - 1) == 0 ? host.data() : "";
}

std::vector<std::string> NamesOf(const ServeOptions& options) {
  std::vector<std::string> names = {
      "localhost", "127.0.0.1", "::1",
      "dapr-sidecar-injector." + options.common.settings.control_plane_namespace + ".svc"};
  names.push_back(HostName());
  names.push_back(options.webhook.address);
  std::vector<std::string> unique;
  for (std::string& name : names) {
    if (name.empty() || std::find(unique.begin(), unique.end(), name) != unique.end()) continue;
    unique.push_back(std::move(name));
  }
  return unique;
}

// Whoever reads the file finds the old text or the new one, never a part.
Result<void> WriteWhole(const std::string& file, const std::string& text) {
  const std::string part = file + "." + std::to_string(getpid()) + ".part";
  std::ofstream stream(part, std::ios::binary | std::ios::trunc);
  stream << text;
  stream.close();
  std::error_code error;
  if (stream) std::filesystem::rename(part, file, error);
  if (stream && !error) return {};
  std::error_code ignored;
  std::filesystem::remove(part, ignored);
  return Fail(ErrorKind::kFile, file + ": the certificate cannot be written there");
}

Result<KeyPair> MakeEphemeral(const ServeOptions& options) {
  SelfSignedOptions wanted;
  wanted.names = NamesOf(options);
  wanted.key_type = options.key_type;
  auto pair = MakeSelfSigned(wanted);
  if (!pair || options.certificate_out.empty()) return pair;
  if (auto written = WriteWhole(options.certificate_out, pair->certificate_pem); !written) {
    return tl::unexpected(std::move(written).error());
  }
  return pair;
}

void TellInUse(const ServeContext& context, const ServingCertificate& serving) {
  const auto facts = DescribeCertificate(serving.CertificatePem());
  if (!facts) return;
  context.metrics.CertificateInUse(facts->not_after);
  context.health.Set(kSecurityProvider, true, SentenceOf(*facts));
}

class EphemeralCertificate : public ServeCertificate {
 public:
  explicit EphemeralCertificate(std::unique_ptr<ServingCertificate> serving)
      : serving_(std::move(serving)) {}

  ServingCertificate& Serving() override { return *serving_; }

 private:
  std::unique_ptr<ServingCertificate> serving_;
};

class FollowedCertificate : public ServeCertificate {
 public:
  FollowedCertificate(const ServeContext& context, std::unique_ptr<ServingCertificate> serving)
      : context_(context),
        serving_(std::move(serving)),
        watch_(context.options.certificate_files, *serving_, [this](const ReloadReport& report) {
          context_.Tell(report);
          if (report.good) TellInUse(context_, *serving_);
        }) {}

  ServingCertificate& Serving() override { return *serving_; }

 private:
  const ServeContext context_;
  std::unique_ptr<ServingCertificate> serving_;
  CertificateWatch watch_;
};

class PublishedCertificate : public ServeCertificate {
 public:
  explicit PublishedCertificate(std::unique_ptr<CertificateRotation> rotation)
      : rotation_(std::move(rotation)) {}

  ServingCertificate& Serving() override { return rotation_->Serving(); }
  void Start() override { rotation_->Start(); }
  void Stop() override { rotation_->Stop(); }

 private:
  std::unique_ptr<CertificateRotation> rotation_;
};

Result<std::unique_ptr<ServeCertificate>> MakePublished(const ServeContext& context,
                                                        k8s::Client& api) {
  const ServeOptions& options = context.options;
  const OwnCertificateSettings& own = options.own_certificate;
  RotationOptions wanted;
  wanted.certificate.service = own.service;
  wanted.certificate.cluster_domain = options.common.settings.cluster_domain;
  wanted.certificate.pod_name = own.pod_name.empty() ? HostName() : own.pod_name;
  wanted.certificate.key_type = options.key_type;
  wanted.certificate.lifetime = std::chrono::ceil<std::chrono::seconds>(own.lifetime);
  wanted.mutating_name = own.mutating_name;
  wanted.validating_name = own.validating_name;
  auto rotation = CertificateRotation::Create({api, context.health, context.metrics, context.log},
                                              std::move(wanted));
  if (!rotation) return tl::unexpected(std::move(rotation).error());
  return std::make_unique<PublishedCertificate>(*std::move(rotation));
}

}  // namespace

Result<std::unique_ptr<ServeCertificate>> MakeServeCertificate(const ServeContext& context,
                                                               k8s::Client* api) {
  const ServeOptions& options = context.options;
  if (options.certificate_source == CertificateSource::kOwn && api != nullptr) {
    return MakePublished(context, *api);
  }
  const CertificateFiles& files = options.certificate_files;
  const bool from_files = options.certificate_source == CertificateSource::kFiles;
  auto pair = from_files ? LoadKeyPair(files.certificate, files.key) : MakeEphemeral(options);
  if (!pair) return tl::unexpected(std::move(pair).error());
  auto serving = ServingCertificate::Create(*pair);
  if (!serving) return tl::unexpected(std::move(serving).error());
  TellInUse(context, **serving);
  if (from_files) return std::make_unique<FollowedCertificate>(context, *std::move(serving));
  return std::make_unique<EphemeralCertificate>(*std::move(serving));
}

}  // namespace injector::webhook
