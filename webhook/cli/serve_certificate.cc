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

namespace injector::webhook {
namespace {

std::vector<std::string> NamesOf(const ServeOptions& options) {
  std::vector<std::string> names = {
      "localhost", "127.0.0.1", "::1",
      "dapr-sidecar-injector." + options.common.settings.control_plane_namespace + ".svc"};
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) == 0) names.emplace_back(host.data());
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

}  // namespace

Result<std::unique_ptr<ServingCertificate>> MakeServingCertificate(const ServeOptions& options) {
  const CertificateFiles& files = options.certificate_files;
  const bool from_files = options.certificate_source == CertificateSource::kFiles;
  auto pair = from_files ? LoadKeyPair(files.certificate, files.key) : MakeEphemeral(options);
  if (!pair) return tl::unexpected(std::move(pair).error());
  return ServingCertificate::Create(*pair);
}

}  // namespace injector::webhook
