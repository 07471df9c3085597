# injector_flags: language level, warnings, hardening and sanitizers, for every target of ours.
option(INJECTOR_WERROR "Treat compiler warnings as errors" OFF)
set(INJECTOR_SANITIZE "" CACHE STRING "Sanitizers to build with, e.g. address,undefined or thread")
option(INJECTOR_COVERAGE "Instrument for gcov" OFF)
option(INJECTOR_FUZZ "Build the fuzz targets in place of tests (clang, preset fuzz)" OFF)

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

include(${CMAKE_CURRENT_LIST_DIR}/hardening.cmake)
if(INJECTOR_HARDENED AND CMAKE_INTERPROCEDURAL_OPTIMIZATION AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Machine code beside the compiler's own form, for what links without optimising as a whole.
  target_compile_options(injector_flags INTERFACE -ffat-lto-objects)
endif()
