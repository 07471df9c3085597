#pragma once

// One stream of messages to its end. For kept_stream.h alone.

#include <grpcpp/client_context.h>
#include <grpcpp/support/sync_stream.h>

#include <memory>
#include <mutex>

namespace injector::runtime {

// One open stream; answers hold it, so that a late one finds it closed instead of gone.
template <class Protocol>
struct OpenStream {
  using Stream = grpc::ClientReaderWriter<typename Protocol::Request, typename Protocol::Response>;

  grpc::ClientContext context;
  std::unique_ptr<typename Protocol::Service::Stub> stub;
  std::unique_ptr<Stream> stream;
  std::mutex mutex;     // of writes
  bool closed = false;  // guarded by mutex

  bool Write(const typename Protocol::Request& request) {
    const std::lock_guard<std::mutex> lock(mutex);
    return !closed && stream->Write(request);
  }
  grpc::Status Finish() {
    {
      const std::lock_guard<std::mutex> lock(mutex);
      closed = true;
    }
    return stream->Finish();
  }
};

}  // namespace injector::runtime
