// What a client sends, and how it arrives and is read: cut anywhere, late, with pauses, hung up.
// One byte for how it ends, one for the length of the script, the script, and the rest is sent.

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/fuzz/demand.h"
#include "webhook/client.h"

namespace injector::test {
namespace {

using webhook::Client;
using webhook::IoResult;
using webhook::IoStatus;
using Phase = Client::Phase;

constexpr std::size_t kMaxBody = 2048;
constexpr int kMostReads = 32;  // before other clients have their turn
constexpr std::string_view kInterim = "HTTP/1.1 100 Continue\r\n\r\n";

// Both directions of a connection. Each call takes a byte of the script; behind it all goes well.
struct Wire {
  enum Event : unsigned char { kClose = 255, kGiveUp = 252, kRefuse = 248 };

  unsigned char Next() {
    if (script.empty()) return 2;
    const auto byte = static_cast<unsigned char>(script.front());
    script.remove_prefix(1);
    return byte;
  }

  IoResult Move(std::size_t size, IoStatus wait) {
    Demand(!closed, "nothing is asked of a connection that has ended");
    event = Next();
    closed = event == kClose;
    if (closed) return {IoStatus::kClosed, 0};
    if (size == 0 || event % 4 == 0) return {wait, 0};
    return {IoStatus::kDone, event % 4 == 1 ? std::min<std::size_t>(size, 1 + event / 4) : size};
  }

  std::string_view script;
  std::string_view input;
  std::string output{};
  std::string pending{};    // could not be written
  unsigned char event = 0;  // the last byte of the script
  bool closed = false;
  bool finished = false;
  int reads = 0;
};

class ScriptedConnection : public webhook::Connection {
 public:
  explicit ScriptedConnection(Wire& wire) : wire_(wire) {}

  IoStatus Handshake() override { return IoStatus::kDone; }
  [[nodiscard]] bool HasSent() const override { return true; }
  IoResult Read(char* to, std::size_t size) override {
    ++wire_.reads;
    const IoResult result = wire_.Move(std::min(size, wire_.input.size()), IoStatus::kNeedsInput);
    wire_.input.copy(to, result.size);
    wire_.input.remove_prefix(result.size);
    return result;
  }
  [[nodiscard]] bool HoldsInput() const override { return !wire_.input.empty(); }
  IoResult Write(std::string_view bytes) override {
    Demand(!wire_.finished, "nothing is written behind the end");
    Demand(bytes.starts_with(wire_.pending), "what could not be written is written again", bytes);
    const IoResult result = wire_.Move(bytes.size(), IoStatus::kNeedsOutput);
    wire_.pending = result.status == IoStatus::kNeedsOutput ? bytes : "";
    wire_.output += bytes.substr(0, result.size);
    return result;
  }
  void FinishWriting() override { wire_.finished = true; }

 private:
  Wire& wire_;
};

class Conversation {
 public:
  Conversation(unsigned char ending, std::string_view script, std::string_view input)
      : ending_(ending), sent_(input), wire_{script, input} {
    options_.max_body = kMaxBody;
    if (ending % 8 >= 4) options_.max_inflight_bytes = 1024;
    std::array<int, 2> pair{};
    Demand(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair.data()) == 0, "a socket");
    peer_ = webhook::FileDescriptor(pair[1]);
    client_ = std::make_unique<Client>(webhook::FileDescriptor(pair[0]),
                                       std::make_unique<ScriptedConnection>(wire_), shared_, now_);
  }

  void Run() {
    const std::size_t most = 4 * (wire_.script.size() + sent_.size()) + 64;
    for (std::size_t steps = 0; client_->phase() != Phase::kClosed; ++steps) {
      Demand(steps < most, "a conversation ends", sent_);
      wire_.reads = 0;
      wire_.event = 0;
      Step();
      Demand(wire_.reads <= kMostReads, "the others have their turn", sent_);
      Demand(shared_.held_bytes <= 8 * sent_.size() + 4096, "memory is bounded by what was sent");
    }
    CheckRequests();
    CheckOutput();
    Demand(told_ == answers_.size(), "each answer is told of once");
    client_.reset();
    Demand(shared_.held_bytes == 0, "nothing is held at the end");
  }

 private:
  void Step() {
    if (client_->phase() == Phase::kAsking) return Answer();
    if (client_->phase() == Phase::kLingering) return Linger();
    const bool reads = client_->phase() != Phase::kWriting;
    if (reads && client_->Needs() != IoStatus::kDone && wire_.input.empty()) return End();
    client_->Advance(now_);
    if (wire_.event != Wire::kGiveUp) return;
    cut_ = client_->phase() == Phase::kWriting;
    client_->GiveUp(client_->deadline());
  }

  void Answer() {
    const webhook::Exchange request = client_->Request();
    Demand(request.body.size() <= kMaxBody, "a body is within its limit");
    Demand(shared_.held_bytes <= options_.max_inflight_bytes, "the budget is kept to");
    if (wire_.Next() == Wire::kRefuse) return client_->Refuse(503, "too many wait", now_);
    heads_.emplace_back(request.head);
    bodies_.emplace_back(request.body);
    const std::string twice = bodies_.back() + bodies_.back();
    answers_.push_back("<" + std::to_string(answers_.size()) + ">" + twice + twice);
    const bool close = request.head.find("close") != std::string_view::npos;
    client_->Finish(answers_.back(), {close, [this](bool) { ++told_; }}, now_);
  }

  // What comes behind a refusal is thrown away, until the client hangs up or takes too long.
  void Linger() {
    lingered_ = true;
    if (peer_.valid()) {
      Demand(::send(peer_.get(), "late", 4, MSG_NOSIGNAL) == 4, "a client may still send");
      client_->Advance(now_);
      Demand(client_->phase() == Phase::kLingering, "what comes behind a refusal does not count");
      if (ending_ % 2 == 0) return client_->GiveUp(client_->deadline());
      peer_ = webhook::FileDescriptor();
    }
    client_->Advance(now_);
  }

  // All has arrived.
  void End() {
    whole_ = true;
    if (ending_ % 4 < 2) return client_->Close();
    client_->GiveUp(client_->deadline());
  }

  // They are those that the same bytes hold when they come at once.
  void CheckRequests() const {
    webhook::RequestReader reader(kMaxBody);
    std::size_t count = 0;
    auto whole = reader.Feed(sent_);
    for (; whole && *whole && count < heads_.size(); whole = reader.Feed(""), ++count) {
      const webhook::ArrivedRequest request = reader.Take();
      Demand(request.Head() == heads_[count] && request.Body() == bodies_[count],
             "requests are asked in order, as they were sent", sent_);
    }
    Demand(count == heads_.size(), "nothing is asked that was not sent", sent_);
    Demand(!whole_ || !whole || !*whole, "no request is left without an answer", sent_);
  }

  // Answers in their order, none twice, then a refusal at most; the end may be cut.
  void CheckOutput() const {
    std::string_view rest = wire_.output;
    std::size_t next = 0;
    while (!rest.empty()) {
      const std::string answer = next < answers_.size() ? answers_[next] : std::string(kInterim);
      if (rest.starts_with(kInterim)) {
        rest.remove_prefix(kInterim.size());
      } else if (rest.starts_with(answer)) {
        rest.remove_prefix(answer.size());
        ++next;
      } else if (kInterim.starts_with(rest) || answer.starts_with(rest)) {
        return;
      } else {
        return CheckRefusal(rest);
      }
    }
  }

  void CheckRefusal(std::string_view rest) const {
    Demand(rest.starts_with("HTTP/1.1 "), "answers are sent in order", rest);
    const bool is_last = rest.find("HTTP/1.1 ", 1) == rest.npos && rest.find('<') == rest.npos;
    Demand(is_last, "nothing follows a refusal", rest);
    Demand(lingered_ || cut_ || wire_.closed, "a refusal is not lost by what comes behind", rest);
  }

  const unsigned char ending_;
  const std::string_view sent_;
  const webhook::TimePoint now_{};
  Wire wire_;
  webhook::ServerOptions options_{};
  webhook::ClientShared shared_{.options = options_};
  webhook::FileDescriptor peer_;
  std::vector<std::string> heads_;
  std::vector<std::string> bodies_;
  std::vector<std::string> answers_;
  std::size_t told_ = 0;
  bool whole_ = false;  // all that was sent has been read
  bool cut_ = false;    // while it was being written to
  bool lingered_ = false;
  std::unique_ptr<Client> client_;
};

void Check(std::string_view bytes) {
  if (bytes.size() < 2) return;
  const auto ending = static_cast<unsigned char>(bytes[0]);
  const auto length = static_cast<unsigned char>(bytes[1]);
  bytes.remove_prefix(2);
  const std::string_view script = bytes.substr(0, length);
  Conversation(ending, script, bytes.substr(script.size())).Run();
}

}  // namespace
}  // namespace injector::test

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  injector::test::Check({reinterpret_cast<const char*>(data), size});
  return 0;
}
