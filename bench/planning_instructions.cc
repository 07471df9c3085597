// Plans one case for instructions.py, which counts what MeasuredPlan executes. Without arguments it
// prints what the count depends on besides the code: compiler, C library, simdjson, processor.

#include <gnu/libc-version.h>
#include <simdjson.h>
#include <sys/utsname.h>

#include <cstdlib>
#include <iostream>
#include <string>

#include "bench/planning_case.h"

#define TEXT_OF_VALUE(value) #value
#define TEXT_OF(macro) TEXT_OF_VALUE(macro)

// A name that the counter finds, and a call that stays one.
extern "C" [[gnu::noinline, gnu::used]] std::size_t MeasuredPlan(
    injector::bench::PlanningCase& planning) {
  return planning.Plan().size();
}

int main(int count, char** arguments) {
  if (count != 3) {
    utsname machine{};
    ::uname(&machine);
    std::cout << INJECTOR_COMPILER ", glibc " << ::gnu_get_libc_version() << ", simdjson "
              << TEXT_OF(SIMDJSON_VERSION) << ", " << machine.machine << "\n";
    return 0;
  }
  injector::bench::PlanningCase planning(std::strtoul(arguments[1], nullptr, 10),
                                         std::atoi(arguments[2]));
  if (planning.Plan().empty()) return 1;  // buffers have their size from now on
  return MeasuredPlan(planning) > 0 ? 0 : 1;
}
