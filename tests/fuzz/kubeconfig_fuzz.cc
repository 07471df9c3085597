// A kubeconfig file. Credentials are not asked for: that would run the plugins and read the files
// that the input names.

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "k8s/kubeconfig.h"
#include "tests/fuzz/demand.h"

namespace injector::test {
namespace {

// A file in memory, by a path.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view text) : descriptor_(::memfd_create("kubeconfig", 0)) {
    Demand(descriptor_ >= 0, "there is memory for a file");
    const auto written = ::write(descriptor_, text.data(), text.size());
    Demand(written == static_cast<ssize_t>(text.size()), "the file can be written");
  }
  ~MemoryFile() { ::close(descriptor_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  [[nodiscard]] std::string Path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

void Check(std::string_view text) {
  const MemoryFile file(text);
  for (const char* context : {"", "dev"}) {
    const auto config = k8s::Kubeconfig::Load({file.Path()}, context);
    if (config) {
      const std::string& server = (*config)->Server();
      Demand(server.starts_with("https://") && server.size() > 8 && server.back() != '/',
             "a server is reached over TLS", server);
      continue;
    }
    Demand(config.error().kind == k8s::ApiErrorKind::kConfiguration,
           "a kubeconfig that is at fault is a matter of configuration", config.error().message);
    Demand(config.error().message.find(file.Path()) != std::string::npos, "a fault names the file",
           config.error().message);
  }
}

}  // namespace
}  // namespace injector::test

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  injector::test::Check({reinterpret_cast<const char*>(data), size});
  return 0;
}
