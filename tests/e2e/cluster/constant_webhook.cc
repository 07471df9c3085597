// A webhook that does no work: what the injector's figures are held against. Each review gets the
// bytes of a file as its answer (with the review's uid); a pod that holds daprd by then gets none.
// Usage: constant_webhook PORT NAME CERTIFICATE_OUT ANSWER
// ANSWER: {"patch": "<base64>"}; CERTIFICATE_OUT: where the certificate for NAME is written.

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <thread>

#include "webhook/certificate.h"
#include "webhook/server.h"

namespace injector::test {
namespace {

class ConstantAnswer : public webhook::HttpHandler {
 public:
  explicit ConstantAnswer(const std::string& patch)
      : end_(R"(","allowed":true,"patchType":"JSONPatch","patch":")" + patch + "\"}}") {}

  webhook::HttpReply Handle(const webhook::HttpRequest& request) override {
    constexpr std::string_view kUid = "\"uid\":\"";
    constexpr std::size_t kUidLength = 36;
    webhook::HttpReply reply;
    reply.content_type = "application/json";
    reply.body =
        R"({"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","response":{"uid":")";
    const std::size_t uid = request.body.find(kUid);
    if (uid != std::string_view::npos) {
      reply.body += request.body.substr(uid + kUid.size(), kUidLength);
    }
    const bool again = request.body.find(R"("name":"daprd")") != std::string_view::npos;
    reply.body += again ? R"(","allowed":true}})" : end_;
    return reply;
  }

 private:
  std::string end_;
};

int Fail(const std::string& message) {
  std::cerr << "constant_webhook: " << message << "\n";
  return 1;
}

int Run(int port, const char* name, const char* certificate_out, const char* answer) {
  ConstantAnswer handler(nlohmann::json::parse(std::ifstream(answer)).at("patch"));
  webhook::SelfSignedOptions options;
  options.names = {name};
  const auto pair = webhook::MakeSelfSigned(options);
  if (!pair) return Fail(pair.error().message);
  const auto certificate = webhook::ServingCertificate::Create(*pair);
  if (!certificate) return Fail(certificate.error().message);
  webhook::Routes routes;
  routes.any_other_path = &handler;
  webhook::ServerOptions server_options;
  server_options.port = port;
  server_options.certificate = certificate->get();
  const auto server = webhook::Server::Start(server_options, routes);
  if (!server) return Fail(server.error().message);
  std::ofstream(certificate_out) << pair->certificate_pem;
  for (;;) std::this_thread::sleep_for(std::chrono::hours(1));  // until it is killed
}

}  // namespace
}  // namespace injector::test

int main(int argc, char** argv) {
  if (argc != 5) {
    std::cerr << "usage: constant_webhook PORT NAME CERTIFICATE_OUT ANSWER\n";
    return 2;
  }
  return injector::test::Run(std::atoi(argv[1]), argv[2], argv[3], argv[4]);
}
