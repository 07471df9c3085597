#include "webhook/ready_gate.h"

namespace injector::webhook {

HttpReply ReadyGate::Handle(const HttpRequest& request) {
  if (health_.Serving()) return handler_.Handle(request);
  HttpReply reply;
  reply.status = 503;
  recorder_.Refused(reply.status);
  reply.content_type = "text/plain; charset=utf-8";
  reply.body = "not ready; /readyz on the health port says why\n";
  reply.headers = {{"X-Content-Type-Options", "nosniff"}, {"Retry-After", "1"}};
  reply.close = true;
  return reply;
}

}  // namespace injector::webhook
