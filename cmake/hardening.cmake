# What makes a memory fault harder to use, in builds that are shipped: on injector_flags when the
# build optimises (_FORTIFY_SOURCE needs that) and has no sanitizer (they do not mix). Sets
# INJECTOR_HARDENED; tests/system/hardening_test.py reads the binary and names what is missing.
if(CMAKE_BUILD_TYPE MATCHES "^(Release|RelWithDebInfo|MinSizeRel)$" AND NOT INJECTOR_SANITIZE)
  set(INJECTOR_HARDENED ON)
else()
  set(INJECTOR_HARDENED OFF)
endif()

if(INJECTOR_HARDENED)
  # Buffers: lengths checked by libc where the compiler knows them, guards on stacks, no jump over
  # the guard page.
  target_compile_options(injector_flags INTERFACE
    -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection)
  # Indirect jumps land where functions begin.
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    target_compile_options(injector_flags INTERFACE -fcf-protection=full)
  elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
    target_compile_options(injector_flags INTERFACE -mbranch-protection=standard)
  endif()
  # Anywhere in memory, its tables read-only before main() runs, no stack to execute.
  target_link_options(injector_flags INTERFACE
    -pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
endif()
