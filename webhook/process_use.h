#pragma once

// What this process uses of the machine, as /proc tells it.

namespace injector::webhook {

struct ProcessUse {
  double cpu_seconds = 0;            // user and system
  double start_time_seconds = 0;     // since the epoch
  double resident_memory_bytes = 0;  // 0 wherever /proc cannot be read
  double virtual_memory_bytes = 0;
  double open_fds = 0;
  double max_fds = 0;
  double threads = 0;
};

// Reads /proc/self and /proc/stat. Source: proc(5).
[[nodiscard]] ProcessUse ReadProcessUse();

}  // namespace injector::webhook
