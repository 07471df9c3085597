#include "k8s/kubeconfig.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "tests/support/scoped_temp_dir.h"

namespace injector::test {
namespace {

using k8s::ApiErrorKind;
using k8s::Kubeconfig;
using ::testing::HasSubstr;

constexpr const char* kTwoContexts = R"(
apiVersion: v1
kind: Config
current-context: dev
contexts:
- {name: dev, context: {cluster: near, user: alice, namespace: shop}}
- {name: prod, context: {cluster: far, user: bob}}
- {name: nobody, context: {cluster: near}}
clusters:
- name: near
  cluster:
    server: https://127.0.0.1:6443/
    certificate-authority-data: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t
- name: far
  cluster:
    server: https://far.example:443
    proxy-url: http://proxy:3128
    tls-server-name: kubernetes.default
    certificate-authority: pki/ca.crt
users:
- {name: alice, user: {token: inline}}
- name: bob
  user:
    client-certificate: pki/bob.crt
    client-key-data: LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0t
)";

class KubeconfigTest : public ::testing::Test {
 protected:
  using Loaded = k8s::ApiResult<std::unique_ptr<Kubeconfig>>;

  Loaded Load(const std::string& text, const std::string& context = "") const {
    return Kubeconfig::Load({folder_.Write("config", text)}, context);
  }

  // A file whose only context joins this cluster and this user, both in flow style.
  Loaded LoadOne(const std::string& cluster, const std::string& user) const {
    return Load("{current-context: c, contexts: [{name: c, context: {cluster: k, user: u}}],\n" +
                ("clusters: [{name: k, cluster: " + cluster + "}],\n") +
                "users: [{name: u, user: " + user + "}]}\n");
  }
  Loaded LoadUser(const std::string& user) const { return LoadOne("{server: https://x}", user); }

  // The message is "<folder>/config: " and this.
  void ExpectFault(const Loaded& loaded, const std::string& message) const {
    ASSERT_FALSE(loaded) << message;
    EXPECT_EQ(loaded.error().kind, ApiErrorKind::kConfiguration);
    EXPECT_EQ(loaded.error().message, (folder_ / "config") + ": " + message);
  }

  // As ExpectFault, but it shows when the credentials are asked for.
  void ExpectUnusable(const Loaded& loaded, const std::string& message) const {
    ASSERT_TRUE(loaded) << loaded.error().message;
    const auto credentials = (*loaded)->Current();
    ASSERT_FALSE(credentials) << message;
    EXPECT_EQ(credentials.error().kind, ApiErrorKind::kConfiguration);
    EXPECT_EQ(credentials.error().message, (folder_ / "config") + ": " + message);
  }

  ScopedTempDir folder_;
};

TEST_F(KubeconfigTest, CurrentContextCounts) {
  const auto config = Load(kTwoContexts);
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ((*config)->Server(), "https://127.0.0.1:6443");
  EXPECT_EQ((*config)->ProxyUrl(), "");
  EXPECT_EQ((*config)->TlsServerName(), "");
  EXPECT_EQ((*config)->Namespace(), "shop");
  const auto credentials = (*config)->Current();
  ASSERT_TRUE(credentials);
  EXPECT_EQ(credentials->token, "inline");
  EXPECT_EQ(credentials->ca, "-----BEGIN CERTIFICATE-----");
}

TEST_F(KubeconfigTest, NamedContextCountsAndFilesAreRelativeToIt) {
  folder_.Write("pki/ca.crt", "The cluster's:\n-----BEGIN CERTIFICATE-----\n");
  folder_.Write("pki/bob.crt", "-----BEGIN CERTIFICATE-----\nBOB");
  const auto config = Load(kTwoContexts, "prod");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ((*config)->Server(), "https://far.example:443");
  EXPECT_EQ((*config)->ProxyUrl(), "http://proxy:3128");
  EXPECT_EQ((*config)->TlsServerName(), "kubernetes.default");
  EXPECT_EQ((*config)->Namespace(), "");
  const auto credentials = (*config)->Current();
  ASSERT_TRUE(credentials) << credentials.error().message;
  EXPECT_EQ(credentials->ca, "The cluster's:\n-----BEGIN CERTIFICATE-----\n");
  EXPECT_EQ(credentials->client_certificate, "-----BEGIN CERTIFICATE-----\nBOB");
  EXPECT_EQ(credentials->client_key, "-----BEGIN PRIVATE KEY-----");
  EXPECT_EQ(credentials->token, "");
}

TEST_F(KubeconfigTest, ContextWithoutAUserHasNoCredentials) {
  const auto config = Load(kTwoContexts, "nobody");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ((*config)->Current().value().token, "");
}

TEST_F(KubeconfigTest, MissingFilesAreNamedWithTheirFieldsWhenTheyAreNeeded) {
  const std::string missing = ": No such file or directory";
  ExpectUnusable(Load(kTwoContexts, "prod"), "clusters[far].cluster.certificate-authority: " +
                                                 (folder_ / "pki/ca.crt") + missing);
  folder_.Write("a.crt", "-----BEGIN CERTIFICATE-----");
  ExpectUnusable(LoadUser("{client-certificate: a.crt, client-key: /absent/key.pem}"),
                 "users[u].user.client-key: /absent/key.pem" + missing);
  ExpectUnusable(LoadUser("{tokenFile: token}"),
                 "users[u].user.tokenFile: " + (folder_ / "token") + missing);
}

TEST_F(KubeconfigTest, FilesThatHoldSomethingElseAreNamedWithTheirFields) {
  folder_.Write("text", "-----BEGIN CERTIFICATE REQUEST-----\nno PRIVATE KEY-----");
  folder_.Write("empty", "\n");
  ExpectUnusable(LoadOne("{server: https://x, certificate-authority: text}", "{}"),
                 "clusters[k].cluster.certificate-authority: " + (folder_ / "text") +
                     ": expected PEM with a CERTIFICATE");
  ExpectUnusable(
      LoadOne("{server: https://x, certificate-authority: empty}", "{}"),
      "clusters[k].cluster.certificate-authority: " + (folder_ / "empty") + ": is empty");
  folder_.Write("a.crt", "-----BEGIN CERTIFICATE-----");
  ExpectUnusable(
      LoadUser("{client-certificate: a.crt, client-key: text}"),
      "users[u].user.client-key: " + (folder_ / "text") + ": expected PEM with a PRIVATE KEY");
  ExpectUnusable(LoadUser("{tokenFile: empty}"),
                 "users[u].user.tokenFile: " + (folder_ / "empty") + ": is empty");
}

TEST_F(KubeconfigTest, PluginThatFailsIsNamedWithItsField) {
  ExpectUnusable(
      LoadUser("{exec: {command: 'false', apiVersion: client.authentication.k8s.io/v1}}"),
      "users[u].user.exec: credential plugin false: ended with exit code 1");
}

TEST_F(KubeconfigTest, TokenFileIsReadAgainWhenItChanges) {
  folder_.Write("token", "one\n");
  const auto config = LoadUser("{tokenFile: token}");
  ASSERT_TRUE(config) << config.error().message;
  ASSERT_EQ((*config)->Current().value().token, "one");
  folder_.Write("token", "two\r\n");
  EXPECT_EQ((*config)->Current().value().token, "two");
}

TEST_F(KubeconfigTest, PluginGivesTheToken) {
  namespace fs = std::filesystem;
  fs::permissions(folder_.Write("bin/plugin", R"(#!/bin/sh
echo '{"kind": "ExecCredential", "apiVersion": "client.authentication.k8s.io/v1beta1",'
echo '"status": {"token": "'$1-$CLUSTER'"}}')"),
                  fs::perms::owner_all);
  const auto config = LoadUser(
      "{exec: {command: bin/plugin, args: [secret], env: [{name: CLUSTER, value: prod}], "
      "apiVersion: client.authentication.k8s.io/v1beta1, interactiveMode: IfAvailable}}");
  ASSERT_TRUE(config) << config.error().message;
  const auto credentials = (*config)->Current();
  ASSERT_TRUE(credentials) << credentials.error().message;
  EXPECT_EQ(credentials->token, "secret-prod");
}

// The plugin shows what it was told of the cluster as its token.
TEST_F(KubeconfigTest, PluginLearnsOfItsClusterWhenItWantsTo) {
  namespace fs = std::filesystem;
  fs::permissions(folder_.Write("plugin", R"(#!/bin/sh
info=$(printf %s "$KUBERNETES_EXEC_INFO" | tr -d '"')
echo '{"kind": "ExecCredential", "apiVersion": "client.authentication.k8s.io/v1",'
echo '"status": {"token": "'$info'"}}')"),
                  fs::perms::owner_all);
  folder_.Write("ca.crt", "-----BEGIN CERTIFICATE-----");
  const std::string user =
      "{exec: {command: ./plugin, apiVersion: client.authentication.k8s.io/v1, "
      "provideClusterInfo: true}}";
  const auto token = [&](const std::string& cluster) {
    const auto config = LoadOne(cluster, user);
    return config ? (*config)->Current().value().token : config.error().message;
  };
  EXPECT_EQ(token("{server: 'https://x'}"),
            "{apiVersion:client.authentication.k8s.io/v1,kind:ExecCredential,spec:{cluster:{"
            "server:https://x},interactive:false}}");
  EXPECT_EQ(token("{server: 'https://x', certificate-authority: ca.crt, tls-server-name: name, "
                  "proxy-url: 'http://p:1', extensions: [{name: other, extension: {}}, "
                  "{name: client.authentication.k8s.io/exec, extension: {audience: a}}]}"),
            "{apiVersion:client.authentication.k8s.io/v1,kind:ExecCredential,spec:{cluster:{"
            "certificate-authority-data:LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t,config:{audience:a},"
            "proxy-url:http://p:1,server:https://x,tls-server-name:name},interactive:false}}");
}

TEST_F(KubeconfigTest, PluginThatIsToLearnOfItsClusterNeedsItsFiles) {
  const std::string exec =
      "{exec: {command: x, apiVersion: client.authentication.k8s.io/v1, provideClusterInfo: ";
  ExpectFault(LoadOne("{server: https://x, certificate-authority: ca.crt}", exec + "true}}"),
              "clusters[k].cluster.certificate-authority: " + (folder_ / "ca.crt") +
                  ": No such file or directory");
  ExpectFault(LoadUser(exec + "'yes'}}"),
              "users[u].user.exec.provideClusterInfo: expected true or false");
}

TEST_F(KubeconfigTest, OfSeveralFilesTheFirstEntryOfANameCounts) {
  const std::string first = folder_.Write("first/config", R"({current-context: c,
    users: [{name: u, user: {tokenFile: token}}]})");
  const std::string second = folder_.Write("second/config", R"({current-context: other,
    contexts: [{name: c, context: {cluster: k, user: u}}],
    clusters: [{name: k, cluster: {server: "https://second"}}],
    users: [{name: u, user: {token: second}}]})");
  folder_.Write("first/token", "of the first");
  const auto config = Kubeconfig::Load({folder_ / "absent", first, second}, "");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ((*config)->Server(), "https://second");
  EXPECT_EQ((*config)->Current().value().token, "of the first");
}

TEST_F(KubeconfigTest, OfSeveralFilesOneThatCannotBeReadIsAFault) {
  const std::string good = folder_.Write("config", kTwoContexts);
  const auto config = Kubeconfig::Load({folder_.path(), good}, "");
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().message, folder_.path() + ": expected a file, found a folder");
}

TEST_F(KubeconfigTest, NoFileAtAllNamesThem) {
  const auto one = Kubeconfig::Load({folder_ / "a"}, "");
  ASSERT_FALSE(one);
  EXPECT_EQ(one.error().message, (folder_ / "a") + ": No such file or directory");
  const auto two = Kubeconfig::Load({folder_ / "a", folder_ / "b"}, "");
  ASSERT_FALSE(two);
  EXPECT_EQ(two.error().message,
            "no kubeconfig file is there: " + (folder_ / "a") + ", " + (folder_ / "b"));
}

TEST_F(KubeconfigTest, TextThatIsNoKubeconfigNamesThePlace) {
  ExpectFault(Load("[]"), "expected one kubeconfig document");
  ExpectFault(Load("a: 1\n---\nb: 2\n"), "expected one kubeconfig document");
  const auto broken = Load("clusters: [\n");
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().kind, ApiErrorKind::kConfiguration);
  EXPECT_THAT(broken.error().message, HasSubstr((folder_ / "config") + ":"));
}

TEST_F(KubeconfigTest, ContextThatIsNotThereOrNotSetIsAFault) {
  ExpectFault(Load("contexts: []"), "current-context: is not set; name a context");
  ExpectFault(Load("current-context: 5"), "current-context: expected a string");
  ExpectFault(Load(kTwoContexts, "test"), "contexts: there is none named \"test\"");
}

TEST_F(KubeconfigTest, UnknownNamesAreFaults) {
  const std::string context = "contexts: [{name: c, context: {cluster: k, user: u}}]\n";
  const std::string cluster = "clusters: [{name: k, cluster: {server: 'https://x'}}]\n";
  ExpectFault(Load(context, "c"), "clusters: there is none named \"k\"");
  ExpectFault(Load(context + cluster, "c"), "users: there is none named \"u\"");
  ExpectFault(Load("contexts: [{name: c}]", "c"), "contexts[c].context.cluster: is missing");
}

TEST_F(KubeconfigTest, WrongTypesNameTheField) {
  ExpectFault(Load("contexts: {}", "c"), "contexts: expected a list");
  ExpectFault(Load("contexts: [{name: c, context: 5}]", "c"),
              "contexts[c].context: expected an object");
  ExpectFault(Load("contexts: [{name: c, context: {cluster: 5}}]", "c"),
              "contexts[c].context.cluster: expected a string");
  ExpectFault(LoadOne("{server: 5}", "{}"), "clusters[k].cluster.server: expected a string");
  ExpectFault(LoadUser("{token: 5}"), "users[u].user.token: expected a string");
  ExpectFault(LoadUser("{exec: 5}"), "users[u].user.exec: expected an object");
  ExpectFault(LoadUser("{exec: {args: 5}}"), "users[u].user.exec.args: expected a list");
  ExpectFault(LoadUser("{exec: {args: [5]}}"),
              "users[u].user.exec.args: expected a list of strings");
  ExpectFault(LoadUser("{exec: {command: x, env: [5]}}"),
              "users[u].user.exec.env: expected a list of name and value");
  ExpectFault(LoadUser("{exec: {command: x, env: [{value: z}]}}"),
              "users[u].user.exec.env.name: is missing");
}

TEST_F(KubeconfigTest, ServerMustBeHttps) {
  const std::string why =
      "clusters[k].cluster.server: expected an address that begins with https://";
  ExpectFault(LoadOne("{}", "{}"), why);
  ExpectFault(LoadOne("{server: http://x}", "{}"), why);
  ExpectFault(LoadOne("{server: https://}", "{}"), why);
}

TEST_F(KubeconfigTest, UnverifiedTlsIsRefused) {
  const std::string why =
      "clusters[k].cluster.insecure-skip-tls-verify: is not supported; set certificate-authority "
      "or -data";
  ExpectFault(LoadOne("{server: https://x, insecure-skip-tls-verify: true}", "{}"), why);
  ExpectFault(LoadOne("{server: https://x, insecure-skip-tls-verify: 'true'}", "{}"), why);
  EXPECT_TRUE(LoadOne("{server: https://x, insecure-skip-tls-verify: false}", "{}"));
}

TEST_F(KubeconfigTest, DataThatIsNoBase64IsAFault) {
  ExpectFault(LoadOne("{server: https://x, certificate-authority-data: '*'}", "{}"),
              "clusters[k].cluster.certificate-authority-data: is no base64");
}

TEST_F(KubeconfigTest, DataThatIsNoPemIsAFault) {
  ExpectFault(LoadOne("{server: https://x, certificate-authority-data: UEVN}", "{}"),
              "clusters[k].cluster.certificate-authority-data: expected PEM with a CERTIFICATE");
  ExpectFault(LoadUser("{client-key-data: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t}"),
              "users[u].user.client-key-data: expected PEM with a PRIVATE KEY");
}

TEST_F(KubeconfigTest, ProxyOfAnotherKindIsAFault) {
  const std::string why =
      "clusters[k].cluster.proxy-url: expected an address that begins with http://, https:// or "
      "socks5://";
  for (const std::string proxy : {"ftp://p:1", "p:3128", "http://", "socks4://p:1"}) {
    ExpectFault(LoadOne("{server: https://x, proxy-url: '" + proxy + "'}", "{}"), why);
  }
  for (const std::string proxy : {"http://p:1", "https://p", "socks5://p:1080"}) {
    EXPECT_TRUE(LoadOne("{server: https://x, proxy-url: '" + proxy + "'}", "{}")) << proxy;
  }
}

TEST_F(KubeconfigTest, HalfAClientCertificateIsAFault) {
  ExpectFault(LoadUser("{client-certificate: a}"),
              "users[u].user.client-key: is missing, as is its -data");
  ExpectFault(LoadUser("{client-key-data: LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0t}"),
              "users[u].user.client-certificate: is missing, as is its -data");
}

TEST_F(KubeconfigTest, OtherWaysToSignInAreRefused) {
  for (const std::string field : {"auth-provider", "username", "password", "as"}) {
    ExpectFault(
        LoadUser("{" + field + ": x}"),
        "users[u].user." + field + ": is not supported; use a token, a certificate or exec");
  }
}

TEST_F(KubeconfigTest, PluginThatCannotBeRunIsRefused) {
  ExpectFault(LoadUser("{exec: {}}"), "users[u].user.exec.command: is missing");
  ExpectFault(LoadUser("{exec: {command: x, apiVersion: client.authentication.k8s.io/v1alpha1}}"),
              "users[u].user.exec.apiVersion: expected client.authentication.k8s.io/v1 or "
              "client.authentication.k8s.io/v1beta1");
  ExpectFault(LoadUser("{exec: {command: x, apiVersion: client.authentication.k8s.io/v1, "
                       "interactiveMode: Always}}"),
              "users[u].user.exec.interactiveMode: Always is not supported: plugins get no "
              "terminal");
}

}  // namespace
}  // namespace injector::test
