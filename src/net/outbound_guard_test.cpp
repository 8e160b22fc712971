// SPDX-License-Identifier: Apache-2.0
#include "net/outbound_guard.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>

#include "net/http_client.h"
#include "net/http_server.h"

namespace garrison::net {
namespace {

// A server on the loopback addresses that must never be reached, and a guarded client whose names are resolved here.
class OutboundGuardTest : public testing::Test {
 protected:
  void SetUp() override {
    HttpServerOptions options;
    options.listeners.push_back({"127.0.0.1", 0});
    options.num_workers = 2;
    auto started =
        HttpServer::start(std::move(options), [](Request&) { return text_response(200, "reached"); }, random_);
    ASSERT_TRUE(started.ok()) << started.error().to_string();
    server_ = std::move(*started);
    policy_.is_http_allowed = true;
  }

  // The resolver of the tests: the attacker's name server.
  Result<std::vector<IpAddress>> resolve(const std::string& host) {
    ++num_lookups_;
    const auto one = [](std::string_view text) { return std::vector<IpAddress>{IpAddress::parse(text).value()}; };
    if (host == "rebind.example") return one(num_lookups_ == 1 ? "127.0.0.2" : "127.0.0.1");
    if (host == "both.example")
      return std::vector<IpAddress>{*IpAddress::parse("10.0.0.1"), *IpAddress::parse("127.0.0.1")};
    if (host == "empty.example") return std::vector<IpAddress>{};
    if (host.size() > 8 && host.substr(host.size() - 8) == ".v6.test") {
      std::string text = host.substr(1, host.size() - 9);
      for (char& c : text) c = c == '-' ? ':' : c;
      return one(text);
    }
    if (host.size() > 8 && host.substr(host.size() - 8) == ".v4.test") return one(host.substr(0, host.size() - 8));
    return one("127.0.0.1");  // every other name, so that nothing leaves this machine
  }

  Result<HttpReply> call(std::string url) {
    const OutboundGuard guard(policy_);
    HttpClientOptions options;
    options.resolver = [this](const std::string& host) { return resolve(host); };
    options.connect_timeout = std::chrono::milliseconds(5000);
    auto client = HttpClient::guarded(guard, options);
    OutgoingRequest request;
    for (std::size_t at; (at = url.find("PORT")) != std::string::npos;)
      url.replace(at, 4, std::to_string(server_->port()));
    request.url = url;
    request.timeout = std::chrono::milliseconds(5000);
    return client.send(request);
  }

  SystemRandom random_;
  OutboundPolicy policy_;
  int num_lookups_ = 0;
  std::unique_ptr<HttpServer> server_;
};

const char* const kHostile[] = {
    // this machine in every notation
    "http://127.0.0.1:PORT/",
    "http://127.0.0.1.:PORT/",
    "http://127.1:PORT/",
    "http://127.0.1:PORT/",
    "http://127.255.255.254:PORT/",
    "http://2130706433:PORT/",
    "http://0x7f000001:PORT/",
    "http://0x7f.0.0.1:PORT/",
    "http://0X7F.1:PORT/",
    "http://017700000001:PORT/",
    "http://0177.0.0.1:PORT/",
    "http://0177.0x0.0.1:PORT/",
    "http://00000177.1:PORT/",
    "http://127.0.0.01:PORT/",
    "http://127.0.0.0x1:PORT/",
    "http://0:PORT/",
    "http://0.0.0.0:PORT/",
    "http://0.1.2.3:PORT/",
    "http://%31%32%37.0.0.1:PORT/",
    "http://127%2e0%2e0%2e1:PORT/",
    "http://4294967295/",
    "http://0xffffffff/",
    "http://99999999999/",
    "http://256.256.256.256/",
    "http://1.2.3.4.5/",
    "http://127.0.0.1.0x1/",
    // IPv6 forms
    "http://[::1]:PORT/",
    "http://[::]:PORT/",
    "http://[0:0:0:0:0:0:0:1]:PORT/",
    "http://[::ffff:127.0.0.1]:PORT/",
    "http://[::ffff:7f00:1]:PORT/",
    "http://[::127.0.0.1]:PORT/",
    "http://[::ffff:0:127.0.0.1]/",
    "http://[64:ff9b::127.0.0.1]/",
    "http://[64:ff9b::a9fe:a9fe]/",
    "http://[64:ff9b:1::1]/",
    "http://[2002:7f00:1::]/",
    "http://[2002:a9fe:a9fe::1]/",
    "http://[2002:0a00:0001::1]/",
    "http://[2001:0:7f00:1::ffff:fffe]/",
    "http://[fe80::1]/",
    "http://[fe80::1%25lo]/",
    "http://[::1%25lo]:PORT/",
    "http://[fc00::1]/",
    "http://[fd00:ec2::254]/",
    "http://[fec0::1]/",
    "http://[ff02::1]/",
    "http://[2001:db8::1]/",
    "http://[100::1]/",
    "http://[::ffff:169.254.169.254]/",
    "http://[::ffff:10.0.0.1]/",
    "http://[2a00:1450:4001::5efe:127.0.0.1]/",
    // private and special networks
    "http://10.0.0.1/",
    "http://10.255.255.255/",
    "http://172.16.0.1/",
    "http://172.31.255.255/",
    "http://192.168.0.1/",
    "http://192.168.255.255/",
    "http://169.254.169.254/latest/meta-data/",
    "http://2852039166/",
    "http://0xa9fea9fe/",
    "http://169.254.43518/",
    "http://100.64.0.1/",
    "http://100.100.100.200/",
    "http://100.127.255.255/",
    "http://168.63.129.16/",
    "http://192.0.0.192/",
    "http://198.18.0.1/",
    "http://198.19.255.255/",
    "http://192.0.2.1/",
    "http://203.0.113.1/",
    "http://224.0.0.1/",
    "http://239.255.255.250/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    // names that lead there; the connected address decides
    "http://localhost:PORT/",
    "http://LOCALHOST:PORT/",
    "http://localhost.:PORT/",
    "http://localhost.localdomain:PORT/",
    "http://rebind.example:PORT/",
    "http://both.example:PORT/",
    "http://empty.example/",
    "http://127.0.0.1.nip.io:PORT/",
    "http://xn--n3h.example:PORT/",
    "http://10.0.0.1.v4.test/",
    "http://169.254.169.254.v4.test/",
    "http://0.0.0.0.v4.test:PORT/",
    "http://100.64.1.1.v4.test/",
    "http://224.0.0.251.v4.test/",
    "http://x--1.v6.test:PORT/",
    "http://x--ffff-127.0.0.1.v6.test:PORT/",
    "http://x64-ff9b--127.0.0.1.v6.test:PORT/",
    "http://x2002-7f00-1--.v6.test/",
    "http://xfe80--1.v6.test/",
    "http://xfd00--1.v6.test/",
    "http://x--ffff-a9fe-a9fe.v6.test/",
    "http://-localhost:PORT/",
    "http://+localhost:PORT/",
    // parsers that disagree
    "http://user@127.0.0.1:PORT/",
    "http://user:pass@localhost:PORT/",
    "http://example.com@127.0.0.1:PORT/",
    "http://127.0.0.1:PORT@example.com/",
    "http://example.com:80@127.0.0.1:PORT/",
    "http://@127.0.0.1:PORT/",
    "http://:@127.0.0.1:PORT/",
    "http://127.0.0.1:PORT\\@example.com/",
    "http://example.com\\@127.0.0.1:PORT/",
    "http://example.com%40127.0.0.1:PORT/",
    "http://127.0.0.1:PORT#@example.com/",
    "http:127.0.0.1:PORT/",
    "http:/127.0.0.1:PORT/",
    "http:///127.0.0.1:PORT/",
    "http:////127.0.0.1:PORT/",
    "//127.0.0.1:PORT/",
    "127.0.0.1:PORT",
    "http://",
    "http://:80/",
    "",
    "http://127.0.0.1 :PORT/",
    " http://127.0.0.1:PORT/",
    "http://127.0.0.1:PORT/\r\nX: y",
    "http://127.0.0.1\t:PORT/",
    "http://127.0.0.1%00.example.com:PORT/",
    "http://127.0.0.1%0d%0a:PORT/",
    "http://\xe2\x91\xa0\xe2\x91\xa1\xe2\x91\xa6.0.0.1:PORT/",
    "http://127\xe3\x80\x82"
    "0\xe3\x80\x82"
    "0\xe3\x80\x82"
    "1:PORT/",
    "http://\xef\xbd\x8cocalhost:PORT/",
    "http://loc\xc2\xadlhost:PORT/",
    "http://a..b:PORT/",
    "http://.localhost:PORT/",
    "http://[127.0.0.1]:PORT/",
    "http://[::1]x:PORT/",
    "http://[::1:PORT/",
    "http://::1:PORT/",
    "http://127.0.0.1:0/",
    "http://127.0.0.1:99999/",
    "http://127.0.0.1:80:PORT/",
    "http://127.0.0.1:+PORT/",
    "http://example.com,127.0.0.1:PORT/",
    "http://{127.0.0.1}:PORT/",
    "http://127.0.0.1;example.com:PORT/",
    // other protocols
    "file:///etc/passwd",
    "FILE:///etc/passwd",
    "gopher://127.0.0.1:PORT/_GET",
    "dict://127.0.0.1:PORT/info",
    "ftp://127.0.0.1/",
    "ftp://example.com/",
    "ldap://127.0.0.1/",
    "telnet://127.0.0.1:PORT/",
    "smtp://127.0.0.1/",
    "sftp://127.0.0.1/",
    "tftp://127.0.0.1/",
    "jar:http://127.0.0.1!/",
    "unix:///run/x",
    "data:text/plain,hi",
    "javascript:alert(1)",
    "ws://127.0.0.1:PORT/",
    "httpx://127.0.0.1:PORT/",
    "http+unix://%2frun%2fx/",
};

TEST_F(OutboundGuardTest, RefusesEveryHostileUrl) {
  EXPECT_GE(std::size(kHostile), 80u);
  for (const char* url : kHostile) {
    const auto reply = call(url);
    ASSERT_FALSE(reply.ok()) << url;
    const std::string& code = reply.error().code;
    const bool is_refusal =
        code.substr(0, 6) == "NET-04" || (std::string_view(url).find("empty") != std::string_view::npos);
    EXPECT_TRUE(is_refusal) << url << " " << reply.error().to_string();
  }
  EXPECT_EQ(server_->figures().num_accepted, 0u);
}

TEST_F(OutboundGuardTest, ReachesAnAllowedNetworkAndNothingElse) {
  policy_.networks.push_back(*Cidr::parse("127.0.0.0/8"));
  const auto reply = call("http://any.example:PORT/x");
  ASSERT_TRUE(reply.ok()) << reply.error().to_string();
  EXPECT_EQ(reply->body, "reached");
  EXPECT_TRUE(call("http://2130706433:PORT/").ok());
  EXPECT_EQ(call("http://10.0.0.1.v4.test/").error().code, "NET-0406");
  EXPECT_EQ(call("http://x64-ff9b--7f00-1.v6.test/").error().code, "NET-0406");
}

TEST_F(OutboundGuardTest, LooksANameUpOnceForEachCall) {
  policy_.networks.push_back(*Cidr::parse("127.0.0.0/8"));
  ASSERT_TRUE(call("http://any.example:PORT/").ok());
  EXPECT_EQ(num_lookups_, 1);
}

TEST_F(OutboundGuardTest, ANameThatMovesIsCheckedWhereItConnects) {
  HttpServerOptions options;
  options.listeners.push_back({"127.0.0.2", server_->port()});
  auto started = HttpServer::start(std::move(options), [](Request&) { return text_response(200, "allowed"); }, random_);
  ASSERT_TRUE(started.ok()) << started.error().to_string();
  policy_.networks.push_back(*Cidr::parse("127.0.0.2"));
  const auto first = call("http://rebind.example:PORT/");
  ASSERT_TRUE(first.ok()) << first.error().to_string();
  EXPECT_EQ(first->body, "allowed");
  EXPECT_EQ(call("http://rebind.example:PORT/").error().code, "NET-0406");
  EXPECT_EQ(server_->figures().num_accepted, 0u);
}

TEST_F(OutboundGuardTest, HoldsTheListOfHosts) {
  policy_.hosts = {"api.example.com", "*.feeds.example"};
  policy_.networks.push_back(*Cidr::parse("127.0.0.0/8"));
  EXPECT_TRUE(call("http://api.example.com:PORT/").ok());
  EXPECT_TRUE(call("http://API.example.com.:PORT/").ok());
  EXPECT_TRUE(call("http://a.feeds.example:PORT/").ok());
  EXPECT_TRUE(call("http://127.0.0.1:PORT/").ok()) << "an address inside an allowed network needs no name";
  for (const char* url :
       {"http://example.com:PORT/", "http://feeds.example:PORT/", "http://api.example.com.evil.example:PORT/",
        "http://evilfeeds.example:PORT/", "http://xapi.example.com:PORT/", "http://8.8.8.8/"}) {
    const auto reply = call(url);
    ASSERT_FALSE(reply.ok()) << url;
    EXPECT_EQ(reply.error().code, "NET-0404") << url;
  }
}

TEST_F(OutboundGuardTest, HoldsSchemesAndPorts) {
  policy_.is_http_allowed = false;
  EXPECT_EQ(call("http://example.com/").error().code, "NET-0402");
  const OutboundGuard guard({{}, {}, {443}, false});
  EXPECT_TRUE(guard.check_url("https://example.com/a?b=c").ok());
  EXPECT_EQ(guard.check_url("https://example.com/a?b=c")->url, "https://example.com:443/a?b=c");
  EXPECT_EQ(guard.check_url("https://example.com:8443/").error().code, "NET-0405");
  EXPECT_EQ(guard.check_url("https://[2606:4700::1111]/")->host, "2606:4700::1111");
  EXPECT_EQ(guard.check_url("https://1.1.1.1/")->url, "https://1.1.1.1:443/");
}

TEST_F(OutboundGuardTest, FollowsNoRedirectIntoARefusedPlace) {
  HttpServerOptions options;
  options.listeners.push_back({"127.0.0.2", 0});
  std::string location;
  auto started = HttpServer::start(
      std::move(options),
      [&](Request& request) {
        Response out;
        if (request.path == "/end")
          return text_response(200, std::string(request.headers.value_or("Authorization", "none")));
        out.status = 302;
        out.headers.add("Location", location);
        return out;
      },
      random_);
  ASSERT_TRUE(started.ok());
  policy_.networks.push_back(*Cidr::parse("127.0.0.2"));
  const OutboundGuard guard(policy_);
  auto client = HttpClient::guarded(guard);
  OutgoingRequest request;
  request.url = fmt::format("http://127.0.0.2:{}/", (*started)->port());
  request.headers.add("Authorization", "Bearer x");
  location = fmt::format("http://127.0.0.1:{}/", server_->port());
  EXPECT_EQ(client.send(request)->status, 302) << "no redirects by default";
  request.max_redirects = 3;
  EXPECT_EQ(client.send(request).error().code, "NET-0406");
  location = "file:///etc/passwd";
  EXPECT_FALSE(client.send(request).ok());
  location = "/again";
  EXPECT_EQ(client.send(request)->status, 302) << "the count of redirects ends";
  location = "/end";
  EXPECT_EQ(client.send(request)->body, "Bearer x");
  EXPECT_EQ(server_->figures().num_accepted, 0u);
}

}  // namespace
}  // namespace garrison::net
