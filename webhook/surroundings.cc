#include "webhook/surroundings.h"

#include <array>
#include <chrono>
#include <filesystem>
#include <system_error>
#include <utility>

#include "webhook/file_state.h"
#include "webhook/text_file.h"

namespace injector::webhook {
namespace {

// They become an environment variable of every sidecar: the kernel takes 128 KiB of one at most.
constexpr std::size_t kMaxTrustAnchors = std::size_t{128} << 10;
constexpr std::string_view kCertificateLine = "-----BEGIN CERTIFICATE-----";
constexpr const char* kPlaceholder = "PLACEHOLDER: put the text of the cluster's ca.crt here";

// Dapr's rule looks at these two.
constexpr std::array kTokenFiles = {"/var/run/secrets/dapr.io/sentrytoken/token",
                                    "/var/run/secrets/kubernetes.io/serviceaccount/token"};

Result<std::string> ReadTrustAnchors(const std::string& file) {
  if (file.empty()) return Fail(ErrorKind::kFile, "DAPR_TRUST_ANCHORS_FILE names no file");
  auto text = ReadTextFile(file, kMaxTrustAnchors);
  if (text && text->find(kCertificateLine) == std::string::npos) {
    return Fail(ErrorKind::kFile,
                file + ": expected the trust anchors as PEM, found no certificate");
  }
  return text;
}

}  // namespace

FileSurroundings::FileSurroundings(const CommonOptions& options, MissingTrustAnchors missing,
                                   std::string token_root)
    : file_(options.trust_anchors_file),
      identity_token_(options.identity_token),
      token_root_(std::move(token_root)) {
  patch::Surroundings first;
  first.server_minor = options.server_minor;
  if (missing == MissingTrustAnchors::kPlaceholder) {
    first.trust_anchors = kPlaceholder;
    first.trust_anchors_placeholder = true;
  }
  current_ = std::make_shared<const patch::Surroundings>(std::move(first));
  Update([this](patch::Surroundings& next) { next.identity_token = WantsIdentityToken(); });
}

Result<bool> FileSurroundings::Reload() {
  Update([this](patch::Surroundings& next) { next.identity_token = WantsIdentityToken(); });
  const std::lock_guard lock(reload_mutex_);
  std::string state = StateOfFiles({file_}, std::chrono::system_clock::now());
  if (state == seen_) return false;
  seen_ = std::move(state);
  auto text = ReadTrustAnchors(file_);
  if (!text) {
    if (text.error().message == told_) return false;
    told_ = text.error().message;
    return tl::unexpected(std::move(text.error()));
  }
  const bool mended = !told_.empty();
  told_.clear();
  if (*text == Current()->trust_anchors) return mended;
  Update([&text](patch::Surroundings& next) {
    next.trust_anchors = *std::move(text);
    next.trust_anchors_placeholder = false;
  });
  return true;
}

void FileSurroundings::SetMtls(bool enabled) {
  Update([enabled](patch::Surroundings& next) { next.mtls_enabled = enabled; });
}

void FileSurroundings::SetServerMinor(std::optional<int> minor) {
  Update([minor](patch::Surroundings& next) { next.server_minor = minor; });
}

std::shared_ptr<const patch::Surroundings> FileSurroundings::Current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

bool FileSurroundings::WantsIdentityToken() const {
  if (identity_token_ != IdentityToken::kAuto) return identity_token_ == IdentityToken::kAlways;
  for (const char* file : kTokenFiles) {
    std::error_code ignored;
    if (std::filesystem::exists(token_root_ + file, ignored)) return true;
  }
  return false;
}

template <class Change>
void FileSurroundings::Update(Change change) {
  const std::lock_guard lock(mutex_);
  auto next = std::make_shared<patch::Surroundings>(*current_);
  change(*next);
  current_ = std::move(next);
}

}  // namespace injector::webhook
