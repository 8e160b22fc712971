// SPDX-License-Identifier: Apache-2.0
#include "net/certificates.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "net/http_client.h"
#include "net/http_server.h"
#include "net/raw_client.h"

namespace garrison::net {
namespace {

class CertificatesTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + fmt::format("garrison_certificates_{}", ::getpid());
    std::filesystem::remove_all(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  CertificateStore store() { return CertificateStore(disk_, clock_, random_, folder_); }

  std::unique_ptr<HttpServer> serve(TlsServerOptions tls) {
    HttpServerOptions options;
    options.listeners.push_back({"127.0.0.1", 0, "", std::move(tls)});
    auto started = HttpServer::start(
        std::move(options),
        [](Request& request) {
          return text_response(200, fmt::format("tls={} subject={} name={}", request.peer.is_tls,
                                                request.peer.certificate_subject.value_or("none"),
                                                request.peer.certificate_common_name.value_or("none")));
        },
        random_);
    EXPECT_TRUE(started.ok()) << started.error().to_string();
    return started.ok() ? std::move(*started) : nullptr;
  }

  static Result<HttpReply> call(const HttpServer& server, HttpClientOptions options, const char* host = "localhost") {
    auto client = HttpClient::configured(std::move(options));
    OutgoingRequest request;
    request.url = fmt::format("https://{}:{}/", host, server.port());
    return client.send(request);
  }

  SystemDisk disk_;
  SystemClock system_clock_;
  ManualClock clock_{system_clock_.now()};
  SystemRandom random_;
  std::string folder_;
};

TEST_F(CertificatesTest, MakesOnceThenLoads) {
  const auto first = store().server_certificate({"siem.example.com", "10.1.2.3"});
  ASSERT_TRUE(first.ok()) << first.error().to_string();
  EXPECT_THAT(first->names, testing::IsSupersetOf({"localhost", "127.0.0.1", "::1", "siem.example.com", "10.1.2.3"}));
  for (const char* name : {"ca.pem", "ca.key", "server.pem", "server.key"}) {
    struct stat info{};
    ASSERT_EQ(::stat((folder_ + "/" + name).c_str(), &info), 0) << name;
    EXPECT_EQ(info.st_mode & 0777, 0600u) << name;
  }
  const auto second = store().server_certificate({"SIEM.example.com"});
  EXPECT_EQ(second->certificate_pem, first->certificate_pem);
  EXPECT_EQ(second->key_pem.reveal(), first->key_pem.reveal());
  const auto wider = store().server_certificate({"other.example.com"});
  EXPECT_NE(wider->certificate_pem, first->certificate_pem);
  EXPECT_EQ(wider->ca_pem, first->ca_pem);
}

TEST_F(CertificatesTest, RenewsBeforeTheEnd) {
  const auto first = store().server_certificate();
  ASSERT_TRUE(first.ok());
  EXPECT_EQ((first->not_after - clock_.now()).ticks / kTicksPerDay, 396);  // whole seconds are kept
  clock_.advance({366 * kTicksPerDay});
  EXPECT_EQ(store().server_certificate()->certificate_pem, first->certificate_pem);
  clock_.advance({2 * kTicksPerDay});
  const auto renewed = store().server_certificate();
  EXPECT_NE(renewed->certificate_pem, first->certificate_pem);
  EXPECT_EQ(renewed->ca_pem, first->ca_pem);
  clock_.advance({3300 * kTicksPerDay});
  EXPECT_NE(store().server_certificate()->ca_pem, first->ca_pem) << "the CA is renewed as well";
}

TEST_F(CertificatesTest, SaysThatFilesAreDamaged) {
  ASSERT_TRUE(store().server_certificate().ok());
  for (const char* name : {"/server.key", "/server.pem", "/ca.key", "/ca.pem"}) {
    const std::string path = folder_ + name;
    const std::string good = *disk_.read_file(path);
    ASSERT_TRUE(disk_.write_file(path, good.substr(0, good.size() / 2)).ok());
    const auto got = store().server_certificate();
    ASSERT_FALSE(got.ok()) << name;
    EXPECT_EQ(got.error().code, "NET-0301");
    ASSERT_TRUE(disk_.write_file(path, good).ok());
  }
  // The key of another certificate.
  ASSERT_TRUE(disk_.write_file(folder_ + "/server.key", *disk_.read_file(folder_ + "/ca.key")).ok());
  EXPECT_EQ(store().server_certificate().error().code, "NET-0301");
  EXPECT_EQ(store().server_certificate({"not a name"}).error().code, "NET-0302");
  EXPECT_EQ(store().issue_client("", 1).error().code, "NET-0302");
}

TEST_F(CertificatesTest, ClientsThatPinTheCaConnect) {
  const auto certificate = store().server_certificate();
  ASSERT_TRUE(certificate.ok());
  const auto server = serve({certificate->certificate_pem, certificate->key_pem});
  HttpClientOptions pinned;
  pinned.ca_pem = certificate->ca_pem;
  for (const char* host : {"localhost", "127.0.0.1"}) {
    const auto reply = call(*server, pinned, host);
    ASSERT_TRUE(reply.ok()) << reply.error().to_string();
    EXPECT_EQ(reply->body, "tls=true subject=none name=none");
  }
  EXPECT_EQ(call(*server, {}).error().code, "NET-0504") << "the system does not know our CA";
  const std::string first_folder = folder_;
  folder_ += "_other";
  HttpClientOptions other;
  other.ca_pem = *store().ca_pem();
  std::filesystem::remove_all(folder_);
  folder_ = first_folder;
  EXPECT_EQ(call(*server, other).error().code, "NET-0504");
  RawClient plain(server->port());
  EXPECT_EQ(plain.exchange("GET / HTTP/1.1\r\nHost: x\r\n\r\n").status, 0) << "no plain text on a TLS port";
}

TEST_F(CertificatesTest, AsksForClientCertificates) {
  const auto certificate = store().server_certificate();
  const auto host = store().issue_client("host-1", 30);
  ASSERT_TRUE(host.ok()) << host.error().to_string();
  const auto server = serve({certificate->certificate_pem, certificate->key_pem, certificate->ca_pem, true});
  HttpClientOptions options;
  options.ca_pem = certificate->ca_pem;
  EXPECT_FALSE(call(*server, options).ok()) << "without a certificate nothing is served";
  options.certificate_pem = host->certificate_pem;
  options.key_pem = host->key_pem;
  const auto reply = call(*server, options);
  ASSERT_TRUE(reply.ok()) << reply.error().to_string();
  EXPECT_EQ(reply->body, "tls=true subject=CN=host-1,O=Garrison name=host-1");
  // Signed by another CA of the same kind.
  const std::string first_folder = folder_;
  folder_ += "_other";
  const auto foreign = store().issue_client("host-1", 30);
  std::filesystem::remove_all(folder_);
  folder_ = first_folder;
  options.certificate_pem = foreign->certificate_pem;
  options.key_pem = foreign->key_pem;
  EXPECT_FALSE(call(*server, options).ok());
  EXPECT_EQ(server->figures().num_requests, 1u);
}

TEST_F(CertificatesTest, CertificatesAreReplacedWhileServing) {
  const auto first = store().server_certificate();
  const auto server = serve({first->certificate_pem, first->key_pem});
  const auto second = store().server_certificate({"new.example.com"});
  HttpClientOptions options;
  options.ca_pem = first->ca_pem;
  options.resolver = [](const std::string&) { return std::vector<IpAddress>{*IpAddress::parse("127.0.0.1")}; };
  OutboundPolicy policy;
  policy.networks.push_back(*Cidr::parse("127.0.0.1"));
  const OutboundGuard guard(policy);
  OutgoingRequest request;
  request.url = fmt::format("https://new.example.com:{}/", server->port());
  auto client = HttpClient::guarded(guard, options);
  EXPECT_EQ(client.send(request).error().code, "NET-0504");
  ASSERT_TRUE(server->replace_tls({second->certificate_pem, second->key_pem}).ok());
  EXPECT_TRUE(client.send(request).ok());
  EXPECT_EQ(server->replace_tls({"x", Secret("y")}).error().code, "NET-0204");
  EXPECT_EQ(server->replace_tls({first->certificate_pem, second->key_pem}).error().code, "NET-0204");
}

TEST_F(CertificatesTest, LargeBodiesPassThroughTls) {
  const auto certificate = store().server_certificate();
  HttpServerOptions options;
  options.listeners.push_back(
      {"127.0.0.1", 0, "", TlsServerOptions{certificate->certificate_pem, certificate->key_pem}});
  auto started = HttpServer::start(
      std::move(options),
      [](Request& request) {
        Response out = text_response(200, "");
        out.stream = [body = std::move(request.body)](BodyWriter& writer) { writer.write(body); };
        return out;
      },
      random_);
  ASSERT_TRUE(started.ok());
  HttpClientOptions pinned;
  pinned.ca_pem = certificate->ca_pem;
  auto client = HttpClient::configured(pinned);
  OutgoingRequest request;
  request.method = "POST";
  request.url = fmt::format("https://localhost:{}/", (*started)->port());
  request.body = random_.bytes(5 << 20);
  for (int i = 0; i < 2; ++i) {
    const auto reply = client.send(request);
    ASSERT_TRUE(reply.ok()) << reply.error().to_string();
    EXPECT_TRUE(reply->body == request.body);
  }
}

}  // namespace
}  // namespace garrison::net
