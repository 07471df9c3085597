#include "webhook/caller_policy.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "patch/annotation_values.h"
#include "patch/names.h"

namespace injector::webhook {
namespace {

constexpr std::string_view kServiceAccountPrefix = "system:serviceaccount:";
constexpr std::string_view kMastersGroup = "system:masters";

// What creates pods for their owners in a usual cluster.
constexpr std::string_view kBuiltInAccounts =
    "kube-system:replicaset-controller,"
    "kube-system:replication-controller,"
    "kube-system:deployment-controller,"
    "kube-system:cronjob-controller,"
    "kube-system:job-controller,"
    "kube-system:statefulset-controller,"
    "kube-system:daemon-set-controller,"
    "openshift-operator-lifecycle-manager:olm-operator-serviceaccount,"
    "tekton-pipelines:tekton-pipelines-controller,"
    "mirrord:mirrord-operator";

// What can be the name of an object is no pattern.
bool IsLiteral(const AccountName& account) {
  return patch::IsDnsLabel(account.namespace_name) && patch::IsDnsSubdomain(account.name);
}

}  // namespace

CallerPolicy::CallerPolicy() {
  [[maybe_unused]] const auto added = Add(kBuiltInAccounts, "");
}

CallerPolicy CallerPolicy::Everyone() {
  CallerPolicy policy;
  policy.everyone_ = true;
  return policy;
}

Result<void> CallerPolicy::Add(std::string_view list, std::string_view variable) {
  std::vector<Account> added;
  while (!list.empty()) {
    const auto comma = list.find(',');
    const std::string_view entry = patch::Trim(list.substr(0, comma));
    list = comma == list.npos ? std::string_view() : list.substr(comma + 1);
    if (entry.empty()) continue;
    auto account = ParseAccount(entry);
    if (!account) {
      return Fail(ErrorKind::kUsage, std::string(variable) + ": entry '" + std::string(entry) +
                                         "': " + account.error().Text());
    }
    added.push_back(*std::move(account));
  }
  for (const Account& account : added) {
    if (IsLiteral(account.text)) literals_.push_back(account.text);
  }
  std::move(added.begin(), added.end(), std::back_inserter(accounts_));
  return {};
}

Result<CallerPolicy::Account> CallerPolicy::ParseAccount(std::string_view entry) {
  const auto colon = entry.find(':');
  const bool one_colon = colon != entry.npos && entry.find(':', colon + 1) == entry.npos;
  if (!one_colon || entry.size() == 1) {
    return Fail(ErrorKind::kUsage,
                "expected namespace:name of a service account, with exactly one colon");
  }
  AccountName text{std::string(patch::Trim(entry.substr(0, colon))),
                   std::string(patch::Trim(entry.substr(colon + 1)))};
  auto namespace_name = Glob::Parse(text.namespace_name);
  if (!namespace_name) return tl::unexpected(std::move(namespace_name).error());
  auto name = Glob::Parse(text.name);
  if (!name) return tl::unexpected(std::move(name).error());
  return Account{*std::move(namespace_name), *std::move(name), std::move(text)};
}

bool CallerPolicy::Allows(const Caller& caller) const {
  if (everyone_) return true;
  const auto& groups = caller.groups;
  if (std::find(groups.begin(), groups.end(), kMastersGroup) != groups.end()) return true;
  if (!caller.username.starts_with(kServiceAccountPrefix)) return false;
  const std::string_view account = caller.username.substr(kServiceAccountPrefix.size());
  const auto colon = account.find(':');
  if (colon == account.npos) return false;
  const std::string_view namespace_name = account.substr(0, colon);
  const std::string_view name = account.substr(colon + 1);
  const bool two_parts = !namespace_name.empty() && !name.empty() && name.find(':') == name.npos;
  return two_parts && std::any_of(accounts_.begin(), accounts_.end(), [&](const Account& allowed) {
           return allowed.namespace_name.Matches(namespace_name) && allowed.name.Matches(name);
         });
}

}  // namespace injector::webhook
