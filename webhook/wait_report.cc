#include "webhook/wait_report.h"

#include <unistd.h>

#include <algorithm>

namespace injector::webhook {
namespace {

// File names and manifests may hold anything; a line stays a line.
std::string OneLine(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
  return text;
}

std::string Predicate(const WatchedSocket& socket) {
  switch (socket.state) {
    case SocketState::kAbsent:
      return "is absent";
    case SocketState::kUp:
      return "is up";
    case SocketState::kRefused:
      return "refuses connections";
    case SocketState::kDenied:
      return "gives no permission";
    case SocketState::kMute:
      return "is mute";
  }
  return "is mute";
}

// What was seen at the file, with the way out where there is one.
std::string Finding(const WatchedSocket& socket, const std::string& folder) {
  std::string path = folder + "/" + socket.file;
  switch (socket.state) {
    case SocketState::kAbsent:
      return "no such file in " + folder;
    case SocketState::kDenied:
      return "user " + std::to_string(::geteuid()) + " may not connect to " + path +
             " (make it writable for everyone, or run both containers as one user)";
    case SocketState::kUp:
      return path;
    case SocketState::kRefused:
    case SocketState::kMute:
      return path + ": " + socket.detail;
  }
  return path;
}

std::string Join(const std::vector<std::string>& names) {
  std::string joined;
  for (const std::string& name : names) joined += (joined.empty() ? "" : ", ") + name;
  return joined;
}

// "container of Component a, image i, should have made it"; "" when nothing is known.
std::string Maker(const ExpectedSocketArgument& expected) {
  if (expected.components.empty() && expected.image.empty()) return "";
  std::string maker = "; the container";
  if (!expected.components.empty()) {
    maker += expected.components.size() == 1 ? " of Component " : " of Components ";
    maker += Join(expected.components);
  }
  if (!expected.image.empty()) maker += ", image " + expected.image + ",";
  return maker + " should have made it";
}

}  // namespace

std::string DescribeState(std::string_view name, const WatchedSocket& socket) {
  std::string text = std::string(name) + " " + Predicate(socket);
  if (!socket.detail.empty()) text += ": " + socket.detail;
  return OneLine(std::move(text));
}

std::string DescribeStrayFile(std::string_view file) {
  return OneLine("file " + std::string(file) + " is no socket; daprd passes over it");
}

std::string ExplainMissing(const ExpectedSocketArgument& expected, const WatchedSocket& socket,
                           const std::string& folder) {
  std::string text = "socket " + expected.socket + " " + Predicate(socket) + ": " +
                     Finding(socket, folder) + Maker(expected);
  if (!expected.note.empty()) text += "; " + expected.note;
  return OneLine(std::move(text));
}

std::string ExplainDead(const WatchedSocket& socket, const std::string& folder) {
  return OneLine("socket file " + socket.file + " " + Predicate(socket) + ": " +
                 Finding(socket, folder) +
                 "; nobody expects it, but daprd would hang on it: remove it, or mend its server");
}

}  // namespace injector::webhook
