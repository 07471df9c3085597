#include "listener.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <system_error>
#include <utility>

namespace dapr::component {
namespace {

constexpr int kBacklog = 128;
// Start-ups of other components in the same folder hold the lock for a few system calls only.
constexpr std::chrono::seconds kLockTimeout{5};

std::string ErrorText(int number) {
  return std::system_category().message(number);
}

Failure SystemFailure(const std::string& what, const std::string& advice) {
  const int number = errno;
  const ErrorKind kind =
      number == EACCES || number == EPERM ? ErrorKind::kPermissionDenied : ErrorKind::kUnknown;
  return Fail(kind, what + ": " + ErrorText(number) + (advice.empty() ? "" : "; " + advice));
}

std::string FolderOf(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == 0 ? "/" : path.substr(0, slash);
}

sockaddr_un AddressOf(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), std::min(path.size(), sizeof(address.sun_path) - 1));
  return address;
}

// Makes the folder and its parents. New ones get mode 0755 whatever the umask: the runtime,
// another user, must be able to pass.
Result<void> MakeFolder(const std::string& folder) {
  struct stat status {};
  if (::stat(folder.c_str(), &status) == 0) {
    if (S_ISDIR(status.st_mode)) return {};
    return Fail(ErrorKind::kFailedPrecondition,
                "socket folder " + folder + " is not a folder; remove the file or choose another");
  }
  if (folder != "/") {
    Result<void> parent = MakeFolder(FolderOf(folder));
    if (!parent) return parent;
  }
  if (::mkdir(folder.c_str(), 0755) != 0 && errno != EEXIST)
    return SystemFailure("cannot create socket folder " + folder,
                         "mount it or give this user write permission on its parent");
  ::chmod(folder.c_str(), 0755);
  return {};
}

// An exclusive lock on the folder itself, so that two starts cannot both find a name free.
class FolderLock {
 public:
  explicit FolderLock(const std::string& folder)
      : descriptor_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    const auto deadline = std::chrono::steady_clock::now() + kLockTimeout;
    while (descriptor_ >= 0 && ::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
      if (std::chrono::steady_clock::now() > deadline) return;
      ::poll(nullptr, 0, 5);
    }
    held_ = descriptor_ >= 0;
  }
  ~FolderLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

  [[nodiscard]] bool held() const { return held_; }

 private:
  int descriptor_;
  bool held_ = false;
};

// Makes `path` free for a new socket: it is, or is a socket that nobody answers.
Result<void> ClearStale(const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return {};
    return SystemFailure("cannot look at " + path, "");
  }
  if (!S_ISSOCK(status.st_mode))
    return Fail(ErrorKind::kFailedPrecondition,
                path + " exists and is no socket; remove it or choose another name");
  const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (probe < 0) return SystemFailure("cannot make a socket to probe " + path, "");
  const sockaddr_un address = AddressOf(path);
  const int connected =
      ::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  const int number = connected == 0 ? 0 : errno;
  ::close(probe);
  if (number == ECONNREFUSED) {
    if (::unlink(path.c_str()) == 0 || errno == ENOENT) return {};
    return SystemFailure("cannot remove the stale socket " + path, "remove it by hand");
  }
  if (number == ENOENT) return {};
  if (number == 0 || number == EAGAIN)  // EAGAIN: it listens, its queue is full
    return Fail(ErrorKind::kUnavailable,
                path +
                    " is in use: another process answers there; stop it or register another "
                    "name");
  errno = number;
  return SystemFailure("cannot tell whether " + path + " is in use",
                       "remove it if no component runs there");
}

}  // namespace

Listener::Listener(std::string path, std::string staging)
    : path_(std::move(path)), staging_(std::move(staging)) {}

Listener::~Listener() {
  Close();
}

Result<std::unique_ptr<Listener>> Listener::Bind(const std::string& path,
                                                 const ListenerOptions& options) {
  const std::string folder = FolderOf(path);
  Result<void> made = MakeFolder(folder);
  if (!made) return tl::unexpected(made.error());
  std::string staging = folder + "/.start-XXXXXX";
  if (::mkdtemp(staging.data()) == nullptr)
    return SystemFailure("cannot write to socket folder " + folder,
                         "give this user write permission on it");
  std::unique_ptr<Listener> listener(new Listener(path, staging));
  Result<void> listening = listener->Listen(options);
  if (!listening) return tl::unexpected(listening.error());
  return listener;
}

Result<void> Listener::Listen(const ListenerOptions& options) {
  wake_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  socket_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (wake_ < 0 || socket_ < 0) return SystemFailure("cannot make a socket for " + path_, "");
  const int folder = ::open(staging_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return SystemFailure("cannot open " + staging_, "");
  // Through the descriptor the address is short, however long the folder's path is.
  const sockaddr_un address = AddressOf("/proc/self/fd/" + std::to_string(folder) + "/s");
  const int bound = ::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  const int bind_error = errno;
  ::close(folder);
  errno = bind_error;
  if (bound != 0) return SystemFailure("cannot bind the socket of " + path_, "");
  const std::string file = staging_ + "/s";
  if (::chmod(file.c_str(), options.mode) != 0)
    return SystemFailure("cannot set the mode of " + path_, "");
  if (options.group && ::chown(file.c_str(), static_cast<uid_t>(-1), *options.group) != 0)
    return SystemFailure("cannot give " + path_ + " to group " + std::to_string(*options.group),
                         "run as a member of that group");
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0 || ::listen(socket_, kBacklog) != 0)
    return SystemFailure("cannot listen for " + path_, "");
  device_ = status.st_dev;
  inode_ = status.st_ino;
  return {};
}

Result<void> Listener::Publish(std::function<void(int descriptor)> accept) {
  const FolderLock lock(FolderOf(path_));
  if (!lock.held())
    return Fail(ErrorKind::kUnavailable, "cannot lock socket folder " + FolderOf(path_) +
                                             ": another process holds it; find it with fuser");
  Result<void> cleared = ClearStale(path_);
  if (!cleared) return cleared;
  thread_ = std::thread([this, accept = std::move(accept)] { AcceptLoop(accept); });
  if (::rename((staging_ + "/s").c_str(), path_.c_str()) != 0)
    return SystemFailure("cannot put the socket at " + path_, "");
  published_ = true;
  ::rmdir(staging_.c_str());
  return {};
}

void Listener::AcceptLoop(const std::function<void(int)>& accept) const {
  for (;;) {
    pollfd waits[] = {{socket_, POLLIN, 0}, {wake_, POLLIN, 0}};
    if (::poll(waits, 2, -1) < 0 && errno != EINTR) return;
    if (waits[1].revents != 0) return;
    const int connection = ::accept4(socket_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (connection >= 0) {
      accept(connection);
    } else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM) {
      // The connection stays in the queue: without a pause this would spin.
      pollfd stop = {wake_, POLLIN, 0};
      ::poll(&stop, 1, 50);
    }
  }
}

void Listener::Close() {
  if (published_) {
    struct stat status {};
    // Somebody may have put another socket there; that one is not ours to remove.
    if (::lstat(path_.c_str(), &status) == 0 && status.st_dev == device_ && status.st_ino == inode_)
      ::unlink(path_.c_str());
    published_ = false;
  } else {
    ::unlink((staging_ + "/s").c_str());
    ::rmdir(staging_.c_str());
  }
  if (thread_.joinable()) {
    const std::uint64_t one = 1;
    if (::write(wake_, &one, sizeof(one)) == sizeof(one)) thread_.join();
  }
  for (int* descriptor : {&socket_, &wake_}) {
    if (*descriptor >= 0) ::close(*descriptor);
    *descriptor = -1;
  }
}

}  // namespace dapr::component
