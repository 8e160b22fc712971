// SPDX-License-Identifier: Apache-2.0
// The only file that instantiates Asio's TLS.
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "net/byte_stream.h"
#include "net/http_server.h"

namespace garrison::net {

class TlsContext {
 public:
  asio::ssl::context context{asio::ssl::context::tls_server};
};

namespace {

// Chooses "http/1.1" when the client offers it, else goes on without ALPN (RFC 7301).
int select_protocol(SSL*, const unsigned char** out, unsigned char* out_length, const unsigned char* offered,
                    unsigned int offered_length, void*) {
  static constexpr unsigned char kProtocol[] = "\x08http/1.1";
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_length, kProtocol, sizeof kProtocol - 1, offered, offered_length) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

Error unusable(std::string_view what, const ErrorCode& code) {
  return bad_input("NET-0204", fmt::format("the TLS {} is unusable: {}", what, code.message()));
}

class TlsStream final : public ByteStream {
 public:
  TlsStream(StreamSocket socket, std::shared_ptr<TlsContext> context)
      : context_(std::move(context)), stream_(std::move(socket), context_->context) {}

  asio::awaitable<bool> handshake() override {
    ErrorCode code;
    co_await stream_.async_handshake(asio::ssl::stream_base::server, asio::redirect_error(asio::use_awaitable, code));
    co_return !code;
  }

  asio::awaitable<std::size_t> read_some(asio::mutable_buffer buffer, ErrorCode& code) override {
    co_return co_await stream_.async_read_some(buffer, asio::redirect_error(asio::use_awaitable, code));
  }

  asio::awaitable<void> write(std::span<const asio::const_buffer> buffers, ErrorCode& code) override {
    co_await asio::async_write(stream_, buffers, asio::redirect_error(asio::use_awaitable, code));
  }

  asio::awaitable<void> linger() override {
    ErrorCode ignored;  // the peer may be gone already, or may still be sending
    co_await stream_.async_shutdown(asio::redirect_error(asio::use_awaitable, ignored));
    stream_.next_layer().shutdown(asio::socket_base::shutdown_send, ignored);
    co_await drain(stream_.next_layer());
  }

  void cancel() override {
    ErrorCode ignored;
    stream_.next_layer().cancel(ignored);
  }

  void describe(Peer& peer) override {
    peer.is_tls = true;
    X509* certificate = SSL_get1_peer_certificate(stream_.native_handle());
    if (certificate == nullptr) return;
    const std::unique_ptr<X509, void (*)(X509*)> owner(certificate, X509_free);
    X509_NAME* subject = X509_get_subject_name(certificate);
    const std::unique_ptr<BIO, void (*)(BIO*)> text(BIO_new(BIO_s_mem()), BIO_free_all);
    X509_NAME_print_ex(text.get(), subject, 0, XN_FLAG_RFC2253);
    char* data = nullptr;
    const long length = BIO_get_mem_data(text.get(), &data);
    peer.certificate_subject = std::string(data, static_cast<std::size_t>(length));
    const int index = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    if (index < 0) return;
    unsigned char* utf8 = nullptr;
    const int size = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, index)));
    if (size < 0) return;
    peer.certificate_common_name = std::string(reinterpret_cast<char*>(utf8), static_cast<std::size_t>(size));
    OPENSSL_free(utf8);
  }

  int descriptor() const override { return const_cast<TlsStream*>(this)->stream_.next_layer().native_handle(); }

 private:
  std::shared_ptr<TlsContext> context_;  // immutable; kept alive while connections use it
  asio::ssl::stream<StreamSocket> stream_;
};

}  // namespace

Result<std::shared_ptr<TlsContext>> make_tls_context(const TlsServerOptions& options) {
  auto out = std::make_shared<TlsContext>();
  asio::ssl::context& context = out->context;
  SSL_CTX* native = context.native_handle();
  SSL_CTX_set_min_proto_version(native, options.is_tls13_only ? TLS1_3_VERSION : TLS1_2_VERSION);
  SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_cipher_list(native, "ECDHE+AESGCM:ECDHE+CHACHA20");
  SSL_CTX_set_alpn_select_cb(native, select_protocol, nullptr);
  // Needed to resume sessions where client certificates are asked for.
  static constexpr unsigned char kSessionContext[] = "garrison";
  SSL_CTX_set_session_id_context(native, kSessionContext, sizeof kSessionContext - 1);
  ErrorCode code;
  context.use_certificate_chain(asio::buffer(options.certificate_pem), code);
  if (code) return unusable("certificate", code);
  const std::string_view key = options.key_pem.reveal();
  context.use_private_key(asio::buffer(key.data(), key.size()), asio::ssl::context::pem, code);
  if (code) return unusable("key", code);
  if (SSL_CTX_check_private_key(native) != 1) {
    ERR_clear_error();
    return bad_input("NET-0204", "the TLS key does not belong to the certificate");
  }
  if (!options.client_ca_pem.empty()) {
    context.add_certificate_authority(asio::buffer(options.client_ca_pem), code);
    if (code) return unusable("client CA", code);
    context.set_verify_mode(asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert, code);
    if (code) return unusable("client CA", code);
  }
  return out;
}

std::unique_ptr<ByteStream> make_tls_stream(StreamSocket socket, std::shared_ptr<TlsContext> context) {
  return std::make_unique<TlsStream>(std::move(socket), std::move(context));
}

}  // namespace garrison::net
