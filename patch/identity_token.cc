#include "patch/identity_token.h"

#include "patch/json_writer.h"

namespace injector::patch {

std::string BuildIdentityTokenVolume(const Settings& settings) {
  std::string text;
  JsonWriter json(text);
  json.BeginObject().Member("name", kIdentityTokenVolume).Key("projected").BeginObject();
  json.Member("defaultMode", 420).Key("sources").BeginArray().BeginObject();
  json.Key("serviceAccountToken").BeginObject();
  json.Member("audience", "spiffe://" + settings.trust_domain + "/ns/" +
                              settings.control_plane_namespace + "/dapr-sentry");
  json.Member("expirationSeconds", 7200).Member("path", "token").EndObject();
  json.EndObject().EndArray().EndObject().EndObject();
  return text;
}

}  // namespace injector::patch
