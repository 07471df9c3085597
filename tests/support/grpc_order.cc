// What gRPC orders, said to ThreadSanitizer. The distribution's gRPC is not instrumented, and its
// locks wait by futex: the tool sees neither, and would take every call for a race between the
// thread that began it and the one that took it from its queue. This library stands before gRPC's
// own in builds with ThreadSanitizer, and only there. It adds what gRPC promises: whatever was done
// before a tag was handed to it, and whatever gRPC did for it, happens before whatever is done with
// that tag's event. Nothing else is ordered by it, so races in handlers are found
// (tests/sdk/deliberate_race.cc).
#include <absl/status/status.h>
#include <dlfcn.h>
#include <grpc/grpc.h>
#include <sanitizer/tsan_interface.h>

#include <cstddef>
#include <utility>

// Of gRPC's core, without a public header: an operation of a queue begins, for alarms too, and is
// done, on whichever thread found that out.
struct grpc_cq_completion;
bool grpc_cq_begin_op(grpc_completion_queue* queue, void* tag);
void grpc_cq_end_op(grpc_completion_queue* queue, void* tag, absl::Status error,
                    void (*done)(void*, grpc_cq_completion*), void* argument,
                    grpc_cq_completion* storage, bool internal);

namespace {

// The next definition of one of this library's functions after its own: gRPC's.
template <typename Function>
Function* Next(Function* ours) {
  Dl_info symbol{};
  ::dladdr(reinterpret_cast<void*>(ours), &symbol);
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, symbol.dli_sname));
}

grpc_event Taken(grpc_event event) {
  if (event.type == GRPC_OP_COMPLETE && event.tag != nullptr) __tsan_acquire(event.tag);
  return event;
}

void Handed(void* tag) {
  if (tag != nullptr) __tsan_release(tag);
}

}  // namespace

extern "C" {

grpc_call_error grpc_call_start_batch(grpc_call* call, const grpc_op* operations, std::size_t count,
                                      void* tag, void* reserved) {
  static auto* const next = Next(&grpc_call_start_batch);
  Handed(tag);
  return next(call, operations, count, tag, reserved);
}

grpc_call_error grpc_server_request_call(grpc_server* server, grpc_call** call,
                                         grpc_call_details* details, grpc_metadata_array* metadata,
                                         grpc_completion_queue* bound,
                                         grpc_completion_queue* notified, void* tag) {
  static auto* const next = Next(&grpc_server_request_call);
  Handed(tag);
  return next(server, call, details, metadata, bound, notified, tag);
}

grpc_call_error grpc_server_request_registered_call(grpc_server* server, void* method,
                                                    grpc_call** call, gpr_timespec* deadline,
                                                    grpc_metadata_array* metadata,
                                                    grpc_byte_buffer** payload,
                                                    grpc_completion_queue* bound,
                                                    grpc_completion_queue* notified, void* tag) {
  static auto* const next = Next(&grpc_server_request_registered_call);
  Handed(tag);
  return next(server, method, call, deadline, metadata, payload, bound, notified, tag);
}

grpc_event grpc_completion_queue_next(grpc_completion_queue* queue, gpr_timespec deadline,
                                      void* reserved) {
  static auto* const next = Next(&grpc_completion_queue_next);
  return Taken(next(queue, deadline, reserved));
}

grpc_event grpc_completion_queue_pluck(grpc_completion_queue* queue, void* tag,
                                       gpr_timespec deadline, void* reserved) {
  static auto* const next = Next(&grpc_completion_queue_pluck);
  return Taken(next(queue, tag, deadline, reserved));
}

}  // extern "C"

bool grpc_cq_begin_op(grpc_completion_queue* queue, void* tag) {
  static auto* const next = Next(&grpc_cq_begin_op);
  Handed(tag);
  return next(queue, tag);
}

void grpc_cq_end_op(grpc_completion_queue* queue, void* tag, absl::Status error,
                    void (*done)(void*, grpc_cq_completion*), void* argument,
                    grpc_cq_completion* storage, bool internal) {
  static auto* const next = Next(&grpc_cq_end_op);
  Handed(tag);
  next(queue, tag, std::move(error), done, argument, storage, internal);
}
