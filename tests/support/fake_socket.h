#pragma once

// Unix sockets as components leave them in the socket folder: answering, mute, stale.

#include <string>
#include <string_view>
#include <thread>

namespace injector::test {

// An empty SETTINGS frame, as an HTTP/2 server begins.
inline constexpr std::string_view kSettingsFrame("\0\0\0\4\0\0\0\0\0", 9);

// Listens at `path` from construction to destruction; removes the file at the end. Accepts one
// connection after the other, reads the client's preface of 33 bytes, sends `answer`, and holds the
// connection until the client closes it.
class FakeSocketServer {
 public:
  explicit FakeSocketServer(std::string path, std::string_view answer = kSettingsFrame);
  ~FakeSocketServer();
  FakeSocketServer(const FakeSocketServer&) = delete;
  FakeSocketServer& operator=(const FakeSocketServer&) = delete;

 private:
  void Serve() const;

  std::string path_;
  std::string answer_;
  int listener_;
  int stop_;  // an eventfd
  std::thread thread_;
};

// A socket that listens and whose owner never accepts: mute.
class MuteSocket {
 public:
  explicit MuteSocket(std::string path);
  ~MuteSocket();
  MuteSocket(const MuteSocket&) = delete;
  MuteSocket& operator=(const MuteSocket&) = delete;

 private:
  std::string path_;
  int listener_;
};

// Leaves a socket file behind at `path` that nobody listens on, as a killed process does.
void LeaveStaleSocket(const std::string& path);

}  // namespace injector::test
