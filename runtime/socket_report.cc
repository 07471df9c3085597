#include "runtime/socket_report.h"

namespace injector::runtime {

std::string_view WordOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kServes:
      return "serves";
    case Verdict::kClosed:
      return "closed";
    case Verdict::kNoComponent:
      return "no-component";
    case Verdict::kNotASocket:
      return "not-a-socket";
    case Verdict::kNameless:
      return "nameless";
    case Verdict::kPathTooLong:
      return "path-too-long";
    case Verdict::kVanished:
      return "vanished";
    case Verdict::kDenied:
      return "denied";
    case Verdict::kStale:
      return "stale";
    case Verdict::kMute:
      return "mute";
    case Verdict::kV1Only:
      return "v1-only";
    case Verdict::kNoReflection:
      return "no-reflection";
    case Verdict::kReflectionMute:
      return "reflection-mute";
    case Verdict::kReflectionFails:
      return "reflection-fails";
    case Verdict::kUnreachable:
      return "unreachable";
  }
  return "";
}

std::string_view WordOf(DaprdEffect effect) {
  switch (effect) {
    case DaprdEffect::kRegisters:
      return "registers";
    case DaprdEffect::kPassesOver:
      return "passes over";
    case DaprdEffect::kHangs:
      return "hangs";
    case DaprdEffect::kAborts:
      return "aborts";
  }
  return "";
}

DaprdEffect EffectOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kServes:
      return DaprdEffect::kRegisters;
    case Verdict::kNoComponent:
    case Verdict::kNotASocket:
    case Verdict::kNameless:
      return DaprdEffect::kPassesOver;
    case Verdict::kV1Only:
    case Verdict::kNoReflection:
    case Verdict::kReflectionFails:
    case Verdict::kVanished:
      return DaprdEffect::kAborts;
    default:  // it dials without a deadline and tries again on every error
      return DaprdEffect::kHangs;
  }
}

bool IsBroken(Verdict verdict) {
  return verdict != Verdict::kServes && verdict != Verdict::kNotASocket;
}

}  // namespace injector::runtime
