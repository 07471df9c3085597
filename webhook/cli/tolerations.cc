#include "webhook/cli/tolerations.h"

#include <string>
#include <utility>

#include "patch/json_document.h"
#include "patch/json_shape.h"

namespace injector::webhook {

using patch::JsonPlace;
using patch::JsonValue;

patch::Result<std::vector<patch::Toleration>> ParseTolerations(std::string_view text) {
  patch::JsonParser parser;
  const auto root = parser.Parse(text);
  if (!root) return tl::unexpected(root.error());
  patch::JsonShape shape(patch::ErrorKind::kMalformedObject);
  if (root->Type() != patch::JsonType::kArray) {
    return patch::Fail(patch::ErrorKind::kMalformedObject, "",
                       "expected an array, found " + std::string(Describe(root->Type())));
  }
  std::vector<patch::Toleration> tolerations;
  const JsonPlace list;
  std::size_t index = 0;
  root->ForEachElement([&](JsonValue element) {
    const JsonPlace at{&list, {}, index++, true};
    if (element.Type() != patch::JsonType::kObject) {
      return shape.Fault(at, patch::JsonType::kObject, element.Type());
    }
    patch::Toleration toleration;
    toleration.key = shape.String(element, at, "key");
    toleration.op = shape.String(element, at, "operator");
    toleration.value = shape.String(element, at, "value");
    toleration.effect = shape.String(element, at, "effect");
    if (!element.Find("tolerationSeconds").IsMissingOrNull()) {
      toleration.seconds = shape.Integer(element, at, "tolerationSeconds");
    }
    tolerations.push_back(std::move(toleration));
  });
  return shape.Finish(std::move(tolerations));
}

}  // namespace injector::webhook
