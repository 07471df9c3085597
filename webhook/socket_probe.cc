#include "webhook/socket_probe.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <iterator>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

namespace injector::webhook {
namespace {

using std::chrono::steady_clock;

// The client's connection preface and an empty SETTINGS frame (RFC 9113 section 3.4, section 6.5).
constexpr std::string_view kPreface("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 33);
constexpr std::size_t kFrameHeader = 9;
constexpr std::size_t kMaxFrame = 16384;  // what a peer may send before it is told otherwise
constexpr std::size_t kSideBySide = 128;

std::string ErrnoText(int error) {
  return std::generic_category().message(error);
}

ProbeResult ConnectFault(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return {SocketState::kAbsent, ""};
    case ECONNREFUSED:
      return {SocketState::kRefused, "nobody listens"};
    case EACCES:
    case EPERM:
      return {SocketState::kDenied, ErrnoText(error)};
    case EPROTOTYPE:
      return {SocketState::kRefused, "it is no stream socket"};
    case EAGAIN:
      return {SocketState::kMute, "its queue of connections is full"};
    default:
      return {SocketState::kMute, ErrnoText(error)};
  }
}

// One connection: begins in the constructor, Read() goes on whenever there are bytes, until
// result() has a value.
class Probe {
 public:
  explicit Probe(const std::string& path) {
    if (path.size() > kMaxSocketPath) {
      result_ = {SocketState::kRefused, "its path is longer than 107 bytes"};
      return;
    }
    fd_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd_ < 0) {
      result_ = {SocketState::kMute, "no probe: " + ErrnoText(errno)};
      return;
    }
    Connect(path);
  }
  ~Probe() {
    if (fd_ >= 0) ::close(fd_);
  }
  Probe(Probe&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)),
        result_(std::move(other.result_)),
        header_(other.header_),
        read_(other.read_) {}
  Probe& operator=(Probe&&) = delete;

  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] const std::optional<ProbeResult>& result() const { return result_; }

  void Read() {
    std::array<char, 4096> bytes{};
    while (!result_) {
      const ssize_t count = ::recv(fd_, bytes.data(), bytes.size(), 0);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
      if (count <= 0) {
        result_ = {SocketState::kMute, "it closed the connection without an answer"};
        return;
      }
      Take(std::string_view(bytes.data(), static_cast<std::size_t>(count)));
    }
  }

 private:
  void Connect(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::copy(path.begin(), path.end(), std::begin(address.sun_path));
    const void* const generic = &address;  // the interface of connect() for any family
    if (::connect(fd_, static_cast<const sockaddr*>(generic), sizeof(address)) != 0) {
      result_ = ConnectFault(errno);
      return;
    }
    // A fresh connection's buffer holds these few bytes; anything else is a peer already gone.
    if (::send(fd_, kPreface.data(), kPreface.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(kPreface.size())) {
      result_ = {SocketState::kMute, "it closed the connection without an answer"};
    }
  }

  void Take(std::string_view bytes) {
    for (std::size_t i = 0; i < bytes.size() && read_ + i < kFrameHeader; ++i) {
      header_[read_ + i] = static_cast<unsigned char>(bytes[i]);
    }
    read_ += bytes.size();
    if (read_ < kFrameHeader) return;
    const std::size_t length = (std::size_t{header_[0]} << 16U) | (std::size_t{header_[1]} << 8U) |
                               std::size_t{header_[2]};
    if (!IsSettings(length)) {
      result_ = {SocketState::kMute, "its answer is not HTTP/2"};
    } else if (read_ >= kFrameHeader + length) {
      result_ = {SocketState::kUp, ""};
    }
  }

  // Type 4, no ACK, stream 0, settings of 6 bytes each.
  [[nodiscard]] bool IsSettings(std::size_t length) const {
    constexpr unsigned char kSettings = 4;
    constexpr unsigned kAck = 1;
    const bool stream_zero = std::all_of(header_.begin() + 5, header_.end(),
                                         [](unsigned char byte) { return byte == 0; });
    return header_[3] == kSettings && (header_[4] & kAck) == 0 && stream_zero && length % 6 == 0 &&
           length <= kMaxFrame;
  }

  int fd_ = -1;
  std::optional<ProbeResult> result_;
  std::array<unsigned char, kFrameHeader> header_{};
  std::size_t read_ = 0;
};

std::chrono::milliseconds Left(steady_clock::time_point deadline) {
  return std::chrono::ceil<std::chrono::milliseconds>(deadline - steady_clock::now());
}

// Reads from those that have something to say, once. Returns false when nobody is left to wait for.
bool ReadOnce(std::vector<Probe>& probes, std::chrono::milliseconds left) {
  std::vector<pollfd> waiting;
  std::vector<Probe*> owners;
  for (Probe& probe : probes) {
    if (probe.result()) continue;
    waiting.push_back({probe.fd(), POLLIN, 0});
    owners.push_back(&probe);
  }
  if (waiting.empty()) return false;
  if (::poll(waiting.data(), waiting.size(), static_cast<int>(left.count())) <= 0) return true;
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    if (waiting[i].revents != 0) owners[i]->Read();
  }
  return true;
}

void AwaitAnswers(std::vector<Probe>& probes, steady_clock::time_point deadline) {
  for (std::chrono::milliseconds left = Left(deadline); left.count() > 0; left = Left(deadline)) {
    if (!ReadOnce(probes, left)) return;
  }
}

}  // namespace

std::vector<ProbeResult> ProbeSockets(const std::vector<std::string>& paths,
                                      std::chrono::milliseconds patience) {
  std::vector<ProbeResult> results;
  results.reserve(paths.size());
  for (std::size_t begin = 0; begin < paths.size(); begin += kSideBySide) {
    const std::size_t end = std::min(paths.size(), begin + kSideBySide);
    std::vector<Probe> probes;
    probes.reserve(end - begin);
    for (std::size_t i = begin; i < end; ++i) probes.emplace_back(paths[i]);
    AwaitAnswers(probes, steady_clock::now() + patience);
    const ProbeResult no_answer{SocketState::kMute,
                                "no answer within " + std::to_string(patience.count()) + " ms"};
    for (const Probe& probe : probes) results.push_back(probe.result().value_or(no_answer));
  }
  return results;
}

}  // namespace injector::webhook
