#pragma once

// The control plane as files and settings tell it: trust anchors and the injector's own token on
// disk, mTLS and the server's version as whoever knows them sets them.

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "patch/settings.h"
#include "webhook/cli/common_options.h"
#include "webhook/result.h"
#include "webhook/surroundings_source.h"

namespace injector::webhook {

// What stands in for trust anchors that cannot be read.
enum class MissingTrustAnchors {
  kNothing,      // serving: pods are refused until the file is there
  kPlaceholder,  // offline: nobody runs the result as it is
};

// Threads: safe.
class FileSurroundings : public SurroundingsSource {
 public:
  // Reads nothing yet; call Reload.
  // In: `token_root` is put before the paths of the injector's own tokens, for tests.
  FileSurroundings(const CommonOptions& options, MissingTrustAnchors missing,
                   std::string token_root = "");

  // Reads the trust anchors again when the file changed, also by a swap of symbolic links, and
  // looks whether the injector has a token.
  // Out: true when there are other trust anchors than before.
  // Errors: kFile, with the path, when the file cannot be read or holds no certificate; the last
  // good ones stay. An error is reported once: the next call without a change says false.
  // Blocks: on reading the file.
  [[nodiscard]] Result<bool> Reload();

  void SetMtls(bool enabled);
  void SetServerMinor(std::optional<int> minor);

  [[nodiscard]] std::shared_ptr<const patch::Surroundings> Current() const override;

 private:
  [[nodiscard]] bool WantsIdentityToken() const;
  template <class Change>
  void Update(Change change);

  const std::string file_;
  const IdentityToken identity_token_;
  const std::string token_root_;

  std::mutex reload_mutex_;
  std::string seen_;  // the file's state at the last Reload; guarded by reload_mutex_
  std::string told_;  // the last error; guarded by reload_mutex_

  mutable std::mutex mutex_;
  std::shared_ptr<const patch::Surroundings> current_;  // guarded by mutex_
};

}  // namespace injector::webhook
