#pragma once

// How to reach an API server and who we are there.

#include <chrono>
#include <string>

#include "k8s/error.h"

namespace injector::k8s {

// The credentials of the moment; all texts are PEM or plain, none is a path.
struct Credentials {
  std::string ca;                  // "": the system's certificate authorities
  std::string token;               // "": none
  std::string client_certificate;  // "": none
  std::string client_key;
};

// Threads: safe.
class ClusterConfig {
 public:
  virtual ~ClusterConfig() = default;

  // "https://10.0.0.1:443", without a slash at the end.
  [[nodiscard]] virtual const std::string& Server() const = 0;
  // "": none. Source: kubeconfig cluster.proxy-url.
  [[nodiscard]] virtual const std::string& ProxyUrl() const = 0;
  // The name that the server's certificate must carry; "": that of Server().
  [[nodiscard]] virtual const std::string& TlsServerName() const = 0;

  // The credentials as they are now: files are read again when they change, plugins run again when
  // their answer expires.
  // Blocks: an exec credential plugin may take seconds.
  // Errors: kConfiguration, naming file and field.
  [[nodiscard]] virtual ApiResult<Credentials> Current() const = 0;
  // The server did not accept the credentials: what is cached is dropped.
  virtual void Refused() const = 0;
};

}  // namespace injector::k8s
