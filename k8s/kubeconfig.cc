#include "k8s/kubeconfig.h"

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "k8s/base64.h"
#include "k8s/kubeconfig_file.h"

namespace injector::k8s {
namespace {

using nlohmann::ordered_json;

std::string FolderOf(const std::string& file) {
  const std::size_t slash = file.rfind('/');
  return slash == std::string::npos ? "." : file.substr(0, slash);
}

// What is wrong with a credential; "" when nothing is. In: `pem` as in k8s/pem.h, "" for a token.
std::string FaultOf(std::string_view text, std::string_view pem) {
  if (text.find_first_not_of(" \r\n\t") == std::string_view::npos) return "is empty";
  if (pem.empty() || HoldsPem(text, pem)) return {};
  return "expected PEM with a " + std::string(pem);
}

// As libcurl has them and client-go takes them.
bool IsProxy(const std::string& url) {
  for (const std::string_view scheme : {"http://", "https://", "socks5://"}) {
    if (url.starts_with(scheme) && url.size() > scheme.size()) return true;
  }
  return false;
}

}  // namespace

ApiResult<std::string> Kubeconfig::Source::Text() const {
  if (file == nullptr) return text;
  auto found = file->Text();
  std::string fault = found ? FaultOf(*found, pem) : found.error().message;
  if (fault.empty()) return found;
  if (found) fault = file->Path() + ": " + fault;
  return ApiFail(ApiErrorKind::kConfiguration, place + ": " + fault);
}

// Fills a Kubeconfig step by step; the first fault ends it.
class KubeconfigReader {
 public:
  explicit KubeconfigReader(const std::vector<KubeconfigFile>& files) : files_(files) {}

  ApiResult<std::unique_ptr<Kubeconfig>> Read(std::string context_name) && {
    if (context_name.empty()) {
      auto current = CurrentContext();
      if (!current) return tl::unexpected(current.error());
      context_name = *std::move(current);
    }
    if (context_name.empty()) {
      return ApiFail(ApiErrorKind::kConfiguration,
                     files_.front().path + ": current-context: is not set; name a context");
    }
    auto context = FindKubeconfigEntry(files_, "contexts", context_name, "context");
    if (!context) return tl::unexpected(context.error());
    const auto cluster = context->Text("cluster");
    const auto user = context->Text("user");
    const auto space = context->Text("namespace");
    for (const auto* field : {&cluster, &user, &space}) {
      if (!*field) return tl::unexpected(field->error());
    }
    config_->namespace_ = *space;
    if (cluster->empty()) return context->Complain("cluster", "is missing");
    if (auto read = ReadCluster(*cluster); !read) return tl::unexpected(read.error());
    if (user->empty()) return std::move(config_);
    if (auto read = ReadUser(*user); !read) return tl::unexpected(read.error());
    return std::move(config_);
  }

 private:
  ApiResult<std::string> CurrentContext() const {
    for (const KubeconfigFile& file : files_) {
      const auto found = file.value.find("current-context");
      if (found == file.value.end() || found->is_null()) continue;
      if (!found->is_string()) {
        return ApiFail(ApiErrorKind::kConfiguration,
                       file.path + ": current-context: expected a string");
      }
      if (!found->get_ref<const std::string&>().empty()) return found->get<std::string>();
    }
    return std::string();
  }

  ApiResult<void> Put(const KubeconfigEntry& entry, const std::string& field, std::string& target) {
    auto text = entry.Text(field);
    if (!text) return tl::unexpected(text.error());
    target = *std::move(text);
    return {};
  }

  // A value of which `field`-data holds the base64 and `field` the file; the data counts first.
  ApiResult<void> Put(const KubeconfigEntry& entry, const std::string& field,
                      Kubeconfig::Source& target) {
    const auto data = entry.Text(field + "-data");
    const auto path = entry.Text(field);
    if (!data) return tl::unexpected(data.error());
    if (!path) return tl::unexpected(path.error());
    if (!data->empty()) {
      auto text = DecodeBase64(*data);
      if (!text) return entry.Complain(field + "-data", "is no base64");
      const std::string fault = FaultOf(*text, target.pem);
      if (!fault.empty()) return entry.Complain(field + "-data", fault);
      target.text = *std::move(text);
    } else if (!path->empty()) {
      Follow(entry, field, *path, target);
    }
    return {};
  }

  static void Follow(const KubeconfigEntry& entry, const std::string& field,
                     const std::string& path, Kubeconfig::Source& target) {
    const bool absolute = path.front() == '/';
    target.file =
        std::make_unique<FollowedFile>(absolute ? path : FolderOf(entry.file) + "/" + path);
    target.place = entry.Place(field);
  }

  ApiResult<void> ReadCluster(const std::string& name) {
    auto cluster = FindKubeconfigEntry(files_, "clusters", name, "cluster");
    if (!cluster) return tl::unexpected(cluster.error());
    const auto insecure = cluster->value.value("insecure-skip-tls-verify", ordered_json(false));
    if (insecure != false && !insecure.is_null()) {
      return cluster->Complain("insecure-skip-tls-verify",
                               "is not supported; set certificate-authority or -data");
    }
    for (auto put : {Put(*cluster, "server", config_->server_),
                     Put(*cluster, "proxy-url", config_->proxy_url_),
                     Put(*cluster, "tls-server-name", config_->tls_server_name_),
                     Put(*cluster, "certificate-authority", config_->ca_)}) {
      if (!put) return put;
    }
    std::string& server = config_->server_;
    while (server.ends_with('/')) server.pop_back();
    if (!server.starts_with("https://") || server.size() <= 8) {
      return cluster->Complain("server", "expected an address that begins with https://");
    }
    plugin_settings_ = PluginSettings(*cluster);
    if (config_->proxy_url_.empty() || IsProxy(config_->proxy_url_)) return {};
    return cluster->Complain("proxy-url",
                             "expected an address that begins with http://, https:// or socks5://");
  }

  ApiResult<void> ReadUser(const std::string& name) {
    auto user = FindKubeconfigEntry(files_, "users", name, "user");
    if (!user) return tl::unexpected(user.error());
    for (const char* field : {"auth-provider", "username", "password", "as"}) {
      if (!user->value.value(field, ordered_json()).is_null()) {
        return user->Complain(field, "is not supported; use a token, a certificate or exec");
      }
    }
    std::string token_file;
    for (auto put :
         {Put(*user, "client-certificate", config_->client_certificate_),
          Put(*user, "client-key", config_->client_key_), Put(*user, "token", config_->token_.text),
          Put(*user, "tokenFile", token_file)}) {
      if (!put) return put;
    }
    if (config_->token_.text.empty() && !token_file.empty()) {
      Follow(*user, "tokenFile", token_file, config_->token_);
    }
    const bool has_certificate = config_->client_certificate_.IsSet();
    if (has_certificate != config_->client_key_.IsSet()) {
      return user->Complain(has_certificate ? "client-key" : "client-certificate",
                            "is missing, as is its -data");
    }
    return ReadPlugin(*user);
  }

  ApiResult<void> ReadPlugin(const KubeconfigEntry& user) {
    const auto exec = user.value.find("exec");
    if (exec == user.value.end() || exec->is_null()) return {};
    if (!exec->is_object()) return user.Complain("exec", "expected an object");
    const KubeconfigEntry entry{user.file, user.where + ".exec", *exec};
    ExecPluginOptions options;
    auto arguments = entry.Texts("args");
    if (!arguments) return tl::unexpected(arguments.error());
    options.arguments = *std::move(arguments);
    for (auto put :
         {Put(entry, "command", options.command), Put(entry, "apiVersion", options.api_version),
          Put(entry, "installHint", options.install_hint), PutEnvironment(entry, options)}) {
      if (!put) return put;
    }
    if (auto checked = CheckPlugin(entry, options); !checked) return checked;
    const bool is_relative =
        options.command.front() != '/' && options.command.find('/') != std::string::npos;
    if (is_relative) options.command = FolderOf(entry.file) + "/" + options.command;
    if (auto put = PutClusterInfo(entry, options); !put) return put;
    config_->plugin_ = std::make_unique<ExecPlugin>(std::move(options));
    config_->plugin_place_ = user.Place("exec");
    return {};
  }

  static ApiResult<void> CheckPlugin(const KubeconfigEntry& exec,
                                     const ExecPluginOptions& options) {
    constexpr std::string_view kGroup = "client.authentication.k8s.io/";
    if (options.command.empty()) return exec.Complain("command", "is missing");
    if (options.api_version != std::string(kGroup) + "v1" &&
        options.api_version != std::string(kGroup) + "v1beta1") {
      return exec.Complain("apiVersion", "expected " + std::string(kGroup) + "v1 or " +
                                             std::string(kGroup) + "v1beta1");
    }
    const auto mode = exec.Text("interactiveMode");
    if (!mode) return tl::unexpected(mode.error());
    if (*mode != "Always") return {};
    return exec.Complain("interactiveMode", "Always is not supported: plugins get no terminal");
  }

  ApiResult<void> PutEnvironment(const KubeconfigEntry& exec, ExecPluginOptions& options) {
    const auto list = exec.value.find("env");
    if (list == exec.value.end() || list->is_null()) return {};
    if (!list->is_array()) return exec.Complain("env", "expected a list");
    for (const auto& variable : *list) {
      if (!variable.is_object()) return exec.Complain("env", "expected a list of name and value");
      const KubeconfigEntry item{exec.file, exec.where + ".env", variable};
      auto& [name, value] = options.environment.emplace_back();
      for (auto put : {Put(item, "name", name), Put(item, "value", value)}) {
        if (!put) return put;
      }
      if (name.empty()) return item.Complain("name", "is missing");
    }
    return {};
  }

  // What an extension of the cluster holds for plugins; null when there is none.
  static ordered_json PluginSettings(const KubeconfigEntry& cluster) {
    const auto list = cluster.value.find("extensions");
    if (list == cluster.value.end() || !list->is_array()) return nullptr;
    for (const auto& item : *list) {
      const bool ours = item.is_object() &&
                        item.value("name", ordered_json()) == "client.authentication.k8s.io/exec";
      if (ours) return item.value("extension", ordered_json());
    }
    return nullptr;
  }

  // Source: client.authentication.k8s.io/v1 Cluster.
  ApiResult<void> PutClusterInfo(const KubeconfigEntry& exec, ExecPluginOptions& options) const {
    const auto wanted = exec.value.value("provideClusterInfo", ordered_json());
    if (wanted.is_null() || wanted == false) return {};
    if (wanted != true) return exec.Complain("provideClusterInfo", "expected true or false");
    const auto ca = config_->ca_.Text();
    if (!ca) return tl::unexpected(ca.error());
    std::string ca_data;
    AppendBase64(ca_data, *ca);
    ordered_json info = {{"server", config_->server_}};
    for (const auto& [key, text] : {std::pair("tls-server-name", &config_->tls_server_name_),
                                    std::pair("certificate-authority-data", &ca_data),
                                    std::pair("proxy-url", &config_->proxy_url_)}) {
      if (!text->empty()) info[key] = *text;
    }
    if (!plugin_settings_.is_null()) info["config"] = plugin_settings_;
    options.cluster = info.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
    return {};
  }

  const std::vector<KubeconfigFile>& files_;
  ordered_json plugin_settings_;
  std::unique_ptr<Kubeconfig> config_{new Kubeconfig()};
};

ApiResult<std::unique_ptr<Kubeconfig>> Kubeconfig::Load(const std::vector<std::string>& paths,
                                                        const std::string& context) {
  const auto files = ReadKubeconfigFiles(paths);
  if (!files) return tl::unexpected(files.error());
  return KubeconfigReader(*files).Read(context);
}

ApiResult<Credentials> Kubeconfig::Current() const {
  Credentials credentials;
  if (plugin_ != nullptr) {
    auto given = plugin_->Current();
    if (!given) {
      return ApiFail(ApiErrorKind::kConfiguration, plugin_place_ + ": " + given.error().message);
    }
    credentials = *std::move(given);
  }
  const std::array<std::pair<const Source*, std::string*>, 4> sources = {
      {{&ca_, &credentials.ca},
       {&token_, &credentials.token},
       {&client_certificate_, &credentials.client_certificate},
       {&client_key_, &credentials.client_key}}};
  for (const auto& [source, target] : sources) {
    auto text = source->Text();
    if (!text) return tl::unexpected(text.error());
    if (!text->empty()) *target = *std::move(text);
  }
  const std::size_t end = credentials.token.find_last_not_of(" \r\n\t");
  credentials.token.resize(end == std::string::npos ? 0 : end + 1);
  return credentials;
}

void Kubeconfig::Refused() const {
  if (plugin_ != nullptr) plugin_->Refused();
  if (token_.file != nullptr) token_.file->Forget();
}

}  // namespace injector::k8s
