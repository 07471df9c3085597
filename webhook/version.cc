#include "webhook/version.h"

namespace injector::webhook {

std::string_view Version() {
  return INJECTOR_VERSION;
}

}  // namespace injector::webhook
