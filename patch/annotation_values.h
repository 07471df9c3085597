#pragma once

// The rules by which the text of an annotation becomes a value. Source: Dapr 1.18 pkg/injector,
// with the corrections of docs/annotations.md.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace injector::patch {

// Trimmed, any letter case: y yes true t on 1 is true, everything else false.
[[nodiscard]] bool ParseBool(std::string_view text);

// Whether the text is one of the usual words for true or false; Dapr reads any other as false.
[[nodiscard]] bool IsBoolWord(std::string_view text);

// Base 10 with an optional sign and nothing else, within 32 bits; nothing otherwise.
[[nodiscard]] std::optional<std::int32_t> ParseInt32(std::string_view text);

// A number and s, m or h, from 1s to 24h: the time-outs of `wait`.
[[nodiscard]] bool IsWaitTimeout(std::string_view text);

// Strips quotes of both kinds and blanks from both ends until nothing changes.
[[nodiscard]] std::string_view ParseHostAddress(std::string_view text);

[[nodiscard]] std::string_view Trim(std::string_view text);

// Splits at commas, trims, drops empty and repeated entries.
[[nodiscard]] std::vector<std::string> ParseNameList(std::string_view text);

struct NameAndValue {
  std::string_view name;
  std::string_view value;

  friend bool operator==(const NameAndValue&, const NameAndValue&) = default;
};

// "A=1, B=x=y,z": a comma separates only when white space, an identifier and '=' follow. Parts are
// trimmed and cut at their first '='; those without one are dropped. Names are not checked.
[[nodiscard]] std::vector<NameAndValue> ParseEnvList(std::string_view text);

struct SecretReference {
  std::string_view name;
  std::string_view key;

  friend bool operator==(const SecretReference&, const SecretReference&) = default;
};

// "secret" (its key is named the same) or "secret:key", both trimmed; nothing with more colons.
[[nodiscard]] std::optional<SecretReference> ParseSecretReference(std::string_view text);

// A probe's numbers in seconds and tries; 0 leaves the field out.
struct ProbeNumbers {
  int delay;
  int timeout;
  int period;
  int threshold;
};

// "volume:path" of dapr.io/volume-mounts and -rw.
struct RequestedMount {
  std::string volume;
  std::string path;
  bool read_only;
};

struct EnvFromSecret {
  std::string_view name;
  SecretReference secret;
};

// A path that a container can mount at: absolute and without ':'.
// Source: core/v1 VolumeMount.mountPath.
[[nodiscard]] bool IsMountPath(std::string_view path);

}  // namespace injector::patch
