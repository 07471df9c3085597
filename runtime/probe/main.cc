#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "runtime/probe/program.h"

int main(int argc, char** argv) {
  try {
    return injector::runtime::RunProgram(std::vector<std::string>(argv, argv + argc));
  } catch (const std::exception& exception) {
    std::fprintf(stderr, "component-probe: %s\n", exception.what());
  }
  return 1;
}
