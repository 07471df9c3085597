#include "webhook/own_certificate.h"

#include <algorithm>
#include <array>
#include <random>

namespace injector::webhook {
namespace {

constexpr std::string_view kOrganization = "component-injector";
constexpr std::size_t kMaxCommonName = 64;  // X.520's ub-common-name
constexpr std::size_t kRandomDigits = 8;
constexpr std::string_view kDigits = "0123456789abcdef";

// It tells leaves of one pod apart in logs; it is no secret.
std::string RandomDigits() {
  std::random_device device;
  std::uniform_int_distribution<std::size_t> any(0, kDigits.size() - 1);
  std::string text;
  for (std::size_t i = 0; i < kRandomDigits; ++i) text += kDigits[any(device)];
  return text;
}

bool HasOwnName(std::string_view common_name) {
  if (common_name.size() <= kRandomDigits) return false;
  const std::string_view random = common_name.substr(common_name.size() - kRandomDigits);
  return random.find_first_not_of(kDigits) == std::string_view::npos &&
         common_name[common_name.size() - kRandomDigits - 1] == '-';
}

}  // namespace

Result<KeyPair> MakeOwnCertificate(const OwnCertificateOptions& options) {
  const std::string& name = options.service.name;
  const std::string in_namespace = name + "." + options.service.namespace_name;
  SelfSignedOptions wanted;
  wanted.names = {in_namespace + ".svc", in_namespace, name,
                  in_namespace + ".svc." + options.cluster_domain};
  wanted.key_type = options.key_type;
  wanted.lifetime = options.lifetime;
  wanted.organization = kOrganization;
  wanted.common_name = OwnCommonName(options.pod_name, RandomDigits());
  return MakeSelfSigned(wanted);
}

std::string OwnCommonName(std::string_view pod_name, std::string_view random) {
  const std::size_t room = kMaxCommonName - random.size() - 1;
  if (pod_name.size() > room) pod_name.remove_prefix(pod_name.size() - room);
  return std::string(pod_name) + "-" + std::string(random);
}

bool IsOwnCertificate(const CertificateFacts& facts) {
  return facts.organization == kOrganization && facts.self_issued && !facts.authority &&
         HasOwnName(facts.common_name);
}

bool IsOfPod(const CertificateFacts& facts, std::string_view pod_name) {
  const std::string_view name = facts.common_name;
  if (name.size() < kRandomDigits) return false;
  return OwnCommonName(pod_name, name.substr(name.size() - kRandomDigits)) == name;
}

}  // namespace injector::webhook
