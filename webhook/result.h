#pragma once

// The outcome of a step that deals with the machine: files, sockets, certificates, log.
// (patch::Result is for faults in what was asked; it knows places in JSON.)

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace injector::webhook {

enum class ErrorKind {
  kUsage,        // a flag or variable has a value that means nothing; the message lists what does
  kFile,         // a file cannot be read or written
  kCertificate,  // a certificate or key cannot be used; the message says which and why
  kListen,       // the address is taken, not ours, or not allowed
  kCluster,      // the cluster cannot be found; --from-cluster: or asked, or does not answer well
  kInternal,     // the system refused what should always work (threads, randomness, memory)
};

struct Error {
  ErrorKind kind;
  std::string message;  // names the file or address, what was expected, what to do

  [[nodiscard]] const std::string& Text() const { return message; }
};

template <class T>
using Result = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> Fail(ErrorKind kind, std::string message) {
  return tl::unexpected<Error>(Error{kind, std::move(message)});
}

}  // namespace injector::webhook
