#pragma once

// Who may have sidecars injected: service accounts by pattern, the built-in ones being Kubernetes'
// own controllers, and the group system:masters.

#include <string>
#include <string_view>
#include <vector>

#include "webhook/glob.h"
#include "webhook/result.h"
#include "webhook/review.h"

namespace injector::webhook {

// A service account by its literal names.
struct AccountName {
  std::string namespace_name;
  std::string name;

  friend bool operator==(const AccountName&, const AccountName&) = default;
};

// Immutable, so safe to share between threads.
class CallerPolicy {
 public:
  // The built-in accounts alone; they cannot be removed.
  CallerPolicy();
  // For commands that nobody calls over the network.
  [[nodiscard]] static CallerPolicy Everyone();

  // Adds the accounts of `list`: namespace:name, separated by commas, blanks around entries and
  // halves ignored, empty entries too; each half is a pattern of its own (webhook/glob.h).
  // Errors: kUsage, naming `variable`, for an entry without exactly one colon,
  // with nothing around it, or with a bad pattern; nothing is added then.
  [[nodiscard]] Result<void> Add(std::string_view list, std::string_view variable);

  // An account is a user named system:serviceaccount:<namespace>:<name>, with exactly two parts.
  // A caller without a name is not allowed.
  [[nodiscard]] bool Allows(const Caller& caller) const;

  // The accounts that are named without a pattern, built-in ones first.
  [[nodiscard]] const std::vector<AccountName>& LiteralAccounts() const { return literals_; }

 private:
  struct Account {
    Glob namespace_name;
    Glob name;
    AccountName text;
  };
  [[nodiscard]] static Result<Account> ParseAccount(std::string_view entry);

  bool everyone_ = false;
  std::vector<Account> accounts_;
  std::vector<AccountName> literals_;
};

}  // namespace injector::webhook
