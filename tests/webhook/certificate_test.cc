#include "webhook/certificate.h"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include "tests/support/http_client.h"
#include "tests/support/scoped_temp_dir.h"
#include "webhook/server.h"

namespace injector::test {
namespace {

using namespace std::chrono_literals;
using webhook::CheckKeyPair;
using webhook::ErrorKind;
using webhook::KeyPair;
using webhook::LoadKeyPair;
using webhook::MakeSelfSigned;
using webhook::Server;
using webhook::ServingCertificate;

KeyPair SelfSigned(const webhook::SelfSignedOptions& options = {}) {
  auto pair = MakeSelfSigned(options);
  EXPECT_TRUE(pair) << pair.error().Text();
  return *pair;
}

// A TLS server that answers 404 to everything.
class TlsServer {
 public:
  explicit TlsServer(const KeyPair& pair) : certificate_(*ServingCertificate::Create(pair)) {
    server_ = *Server::Start({.address = "127.0.0.1", .certificate = certificate_.get()}, {});
  }
  [[nodiscard]] std::unique_ptr<HttpClient> Connect(std::string trusted_pem = "",
                                                    int most_tls_version = 0) const {
    return HttpClient::Connect({.port = server_->Port(),
                                .tls = true,
                                .trusted_pem = std::move(trusted_pem),
                                .most_tls_version = most_tls_version});
  }
  ServingCertificate& certificate() { return *certificate_; }

 private:
  std::unique_ptr<ServingCertificate> certificate_;
  std::unique_ptr<Server> server_;
};

TEST(MakeSelfSigned, ClientThatTrustsTheLeafConnects) {
  const KeyPair pair = SelfSigned();
  const TlsServer server(pair);
  const auto client = server.Connect(pair.certificate_pem);
  ASSERT_NE(client, nullptr);
  EXPECT_EQ(client->Exchange(GetRequest("/")).status, 404);
}

TEST(MakeSelfSigned, ClientThatTrustsAnotherLeafRefuses) {
  const TlsServer server(SelfSigned());
  EXPECT_EQ(server.Connect(SelfSigned().certificate_pem), nullptr);
}

TEST(MakeSelfSigned, LeafWithoutTheClientsNameIsRefused) {
  const KeyPair pair = SelfSigned({.names = {"elsewhere.example"}});
  const TlsServer server(pair);
  EXPECT_EQ(server.Connect(pair.certificate_pem), nullptr);
}

TEST(MakeSelfSigned, RsaKeyServesToo) {
  const KeyPair pair = SelfSigned({.key_type = webhook::KeyType::kRsa});
  const TlsServer server(pair);
  EXPECT_NE(server.Connect(pair.certificate_pem), nullptr);
}

TEST(MakeSelfSigned, LongCommonNameIsCut) {
  const KeyPair pair = SelfSigned({.names = {"localhost"}, .common_name = std::string(80, 'n')});
  const auto facts = webhook::DescribeCertificate(pair.certificate_pem);
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->subject, "O = component-injector, CN = " + std::string(64, 'n'));
}

TEST(SentenceOfCertificate, NamesSubjectAndEnd) {
  webhook::CertificateFacts facts;
  facts.subject = "CN = x";
  facts.not_after = std::chrono::system_clock::from_time_t(1'787'306'400);
  EXPECT_EQ(SentenceOf(facts), "CN = x, valid until 2026-08-21T10:00:00Z");
}

TEST(DescribeCertificate, TellsTheEndOfValidity) {
  const auto now = std::chrono::system_clock::now();
  const auto facts = webhook::DescribeCertificate(SelfSigned({.lifetime = 1h}).certificate_pem);
  ASSERT_TRUE(facts);
  EXPECT_GE(facts->not_after, now + 1h - 2s);
  EXPECT_LE(facts->not_after, now + 1h + 1min);
  EXPECT_EQ(facts->fingerprint.size(), 64U);
}

TEST(ServerTls, Version11IsRefused) {
  const TlsServer server(SelfSigned());
  EXPECT_EQ(server.Connect("", TLS1_1_VERSION), nullptr);
}

TEST(ServerTls, Version12IsServed) {
  const TlsServer server(SelfSigned());
  const auto client = server.Connect("", TLS1_2_VERSION);
  ASSERT_NE(client, nullptr);
  EXPECT_EQ(client->Exchange(GetRequest("/")).status, 404);
}

TEST(ServerTls, BodyOfManyRecordsIsRefusedOnlyOverTheLimit) {
  const TlsServer server(SelfSigned());
  const auto client = server.Connect();
  EXPECT_EQ(client->Exchange(PostRequest("/", std::string(3 << 20, 'x'))).status, 404);
  EXPECT_EQ(client->Exchange(PostRequest("/", std::string(9 << 20, 'x'))).status, 413);
}

TEST(ServingCertificate, ReplaceReachesNewConnectionsOnly) {
  const KeyPair first = SelfSigned();
  const KeyPair second = SelfSigned();
  TlsServer server(first);
  const auto old_client = server.Connect();
  ASSERT_TRUE(server.certificate().Replace(second));
  EXPECT_EQ(old_client->Exchange(GetRequest("/")).status, 404);
  EXPECT_EQ(old_client->PeerPem(), first.certificate_pem);
  EXPECT_EQ(server.Connect()->PeerPem(), second.certificate_pem);
}

TEST(ServingCertificate, ReplaceWithABadPairKeepsTheGoodOne) {
  const KeyPair good = SelfSigned();
  TlsServer server(good);
  EXPECT_FALSE(server.certificate().Replace({good.certificate_pem, SelfSigned().key_pem}));
  EXPECT_EQ(server.Connect()->PeerPem(), good.certificate_pem);
}

TEST(CheckKeyPair, FaultsAreNamed) {
  const KeyPair good = SelfSigned();
  const auto fault = [](const KeyPair& pair) {
    const auto checked = CheckKeyPair(pair);
    return checked ? std::string("none") : checked.error().message;
  };
  EXPECT_EQ(fault(good), "none");
  EXPECT_EQ(fault({"x", good.key_pem}), "the certificate is no PEM certificate");
  EXPECT_EQ(fault({good.certificate_pem, "x"}), "the key is no PEM private key without passphrase");
  EXPECT_EQ(fault({good.certificate_pem, SelfSigned().key_pem}),
            "the key does not belong to the certificate");
  EXPECT_EQ(fault(SelfSigned({.lifetime = -1s})), "the certificate has expired");
}

TEST(ServingCertificate, IdleConnectionsKeepNoBuffers) {
  const auto certificate = *webhook::ServingCertificate::Create(SelfSigned());
  EXPECT_NE(SSL_CTX_get_mode(certificate->Context().get()) & SSL_MODE_RELEASE_BUFFERS, 0);
}

TEST(LoadKeyPair, ErrorNamesTheFile) {
  const ScopedTempDir dir;
  const auto missing = LoadKeyPair(dir / "tls.crt", dir / "tls.key");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::kFile);
  EXPECT_EQ(missing.error().message, (dir / "tls.crt") + ": No such file or directory");
}

TEST(LoadKeyPair, WhatMakeSelfSignedWritesCanBeRead) {
  const ScopedTempDir dir;
  const KeyPair pair = SelfSigned();
  const auto loaded =
      LoadKeyPair(dir.Write("tls.crt", pair.certificate_pem), dir.Write("tls.key", pair.key_pem));
  ASSERT_TRUE(loaded) << loaded.error().Text();
  EXPECT_EQ(loaded->certificate_pem, pair.certificate_pem);
}

TEST(ParseKeyType, OtherTextIsAnError) {
  EXPECT_EQ(webhook::ParseKeyType("rsa"), webhook::KeyType::kRsa);
  EXPECT_EQ(webhook::ParseKeyType("p256"), webhook::KeyType::kP256);
  EXPECT_FALSE(webhook::ParseKeyType("ed25519"));
}

}  // namespace
}  // namespace injector::test
