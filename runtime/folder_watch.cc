#include "runtime/folder_watch.h"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <utility>

namespace injector::runtime {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kAbsentFolder(200);  // between two looks for it
constexpr std::chrono::milliseconds kSettles(50);        // a server binds, then changes the mode

bool Readable(int descriptor, std::chrono::milliseconds timeout) {
  pollfd entry{descriptor, POLLIN, 0};
  return ::poll(&entry, 1, static_cast<int>(timeout.count())) > 0;
}

}  // namespace

FolderWatch::FolderWatch(std::string folder)
    : folder_(std::move(folder)), events_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
  Attach();
}

void FolderWatch::Attach() {
  watch_ = ::inotify_add_watch(events_.number(), folder_.c_str(),
                               IN_CREATE | IN_DELETE | IN_MOVED_TO | IN_MOVED_FROM | IN_ATTRIB |
                                   IN_CLOSE_WRITE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR);
}

bool FolderWatch::Drain() {
  alignas(inotify_event) std::array<char, 16384> buffer{};
  bool any = false;
  for (;;) {
    const ssize_t got = ::read(events_.number(), buffer.data(), buffer.size());
    if (got <= 0) return any;
    any = true;
    for (std::size_t at = 0; at < static_cast<std::size_t>(got);) {
      inotify_event event{};
      std::memcpy(&event, buffer.data() + at, sizeof event);
      if ((event.mask & (IN_IGNORED | IN_MOVE_SELF)) != 0) watch_ = -1;
      at += sizeof event + event.len;
    }
  }
}

bool FolderWatch::DrainSettled(std::chrono::steady_clock::time_point end) {
  bool any = Drain();
  while (any && Clock::now() < end && Readable(events_.number(), kSettles)) (void)Drain();
  return any;
}

bool FolderWatch::Wait(std::chrono::milliseconds timeout) {
  const auto end = Clock::now() + timeout;
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
    if (left.count() <= 0) return Drain();
    if (watch_ < 0) {
      Attach();
      if (watch_ >= 0) return true;
    }
    const auto pause = watch_ < 0 ? std::min(left, kAbsentFolder) : left;
    if (Readable(events_.number(), pause) && DrainSettled(end)) return true;
  }
}

}  // namespace injector::runtime
