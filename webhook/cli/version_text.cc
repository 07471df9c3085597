#include "webhook/cli/version_text.h"

#include "webhook/version.h"

namespace injector::webhook {

std::string VersionText() {
  return "component-injector " + std::string(Version()) +
         "\ncompiler: " INJECTOR_COMPILER "\nbuild: " INJECTOR_BUILD
         "\nlibraries: " INJECTOR_LIBRARIES "\n";
}

}  // namespace injector::webhook
