// Whom the transport trusts, and as whom it comes.

#include <gmock/gmock.h>

#include <atomic>

#include "k8s/curl_transport.h"
#include "tests/support/fixed_cluster.h"
#include "tests/support/tls_server.h"
#include "webhook/certificate.h"

namespace injector::test {
namespace {

using k8s::ApiErrorKind;
using k8s::ApiReply;
using k8s::ApiResult;
using k8s::CurlTransport;
using webhook::KeyPair;

KeyPair PairFor(const std::string& name) {
  return webhook::MakeSelfSigned({.names = {name}}).value();
}

class CurlTransportTlsTest : public ::testing::Test {
 protected:
  void Serve(const KeyPair& pair) {
    server_ =
        std::make_unique<TlsServer>(pair.certificate_pem, pair.key_pem, [this](TlsPeer& peer) {
          ++requests_;
          client_ = peer.certificate;
          peer.Send(HttpResponse(200, peer.head.substr(0, peer.head.find('\r'))));
        });
    cluster_.server = "https://127.0.0.1:" + std::to_string(server_->port());
    cluster_.credentials.ca = pair.certificate_pem;
  }

  ApiResult<ApiReply> Get() {
    return transport_.Send(
        {"GET", "/x", "", "", std::chrono::steady_clock::now() + std::chrono::seconds(10)});
  }

  std::unique_ptr<TlsServer> server_;
  std::atomic<int> requests_ = 0;
  std::string client_;  // the certificate of the last client
  FixedCluster cluster_;
  CurlTransport transport_{cluster_};
};

TEST_F(CurlTransportTlsTest, CertificateOfAnotherAuthorityIsUntrusted) {
  Serve(PairFor("127.0.0.1"));
  cluster_.credentials.ca = PairFor("127.0.0.1").certificate_pem;
  const auto reply = Get();
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, ApiErrorKind::kUntrusted);
  EXPECT_EQ(requests_, 0);
}

TEST_F(CurlTransportTlsTest, CertificateUnknownToTheSystemIsUntrusted) {
  Serve(PairFor("127.0.0.1"));
  cluster_.credentials.ca = "";
  const auto reply = Get();
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, ApiErrorKind::kUntrusted);
}

TEST_F(CurlTransportTlsTest, CertificateOfAnotherNameIsUntrusted) {
  Serve(PairFor("kubernetes.default"));
  const auto reply = Get();
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, ApiErrorKind::kUntrusted);
  EXPECT_EQ(requests_, 0);
}

TEST_F(CurlTransportTlsTest, TlsServerNameIsTheNameThatCounts) {
  Serve(PairFor("kubernetes.default"));
  cluster_.tls_server_name = "kubernetes.default";
  const auto reply = Get();
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->body, "GET /x HTTP/1.1");
}

TEST_F(CurlTransportTlsTest, PathOfTheServerStaysWithATlsServerName) {
  Serve(PairFor("kubernetes.default"));
  cluster_.server += "/k8s/clusters/c-1";
  cluster_.tls_server_name = "kubernetes.default";
  const auto reply = Get();
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->body, "GET /k8s/clusters/c-1/x HTTP/1.1");
}

TEST_F(CurlTransportTlsTest, AuthorityThatIsNoPemIsAConfigurationFault) {
  Serve(PairFor("127.0.0.1"));
  cluster_.credentials.ca = "no PEM";
  const auto reply = Get();
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, ApiErrorKind::kConfiguration);
}

TEST_F(CurlTransportTlsTest, ClientCertificateIsShown) {
  Serve(PairFor("127.0.0.1"));
  const KeyPair client = PairFor("alice");
  cluster_.credentials.client_certificate = client.certificate_pem;
  cluster_.credentials.client_key = client.key_pem;
  const auto reply = Get();
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(client_, client.certificate_pem);
}

TEST_F(CurlTransportTlsTest, KeyOfAnotherCertificateIsAConfigurationFault) {
  Serve(PairFor("127.0.0.1"));
  cluster_.credentials.client_certificate = PairFor("alice").certificate_pem;
  cluster_.credentials.client_key = PairFor("alice").key_pem;
  const auto reply = Get();
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, ApiErrorKind::kConfiguration);
  EXPECT_EQ(requests_, 0);
}

TEST_F(CurlTransportTlsTest, RenewedClientCertificateIsShownByTheNextCall) {
  Serve(PairFor("127.0.0.1"));
  for (const KeyPair& client : {PairFor("alice"), PairFor("alice")}) {
    cluster_.credentials.client_certificate = client.certificate_pem;
    cluster_.credentials.client_key = client.key_pem;
    ASSERT_TRUE(Get());
    EXPECT_EQ(client_, client.certificate_pem);
  }
}

}  // namespace
}  // namespace injector::test
