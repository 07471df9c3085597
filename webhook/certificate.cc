#include "webhook/certificate.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <optional>
#include <utility>

#include "webhook/text_file.h"

namespace injector::webhook {
namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{1} << 20;
constexpr std::size_t kMaxCommonName = 64;  // X.520's ub-common-name
constexpr int kRsaBits = 2048;
constexpr int kSerialBytes = 16;
constexpr long kBackdatedSeconds = 60;  // for clients whose clock is behind ours

template <auto kFree>
struct Free {
  template <class T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using Bio = std::unique_ptr<BIO, Free<&BIO_free_all>>;
using Key = std::unique_ptr<EVP_PKEY, Free<&EVP_PKEY_free>>;
using Leaf = std::unique_ptr<X509, Free<&X509_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Free<&X509_EXTENSION_free>>;

// The oldest reason in OpenSSL's queue, which is then empty.
std::string TakeReason() {
  const unsigned long code = ERR_peek_error();
  const char* const reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  ERR_clear_error();
  return reason == nullptr ? "unknown reason" : reason;
}

tl::unexpected<Error> CannotMake(const std::string& what) {
  return Fail(ErrorKind::kInternal, "cannot make " + what + ": " + TakeReason());
}

Bio Reading(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string TextOf(const Bio& bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

// OpenSSL would ask for a passphrase on the terminal.
int RefusePassphrase(char* /*to*/, int /*size*/, int /*writing*/, void* /*context*/) {
  return -1;
}

Leaf ParseLeaf(const std::string& pem) {
  ERR_clear_error();
  return Leaf(PEM_read_bio_X509(Reading(pem).get(), nullptr, &RefusePassphrase, nullptr));
}

Key ParseKey(const std::string& pem) {
  ERR_clear_error();
  return Key(PEM_read_bio_PrivateKey(Reading(pem).get(), nullptr, &RefusePassphrase, nullptr));
}

// ---- making one ----

bool AddExtension(X509* leaf, int id, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, leaf, leaf, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str()));
  return extension != nullptr && X509_add_ext(leaf, extension.get(), -1) == 1;
}

std::string AlternativeNames(const std::vector<std::string>& names) {
  std::string joined;
  for (const std::string& name : names) {
    std::unique_ptr<ASN1_OCTET_STRING, Free<&ASN1_OCTET_STRING_free>> address(
        a2i_IPADDRESS(name.c_str()));
    joined += (joined.empty() ? "" : ",") + std::string(address ? "IP:" : "DNS:") + name;
  }
  ERR_clear_error();
  return joined;
}

bool SetSubject(X509* leaf, const SelfSignedOptions& options) {
  std::string common_name = options.common_name;
  if (common_name.empty() && !options.names.empty()) common_name = options.names.front();
  common_name.resize(std::min(common_name.size(), kMaxCommonName));
  X509_NAME* const subject = X509_get_subject_name(leaf);
  const auto add = [subject](const char* field, const std::string& value) {
    return value.empty() ||
           X509_NAME_add_entry_by_txt(subject, field, MBSTRING_UTF8,
                                      reinterpret_cast<const unsigned char*>(value.c_str()), -1, -1,
                                      0) == 1;
  };
  return add("O", options.organization) && add("CN", common_name) &&
         X509_set_issuer_name(leaf, subject) == 1;
}

bool SetSerial(X509* leaf) {
  std::array<unsigned char, kSerialBytes> bytes{};
  if (RAND_bytes(bytes.data(), kSerialBytes) != 1) return false;
  bytes[0] &= 0x7f;  // a serial number is positive
  const std::unique_ptr<BIGNUM, Free<&BN_free>> number(
      BN_bin2bn(bytes.data(), kSerialBytes, nullptr));
  return number != nullptr && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(leaf));
}

bool FillLeaf(X509* leaf, EVP_PKEY* key, const SelfSignedOptions& options) {
  constexpr long kVersion3 = 2;
  return X509_set_version(leaf, kVersion3) == 1 && SetSerial(leaf) &&
         X509_gmtime_adj(X509_getm_notBefore(leaf), -kBackdatedSeconds) != nullptr &&
         X509_gmtime_adj(X509_getm_notAfter(leaf), options.lifetime.count()) != nullptr &&
         X509_set_pubkey(leaf, key) == 1 && SetSubject(leaf, options) &&
         AddExtension(leaf, NID_basic_constraints, "critical,CA:FALSE") &&
         AddExtension(leaf, NID_ext_key_usage, "serverAuth") &&
         AddExtension(leaf, NID_subject_key_identifier, "hash") &&
         AddExtension(leaf, NID_authority_key_identifier, "keyid:always") &&
         AddExtension(leaf, NID_subject_alt_name, AlternativeNames(options.names));
}

// ---- checking and using one ----

bool AddChain(SSL_CTX* context, BIO* rest) {
  while (Leaf next{PEM_read_bio_X509(rest, nullptr, &RefusePassphrase, nullptr)}) {
    if (SSL_CTX_add0_chain_cert(context, next.get()) != 1) return false;
    static_cast<void>(next.release());
  }
  ERR_clear_error();  // the end of the text is reported as an error
  return true;
}

bool UsePair(SSL_CTX* context, const KeyPair& pair) {
  const Bio bio = Reading(pair.certificate_pem);
  const Leaf leaf(PEM_read_bio_X509(bio.get(), nullptr, &RefusePassphrase, nullptr));
  const Key key = ParseKey(pair.key_pem);
  return leaf != nullptr && key != nullptr && SSL_CTX_use_certificate(context, leaf.get()) == 1 &&
         SSL_CTX_use_PrivateKey(context, key.get()) == 1 && AddChain(context, bio.get());
}

void Harden(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(context, 1);                           // one read a record instead of two
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);  // tickets hold the state
  SSL_CTX_set_num_tickets(context, 1);
}

Result<std::shared_ptr<SSL_CTX>> MakeContext(const KeyPair& pair) {
  if (auto checked = CheckKeyPair(pair); !checked) return tl::unexpected(checked.error());
  ERR_clear_error();
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
  if (context == nullptr) return CannotMake("a TLS context");
  Harden(context.get());
  if (!UsePair(context.get(), pair)) {
    return Fail(ErrorKind::kCertificate, "the certificate cannot serve: " + TakeReason());
  }
  return context;
}

std::string Hexadecimal(const unsigned char* bytes, unsigned int size) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (unsigned int i = 0; i < size; ++i) {
    text += kDigits[bytes[i] >> 4];
    text += kDigits[bytes[i] & 15];
  }
  return text;
}

// ---- reading one ----

// The only entry of a name with that id.
std::string OnlyEntry(const X509_NAME* name, int id) {
  const int index = X509_NAME_get_index_by_NID(name, id, -1);
  if (index < 0 || X509_NAME_get_index_by_NID(name, id, index) >= 0) return {};
  unsigned char* text = nullptr;
  const int size =
      ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, index)));
  if (size < 0) return {};
  const std::unique_ptr<unsigned char, decltype([](unsigned char* p) { OPENSSL_free(p); })> owner(
      text);
  return std::string(text, text + size);
}

std::optional<std::chrono::system_clock::time_point> TimeOf(const ASN1_TIME* time) {
  std::tm fields{};
  if (ASN1_TIME_to_tm(time, &fields) != 1) return std::nullopt;
  return std::chrono::system_clock::from_time_t(::timegm(&fields));
}

}  // namespace

Result<KeyType> ParseKeyType(std::string_view text) {
  if (text == "p256") return KeyType::kP256;
  if (text == "rsa") return KeyType::kRsa;
  return Fail(ErrorKind::kUsage,
              "\"" + std::string(text) + "\" is no key type; expected p256 or rsa");
}

Result<KeyPair> MakeSelfSigned(const SelfSignedOptions& options) {
  ERR_clear_error();
  const Key key(options.key_type == KeyType::kRsa ? EVP_RSA_gen(kRsaBits) : EVP_EC_gen("P-256"));
  if (key == nullptr) return CannotMake("a key");
  const Leaf leaf(X509_new());
  if (leaf == nullptr || !FillLeaf(leaf.get(), key.get(), options) ||
      X509_sign(leaf.get(), key.get(), EVP_sha256()) == 0) {
    return CannotMake("a certificate");
  }
  const Bio certificate(BIO_new(BIO_s_mem()));
  const Bio secret(BIO_new(BIO_s_secmem()));
  if (PEM_write_bio_X509(certificate.get(), leaf.get()) != 1 ||
      PEM_write_bio_PrivateKey(secret.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) !=
          1) {
    return CannotMake("PEM of a certificate");
  }
  return KeyPair{TextOf(certificate), TextOf(secret)};
}

Result<KeyPair> LoadKeyPair(const std::string& certificate_file, const std::string& key_file) {
  auto certificate = ReadTextFile(certificate_file, kMaxFileBytes);
  if (!certificate) return tl::unexpected(std::move(certificate).error());
  auto key = ReadTextFile(key_file, kMaxFileBytes);
  if (!key) return tl::unexpected(std::move(key).error());
  KeyPair pair{*std::move(certificate), *std::move(key)};
  if (auto checked = CheckKeyPair(pair); !checked) {
    return Fail(ErrorKind::kCertificate,
                certificate_file + ", " + key_file + ": " + checked.error().message);
  }
  return pair;
}

Result<void> CheckKeyPair(const KeyPair& pair) {
  const auto unusable = [](std::string why) {
    ERR_clear_error();
    return Fail(ErrorKind::kCertificate, std::move(why));
  };
  const Leaf leaf = ParseLeaf(pair.certificate_pem);
  if (leaf == nullptr) return unusable("the certificate is no PEM certificate");
  const Key key = ParseKey(pair.key_pem);
  if (key == nullptr) return unusable("the key is no PEM private key without passphrase");
  if (X509_check_private_key(leaf.get(), key.get()) != 1) {
    return unusable("the key does not belong to the certificate");
  }
  if (X509_cmp_current_time(X509_get0_notAfter(leaf.get())) <= 0) {
    return unusable("the certificate has expired");
  }
  if (X509_cmp_current_time(X509_get0_notBefore(leaf.get())) >= 0) {
    return unusable("the certificate is not valid yet");
  }
  return {};
}

Result<CertificateFacts> DescribeCertificate(const std::string& pem) {
  const Leaf leaf = ParseLeaf(pem);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  const auto begin = leaf ? TimeOf(X509_get0_notBefore(leaf.get())) : std::nullopt;
  const auto end = leaf ? TimeOf(X509_get0_notAfter(leaf.get())) : std::nullopt;
  if (!begin || !end || X509_digest(leaf.get(), EVP_sha256(), digest.data(), &size) != 1) {
    ERR_clear_error();
    return Fail(ErrorKind::kCertificate, "the text does not begin with a PEM certificate");
  }
  const X509_NAME* const name = X509_get_subject_name(leaf.get());
  const Bio subject(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(subject.get(), name, 0, XN_FLAG_ONELINE);
  return CertificateFacts{.subject = TextOf(subject),
                          .organization = OnlyEntry(name, NID_organizationName),
                          .common_name = OnlyEntry(name, NID_commonName),
                          .fingerprint = Hexadecimal(digest.data(), size),
                          .self_issued = X509_NAME_cmp(name, X509_get_issuer_name(leaf.get())) == 0,
                          .authority = X509_check_ca(leaf.get()) == 1,
                          .not_before = *begin,
                          .not_after = *end};
}

std::string SentenceOf(const CertificateFacts& facts) {
  const std::time_t end = std::chrono::system_clock::to_time_t(facts.not_after);
  std::tm fields{};
  std::array<char, sizeof("2026-08-21T10:00:00Z")> text{};
  if (gmtime_r(&end, &fields) == nullptr) return facts.subject;
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &fields);
  return facts.subject + ", valid until " + std::string(text.data(), size);
}

Result<std::unique_ptr<ServingCertificate>> ServingCertificate::Create(const KeyPair& pair) {
  auto context = MakeContext(pair);
  if (!context) return tl::unexpected(std::move(context).error());
  return std::unique_ptr<ServingCertificate>(
      new ServingCertificate(*std::move(context), pair.certificate_pem));
}

ServingCertificate::ServingCertificate(std::shared_ptr<ssl_ctx_st> context,
                                       std::string certificate_pem)
    : context_(std::move(context)), certificate_pem_(std::move(certificate_pem)) {}

Result<void> ServingCertificate::Replace(const KeyPair& pair) {
  auto context = MakeContext(pair);
  if (!context) return tl::unexpected(std::move(context).error());
  const std::lock_guard lock(mutex_);
  context_.swap(*context);
  certificate_pem_ = pair.certificate_pem;
  return {};
}

std::string ServingCertificate::CertificatePem() const {
  const std::lock_guard lock(mutex_);
  return certificate_pem_;
}

std::shared_ptr<ssl_ctx_st> ServingCertificate::Context() const {
  const std::lock_guard lock(mutex_);
  return context_;
}

}  // namespace injector::webhook
