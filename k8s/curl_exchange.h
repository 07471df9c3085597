#pragma once

// One HTTP exchange through libcurl: what the library is told and what it hands back. Prepare, let
// the library run, then Finish.

#include <curl/curl.h>

#include <array>
#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "k8s/cluster_config.h"
#include "k8s/transport.h"

namespace injector::k8s {

struct CloseEasy {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct CloseMulti {
  void operator()(CURLM* handle) const { curl_multi_cleanup(handle); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using EasyHandle = std::unique_ptr<CURL, CloseEasy>;
using MultiHandle = std::unique_ptr<CURLM, CloseMulti>;
using TextList = std::unique_ptr<curl_slist, FreeList>;

// At least a millisecond: the library takes 0 for ever.
[[nodiscard]] std::chrono::milliseconds TimeLeft(std::chrono::steady_clock::time_point deadline);

// Not thread-safe; the handle points into it until it is reset.
class Exchange {
 public:
  using LineReader = std::function<bool(std::string_view)>;
  using TimePoint = std::chrono::steady_clock::time_point;

  // All of it outlives the exchange. A stop, or that of the request, ends it within about a second.
  Exchange(CURL* handle, const ClusterConfig& config, const ApiRequest& request,
           const std::stop_token& stop)
      : handle_(handle), config_(config), request_(request), stop_(stop) {}

  // Errors: kConfiguration: the credentials cannot be had.
  [[nodiscard]] ApiResult<void> Prepare();

  // Hands each line of a body of status 200 to `on_line` instead of keeping it, after an empty one
  // that stands for the answer's head.
  void StreamTo(const LineReader& on_line) { on_line_ = &on_line; }

  // When a peer that sends nothing more counts as dead.
  [[nodiscard]] TimePoint SilentAt(std::chrono::milliseconds silence) const;

  // In: `code` is what the library's run came to.
  [[nodiscard]] ApiResult<ApiReply> Finish(CURLcode code);

  // "GET /api/v1/...", without the query.
  [[nodiscard]] std::string Name() const;

 private:
  void SetRequest();
  void SetServer();
  void SetCredentials(const Credentials& credentials);
  void SetBlob(CURLoption option, const std::string& text);
  void SetCallbacks();
  [[nodiscard]] int Status() const;
  [[nodiscard]] std::string Explain(CURLcode code) const;

  static std::size_t OnHeader(char* data, std::size_t, std::size_t size, void* self);
  static std::size_t OnBody(char* data, std::size_t, std::size_t size, void* self);
  static int OnProgress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t);

  // A step of a callback, whose throw must not cross the library's frames: Finish tells of it.
  // Out: what the library is to be told: `size`, or 0 to end the exchange.
  template <class Step>
  std::size_t Guarded(std::size_t size, const Step& step);

  void NoteByte();
  void NoteHeader(std::string_view line);
  // These return false to end the exchange.
  bool OpenStream();
  bool Take(std::string_view data);
  bool TakeLines(std::string_view data);

  CURL* handle_;
  const ClusterConfig& config_;
  const ApiRequest& request_;
  const std::stop_token& stop_;
  TextList headers_;
  TextList connect_to_;
  std::array<char, CURL_ERROR_SIZE> error_text_{};
  const LineReader* on_line_ = nullptr;
  std::string line_;
  ApiReply reply_;
  TimePoint last_byte_ = std::chrono::steady_clock::now();
  bool any_byte_ = false;
  bool opened_ = false;
  bool too_long_ = false;
  bool stopped_by_reader_ = false;
  std::exception_ptr thrown_;
};

}  // namespace injector::k8s
