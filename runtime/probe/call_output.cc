#include <iostream>
#include <iterator>

#include "k8s/base64.h"
#include "runtime/call_error.h"
#include "runtime/probe/call_command.h"

namespace injector::runtime {
namespace {

const char* WordOf(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kManifest:
      return "manifest";
    case ErrorKind::kNotFound:
      return "not-found";
    case ErrorKind::kUnreachable:
      return "unreachable";
    case ErrorKind::kDenied:
      return "denied";
    case ErrorKind::kTimeout:
      return "timeout";
    case ErrorKind::kUnimplemented:
      return "unimplemented";
    case ErrorKind::kEtagMismatch:
      return "etag-mismatch";
    case ErrorKind::kEtagInvalid:
      return "etag-invalid";
    case ErrorKind::kRowMismatch:
      return "row-mismatch";
    case ErrorKind::kLimit:
      return "limit";
    case ErrorKind::kFailed:
      break;
  }
  return "failed";
}

bool IsUtf8(const std::string& bytes) {
  try {
    (void)nlohmann::json(bytes).dump();
    return true;
  } catch (const nlohmann::json::exception&) {
    return false;
  }
}

}  // namespace

int SayError(const Error& error, const Screen& screen) {
  if (!screen.json) return screen.Fault(error.message);
  nlohmann::ordered_json value;
  value["error"] = error.message;
  value["kind"] = WordOf(error.kind);
  if (error.grpc_code != 0) value["grpcCode"] = CodeName(error.grpc_code);
  if (error.http_code != 0) value["httpCode"] = error.http_code;
  screen.Line(value);
  return kExitFailed;
}

void PutBytes(nlohmann::ordered_json& value, const std::string& key, const std::string& bytes) {
  if (IsUtf8(bytes)) {
    value[key] = bytes;
    return;
  }
  std::string text;
  k8s::AppendBase64(text, bytes);
  value[key + "Base64"] = text;
}

std::string TextOrInput(const std::string& text) {
  if (text != "-") return text;
  return {std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()};
}

}  // namespace injector::runtime
