#include "metrics_listener.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

namespace injector::test {
namespace {

using dapr::component::MetricsListener;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string Ask(std::uint16_t port, const std::string& request) {
  const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(port);
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string answer;
  if (::connect(client, reinterpret_cast<const sockaddr*>(&where), sizeof(where)) == 0 &&
      ::send(client, request.data(), request.size(), MSG_NOSIGNAL) > 0) {
    char buffer[4096];
    for (ssize_t n = 0; (n = ::recv(client, buffer, sizeof(buffer), 0)) > 0;)
      answer.append(buffer, static_cast<std::size_t>(n));
  }
  ::close(client);
  return answer;
}

TEST(MetricsListener, ServesThePageAndNothingElse) {
  const auto listener = MetricsListener::Start("127.0.0.1", 0, [] { return "calls 1\n"; });
  ASSERT_TRUE(listener) << listener.error().message;
  const std::uint16_t port = (*listener)->port();
  const std::string answer = Ask(port, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\n\r\ncalls 1\n"));
  EXPECT_THAT(Ask(port, "POST /metrics HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.1 404"));
}

TEST(MetricsListener, PortInUseIsNamed) {
  const auto first = MetricsListener::Start("127.0.0.1", 0, [] { return ""; });
  ASSERT_TRUE(first);
  const auto second = MetricsListener::Start("127.0.0.1", (*first)->port(), [] { return ""; });
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message, HasSubstr("127.0.0.1:" + std::to_string((*first)->port())));
}

TEST(MetricsListener, AddressThatIsNoneIsNamed) {
  const auto listener = MetricsListener::Start("localhost", 0, [] { return ""; });
  ASSERT_FALSE(listener);
  EXPECT_THAT(listener.error().message, HasSubstr("\"localhost\""));
}

}  // namespace
}  // namespace injector::test
