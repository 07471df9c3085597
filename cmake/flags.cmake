# injector_flags: language level, warnings, hardening and sanitizers, for every target of ours.
option(INJECTOR_WERROR "Treat compiler warnings as errors" OFF)
set(INJECTOR_SANITIZE "" CACHE STRING "Sanitizers to build with, e.g. address,undefined or thread")
option(INJECTOR_COVERAGE "Instrument for gcov" OFF)

set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
if(INJECTOR_WERROR)
  set(CMAKE_COMPILE_WARNING_AS_ERROR ON)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

add_library(injector_flags INTERFACE)
target_compile_features(injector_flags INTERFACE cxx_std_20)
target_include_directories(injector_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(injector_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wold-style-cast -Woverloaded-virtual
  -Wnon-virtual-dtor)

if(INJECTOR_SANITIZE)
  target_compile_options(injector_flags INTERFACE
    -fsanitize=${INJECTOR_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(injector_flags INTERFACE -fsanitize=${INJECTOR_SANITIZE})
endif()
if(INJECTOR_COVERAGE)
  target_compile_options(injector_flags INTERFACE --coverage)
  target_link_options(injector_flags INTERFACE --coverage)
endif()

# Hardening for builds that are shipped; _FORTIFY_SOURCE needs optimisation and does not mix
# with sanitizers.
if(NOT INJECTOR_SANITIZE AND CMAKE_BUILD_TYPE MATCHES "^(Release|RelWithDebInfo)$")
  target_compile_options(injector_flags INTERFACE
    -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64")
    target_compile_options(injector_flags INTERFACE -fcf-protection=full)
  endif()
  target_link_options(injector_flags INTERFACE -pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
  if(CMAKE_INTERPROCEDURAL_OPTIMIZATION AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Machine code beside the compiler's own form, for what links without optimising as a whole.
    target_compile_options(injector_flags INTERFACE -ffat-lto-objects)
  endif()
endif()
