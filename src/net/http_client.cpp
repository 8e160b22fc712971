// SPDX-License-Identifier: Apache-2.0
#include "net/http_client.h"

#include <curl/curl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <mutex>

#include "base/text.h"

namespace garrison::net {
namespace {

constexpr long kReceiveBuffer = 512 << 10;  // libcurl's maximum
constexpr long kUploadBuffer = 2 << 20;     // libcurl's maximum
constexpr std::size_t kMaxHeaders = 256;

// A header or status field of one answer, as it arrives, and what the callbacks found wrong.
struct Exchange {
  const OutgoingRequest& request;
  const OutboundGuard* guard = nullptr;
  std::size_t max_header_bytes = 0;
  bool follows_redirects = false;

  HttpReply reply;
  std::size_t num_header_bytes = 0;
  std::uint64_t num_body_bytes = 0;
  bool is_head_done = false;
  bool is_redirect = false;
  std::optional<Error> error;    // aborts the call
  std::optional<Error> refusal;  // of the last address tried
};

bool is_redirect_status(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

// Runs a callback of ours inside libcurl, which no exception may cross. False: the call is to be aborted.
template <typename Function>
bool guarded_call(Exchange& exchange, const Function& function) {
  try {
    Result<void> outcome = function();
    if (outcome.ok()) return true;
    exchange.error = std::move(outcome).error();
  } catch (const CheckFailed& failure) {
    exchange.error = bug(failure.text);
  } catch (const std::exception& failure) {
    exchange.error = bug(failure.what());
  }
  return false;
}

Result<void> take_header_line(Exchange& exchange, std::string_view line) {
  exchange.num_header_bytes += line.size();
  if (exchange.num_header_bytes > exchange.max_header_bytes || exchange.reply.headers.fields().size() > kMaxHeaders) {
    return exhausted("NET-0503", "the header of the answer is too large");
  }
  line = text::trim(line);
  if (exchange.is_head_done) return {};  // trailers
  if (line.substr(0, 5) == "HTTP/") {
    exchange.reply.headers = Headers();
    const std::size_t blank = line.find(' ');
    const std::string_view digits = blank == std::string_view::npos ? "" : line.substr(blank + 1, 3);
    exchange.reply.status = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), exchange.reply.status);
    return {};
  }
  if (!line.empty()) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return {};
    exchange.reply.headers.add(std::string(line.substr(0, colon)), std::string(text::trim(line.substr(colon + 1))));
    return {};
  }
  if (exchange.reply.status < 200) return {};  // an interim answer; the final one follows
  exchange.is_head_done = true;
  exchange.is_redirect = exchange.follows_redirects && is_redirect_status(exchange.reply.status) &&
                         exchange.reply.headers.find("Location").has_value();
  if (exchange.is_redirect || !exchange.request.on_head) return {};
  return exchange.request.on_head(exchange.reply.status, exchange.reply.headers);
}

std::size_t on_header(char* data, std::size_t size, std::size_t count, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  const std::string_view line(data, size * count);
  return guarded_call(exchange, [&] { return take_header_line(exchange, line); }) ? line.size() : 0;
}

Result<void> take_body(Exchange& exchange, std::string_view bytes) {
  if (exchange.is_redirect) return {};
  exchange.num_body_bytes += bytes.size();
  if (exchange.num_body_bytes > exchange.request.max_response_bytes) {
    return exhausted("NET-0503", fmt::format("the answer has more than {} bytes", exchange.request.max_response_bytes));
  }
  if (exchange.request.on_body) return exchange.request.on_body(bytes);
  exchange.reply.body.append(bytes);
  return {};
}

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  const std::string_view bytes(data, size * count);
  return guarded_call(exchange, [&] { return take_body(exchange, bytes); }) ? bytes.size() : CURL_WRITEFUNC_ERROR;
}

std::size_t on_upload(char* data, std::size_t size, std::size_t count, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  std::size_t filled = 0;
  const bool goes_on = guarded_call(exchange, [&]() -> Result<void> {
    GARRISON_ASSIGN(filled, exchange.request.upload(std::span<char>(data, size * count)));
    return {};
  });
  return goes_on ? filled : CURL_READFUNC_ABORT;
}

int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  auto& exchange = *static_cast<Exchange*>(user);
  const bool goes_on = guarded_call(exchange, [&]() -> Result<void> {
    if (exchange.request.is_cancelled()) return unavailable("NET-0506", "the call was cancelled");
    return {};
  });
  return goes_on ? 0 : 1;
}

// The place where the connected address decides.
curl_socket_t open_socket(void* user, curlsocktype, curl_sockaddr* address) {
  auto& exchange = *static_cast<Exchange*>(user);
  if (exchange.guard != nullptr) {
    const auto ip = IpAddress::from_socket(&address->addr);
    Result<void> outcome = ip ? exchange.guard->check_address(*ip) : denied("NET-0406", "not an internet address");
    if (!outcome.ok()) {
      exchange.refusal = std::move(outcome).error();
      return CURL_SOCKET_BAD;
    }
  }
  const int descriptor = ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  if (descriptor >= 0 && address->family == AF_UNIX) {
    const int size = 1 << 20;
    ::setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    ::setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  }
  return descriptor;
}

Error call_error(CURLcode code, const std::string& url, const char* detail) {
  const std::string message = fmt::format("call to {} failed: {}", url.substr(0, url.find('?')),
                                          *detail != '\0' ? detail : curl_easy_strerror(code));
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return timeout("NET-0502", message);
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
      return unavailable("NET-0504", message);
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return bad_input("NET-0505", message);
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING:
      return unavailable("NET-0505", message);
    case CURLE_OUT_OF_MEMORY:
      return exhausted("NET-0501", message);
    default:
      return unavailable("NET-0501", message);
  }
}

bool is_clean(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; });
}

using HeaderList = std::unique_ptr<curl_slist, void (*)(curl_slist*)>;

void append(HeaderList& list, const std::string& line) {
  curl_slist* longer = curl_slist_append(list.get(), line.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  (void)list.release();
  list.reset(longer);
}

Result<HeaderList> header_list(const OutgoingRequest& request) {
  HeaderList out(nullptr, curl_slist_free_all);
  append(out, "Expect:");  // no round trip before the body
  if (!request.headers.find("Content-Type")) append(out, "Content-Type:");
  for (const auto& [name, value] : request.headers.fields()) {
    if (name.empty() || name.find_first_of(" :;\t") != std::string::npos || !is_clean(name) || !is_clean(value)) {
      return bad_input("NET-0505", fmt::format("the header field '{}' has characters that are not allowed", name));
    }
    append(out, value.empty() ? name + ";" : name + ": " + value);
  }
  return out;
}

void start_once() {
  static std::once_flag once;
  std::call_once(once, [] {
    curl_global_init(CURL_GLOBAL_DEFAULT);
    ::signal(SIGPIPE, SIG_IGN);  // a peer that goes away is an error value, not the end of the process
  });
}

curl_blob blob_of(std::string_view bytes) {
  return {const_cast<char*>(bytes.data()), bytes.size(), CURL_BLOB_COPY};
}

}  // namespace

class HttpClient::Impl {
 public:
  Impl(HttpClientOptions options, const OutboundGuard* guard, std::string unix_path)
      : options_(std::move(options)),
        guard_(guard),
        unix_path_(std::move(unix_path)),
        easy_(nullptr, curl_easy_cleanup) {
    start_once();
    easy_.reset(curl_easy_init());
  }

  Result<HttpReply> send(const OutgoingRequest& request) {
    if (!easy_) return exhausted("NET-0501", "no memory for an outgoing call");
    OutgoingRequest current = request;
    const bool can_redirect = request.method == "GET" || request.method == "HEAD";
    for (int hops_left = can_redirect ? request.max_redirects : 0;; --hops_left) {
      std::string next;
      GARRISON_ASSIGN(HttpReply reply, send_once(current, hops_left > 0, next));
      if (next.empty()) return reply;
      follow(current, next);
    }
  }

 private:
  // Credentials stay with the origin that they were meant for.
  static void follow(OutgoingRequest& request, const std::string& next) {
    const auto origin = [](const std::string& url) {
      return url.substr(0, url.find_first_of("/?#", url.find("://") + 3));
    };
    if (origin(request.url) != origin(next)) {
      request.headers.remove("Authorization");
      request.headers.remove("Cookie");
    }
    request.url = next;
  }

  // `next` is set when the answer is a redirect that is to be followed.
  Result<HttpReply> send_once(const OutgoingRequest& request, bool follows_redirects, std::string& next) {
    std::string url = request.url;
    std::string host;
    std::uint16_t port = 0;
    if (guard_ != nullptr) {
      GARRISON_ASSIGN(const OutboundTarget target, guard_->check_url(url));
      url = target.url;
      host = target.host;
      port = target.port;
    }
    Exchange exchange{request, guard_, options_.max_header_bytes, follows_redirects};
    curl_easy_reset(easy_.get());
    char detail[CURL_ERROR_SIZE] = {};
    set(CURLOPT_ERRORBUFFER, detail);
    set(CURLOPT_URL, url.c_str());
    set_limits(request, exchange);
    set_callbacks(exchange);
    set_tls();
    GARRISON_TRY(set_method(request));
    GARRISON_ASSIGN(const HeaderList headers, header_list(request));
    set(CURLOPT_HTTPHEADER, headers.get());
    GARRISON_ASSIGN(const HeaderList pinned, pinned_addresses(host, port));
    if (pinned) set(CURLOPT_RESOLVE, pinned.get());

    const CURLcode code = curl_easy_perform(easy_.get());
    if (exchange.error) return std::move(*exchange.error);
    if (code != CURLE_OK && exchange.refusal) return std::move(*exchange.refusal);
    if (code != CURLE_OK) return call_error(code, url, detail);
    if (exchange.is_redirect) {
      char* target = nullptr;
      curl_easy_getinfo(easy_.get(), CURLINFO_REDIRECT_URL, &target);
      if (target == nullptr) return unavailable("NET-0505", "the answer redirects to a malformed URL");
      next = target;
      if (url.substr(0, 6) == "https:" && next.substr(0, 6) != "https:") {
        return denied("NET-0402", "the answer redirects from https to something less");
      }
    }
    exchange.reply.url = std::move(url);
    return std::move(exchange.reply);
  }

  template <typename Value>
  void set(CURLoption option, Value value) {
    curl_easy_setopt(easy_.get(), option, value);
  }

  void set_limits(const OutgoingRequest& request, Exchange& exchange) {
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_PROXY, "");  // not even from the environment
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_USERAGENT, options_.user_agent.c_str());
    set(CURLOPT_BUFFERSIZE, kReceiveBuffer);
    set(CURLOPT_UPLOAD_BUFFERSIZE, kUploadBuffer);
    set(CURLOPT_MAXCONNECTS, 4L);
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.connect_timeout.count()));
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
    if (request.idle_timeout.count() > 0) {
      set(CURLOPT_LOW_SPEED_LIMIT, 1L);
      set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(std::max<std::int64_t>(1, request.idle_timeout.count() / 1000)));
    }
    if (request.accepts_compressed) set(CURLOPT_ACCEPT_ENCODING, "gzip, deflate, zstd");
    if (!unix_path_.empty()) set(CURLOPT_UNIX_SOCKET_PATH, unix_path_.c_str());
    if (request.is_cancelled) {
      set(CURLOPT_NOPROGRESS, 0L);
      set(CURLOPT_XFERINFOFUNCTION, on_progress);
      set(CURLOPT_XFERINFODATA, &exchange);
    }
  }

  void set_callbacks(Exchange& exchange) {
    set(CURLOPT_HEADERFUNCTION, on_header);
    set(CURLOPT_HEADERDATA, &exchange);
    set(CURLOPT_WRITEFUNCTION, on_body);
    set(CURLOPT_WRITEDATA, &exchange);
    set(CURLOPT_OPENSOCKETFUNCTION, open_socket);
    set(CURLOPT_OPENSOCKETDATA, &exchange);
    if (exchange.request.upload) {
      set(CURLOPT_READFUNCTION, on_upload);
      set(CURLOPT_READDATA, &exchange);
    }
  }

  void set_tls() {
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!options_.ca_pem.empty()) {
      curl_blob blob = blob_of(options_.ca_pem);
      set(CURLOPT_CAINFO, nullptr);
      set(CURLOPT_CAPATH, nullptr);
      set(CURLOPT_CAINFO_BLOB, &blob);
    }
    if (!options_.certificate_pem.empty()) {
      curl_blob certificate = blob_of(options_.certificate_pem);
      curl_blob key = blob_of(options_.key_pem.reveal());
      set(CURLOPT_SSLCERT_BLOB, &certificate);
      set(CURLOPT_SSLKEY_BLOB, &key);
    }
  }

  Result<void> set_method(const OutgoingRequest& request) {
    const auto is_letter = [](char c) { return c >= 'A' && c <= 'Z'; };
    if (request.method.empty() || !std::all_of(request.method.begin(), request.method.end(), is_letter)) {
      return bad_input("NET-0505", "the method must be upper-case letters");
    }
    if (request.method == "HEAD") {
      set(CURLOPT_NOBODY, 1L);
      return {};
    }
    if (request.upload) {
      set(CURLOPT_UPLOAD, 1L);
      set(CURLOPT_INFILESIZE_LARGE,
          request.upload_bytes ? static_cast<curl_off_t>(*request.upload_bytes) : curl_off_t{-1});
    } else if (!request.body.empty() || request.method == "POST") {
      set(CURLOPT_POST, 1L);
      set(CURLOPT_POSTFIELDS, request.body.data());
      set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    }
    set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
    // libcurl repeats a request when a kept connection turns out dead. That must not happen to an effect in the world.
    const bool is_repeatable = request.method == "GET" || request.method == "PUT" || request.method == "DELETE";
    if (guard_ != nullptr && !is_repeatable) set(CURLOPT_FRESH_CONNECT, 1L);
    return {};
  }

  // The resolver's answer, so that the name is looked up once and by nobody else.
  Result<HeaderList> pinned_addresses(const std::string& host, std::uint16_t port) {
    HeaderList out(nullptr, curl_slist_free_all);
    if (!options_.resolver || host.empty() || IpAddress::parse(host).ok()) return out;
    GARRISON_ASSIGN(const std::vector<IpAddress> addresses, options_.resolver(host));
    if (addresses.empty()) return unavailable("NET-0501", fmt::format("the name '{}' has no address", host));
    std::string line = fmt::format("{}:{}:", host, port);
    for (const IpAddress& address : addresses) {
      if (line.back() != ':') line += ',';
      line += address.is_v4() ? address.to_string() : "[" + address.to_string() + "]";
    }
    append(out, line);
    return out;
  }

  HttpClientOptions options_;
  const OutboundGuard* guard_;
  std::string unix_path_;
  std::unique_ptr<CURL, void (*)(CURL*)> easy_;
};

HttpClient::HttpClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;
HttpClient::~HttpClient() = default;

HttpClient HttpClient::guarded(const OutboundGuard& guard, HttpClientOptions options) {
  return HttpClient(std::make_unique<Impl>(std::move(options), &guard, ""));
}

HttpClient HttpClient::unix_socket(std::string path, HttpClientOptions options) {
  return HttpClient(std::make_unique<Impl>(std::move(options), nullptr, std::move(path)));
}

HttpClient HttpClient::configured(HttpClientOptions options) {
  return HttpClient(std::make_unique<Impl>(std::move(options), nullptr, ""));
}

Result<HttpReply> HttpClient::send(const OutgoingRequest& request) {
  try {
    return impl_->send(request);
  } catch (const std::exception& failure) {
    return exhausted("NET-0501", fmt::format("an outgoing call failed: {}", failure.what()));
  }
}

}  // namespace garrison::net
