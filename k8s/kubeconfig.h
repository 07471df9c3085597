#pragma once

// The configuration that kubectl uses: a context of a kubeconfig file.
// Source: client-go tools/clientcmd/api/v1 Config.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "k8s/cluster_config.h"
#include "k8s/exec_plugin.h"
#include "k8s/followed_file.h"
#include "k8s/pem.h"

namespace injector::k8s {

class Kubeconfig : public ClusterConfig {
 public:
  // In: `paths` as in the variable KUBECONFIG: of two entries with one name the first counts;
  // missing files are passed over unless there is only one. `context` "" is the current context.
  // Errors: kConfiguration, naming file and field, for what cannot be read or used; also for
  // insecure-skip-tls-verify, since TLS is verified always, for auth-provider, and for data that
  // is no PEM. Files that it names are read later, with the same kind of error.
  // Blocks: reads files; plugins run at the first Current().
  [[nodiscard]] static ApiResult<std::unique_ptr<Kubeconfig>> Load(
      const std::vector<std::string>& paths, const std::string& context);

  [[nodiscard]] const std::string& Server() const override { return server_; }
  [[nodiscard]] const std::string& ProxyUrl() const override { return proxy_url_; }
  [[nodiscard]] const std::string& TlsServerName() const override { return tls_server_name_; }
  [[nodiscard]] ApiResult<Credentials> Current() const override;
  void Refused() const override;

  // The namespace of the context, "" when it names none.
  [[nodiscard]] const std::string& Namespace() const { return namespace_; }

 private:
  friend class KubeconfigReader;

  // A text given in the file itself, or the file that holds it.
  struct Source {
    std::string_view pem;  // what it must hold (k8s/pem.h); "": anything but nothing
    std::string text{};
    std::unique_ptr<FollowedFile> file{};
    std::string place{};  // of the field that names the file

    [[nodiscard]] bool IsSet() const { return !text.empty() || file != nullptr; }
    [[nodiscard]] ApiResult<std::string> Text() const;
  };

  Kubeconfig() = default;

  std::string server_;
  std::string proxy_url_;
  std::string tls_server_name_;
  std::string namespace_;
  Source ca_{kPemCertificate};
  Source token_{""};
  Source client_certificate_{kPemCertificate};
  Source client_key_{kPemKey};
  std::unique_ptr<ExecPlugin> plugin_;
  std::string plugin_place_;
};

}  // namespace injector::k8s
