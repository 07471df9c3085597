# The component SDK needs gRPC and protobuf, which the injector must not need: it is built when
# they are found, or on demand with -DCOMPONENT_SDK=ON.
macro(component_sdk_find_packages)
  set(THREADS_PREFER_PTHREAD_FLAG ON)
  find_package(Threads REQUIRED)
  find_package(tl-expected 1.0 REQUIRED)
  find_package(Protobuf 3.21 ${ARGN})
  find_package(gRPC 1.51 CONFIG ${ARGN})
endmacro()
