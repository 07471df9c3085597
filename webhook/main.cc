#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "webhook/cli/program.h"

int main(int argc, char** argv) {
  try {
    return injector::webhook::RunProgram(std::vector<std::string>(argv, argv + argc));
  } catch (const std::exception& exception) {
    std::fprintf(stderr, "component-injector: %s\n", exception.what());
  }
  return 1;
}
