#pragma once

// Keeps requests from a handler until the program is ready: they are answered 503 with a second to
// wait, on a connection that ends, so that the API server tries again, perhaps elsewhere. A refused
// connection it does not try again: so the listener is up before this lets anything through.

#include "webhook/health.h"
#include "webhook/http_message.h"
#include "webhook/recorder.h"

namespace injector::webhook {

// Threads: safe.
class ReadyGate : public HttpHandler {
 public:
  // All of them outlive the gate.
  ReadyGate(const Health& health, HttpHandler& handler, Recorder& recorder)
      : health_(health), handler_(handler), recorder_(recorder) {}

  // While draining, requests are still handed on.
  [[nodiscard]] HttpReply Handle(const HttpRequest& request) override;

 private:
  const Health& health_;
  HttpHandler& handler_;
  Recorder& recorder_;
};

}  // namespace injector::webhook
