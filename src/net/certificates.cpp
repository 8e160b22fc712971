// SPDX-License-Identifier: Apache-2.0
#include "net/certificates.h"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <memory>
#include <optional>

#include "base/text.h"
#include "net/address.h"

namespace garrison::net {
namespace {

constexpr int kCaDays = 3650;
constexpr int kServerDays = 397;  // the longest that browsers take
constexpr int kRenewDays = 30;

template <auto Free>
struct Freer {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using X509Ptr = std::unique_ptr<X509, Freer<X509_free>>;
using BioPtr = std::unique_ptr<BIO, Freer<BIO_free_all>>;
using Extension = std::unique_ptr<X509_EXTENSION, Freer<X509_EXTENSION_free>>;

Error openssl_error(std::string_view what) {
  char text[256] = {};
  ERR_error_string_n(ERR_get_error(), text, sizeof text);
  ERR_clear_error();
  return bug(fmt::format("OpenSSL cannot {}: {}", what, text));
}

Error damaged(const std::string& path) {
  return corrupt(
      "NET-0301",
      fmt::format("'{}' is no usable certificate or key; restore it, or remove it to have a new one made", path));
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long length = BIO_get_mem_data(bio, &data);
  return std::string(data, static_cast<std::size_t>(length));
}

std::string pem_of(X509* certificate) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(bio.get(), certificate);
  return text_of(bio.get());
}

Secret pem_of(EVP_PKEY* key) {
  const BioPtr bio(BIO_new(BIO_s_secmem()));
  PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  return Secret(text_of(bio.get()));
}

BioPtr reader_of(std::string_view pem) {
  return BioPtr(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

X509Ptr read_certificate(std::string_view pem) {
  X509Ptr out(PEM_read_bio_X509(reader_of(pem).get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  return out;
}

Key read_key(std::string_view pem) {
  Key out(PEM_read_bio_PrivateKey(reader_of(pem).get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  return out;
}

std::time_t unix_seconds(DateTime at) {
  return (at.ticks - kUnixEpochTicks) / kTicksPerSecond;
}

DateTime end_of(const X509* certificate) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &parts) != 1) return {};
  CalendarTime calendar{parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                        parts.tm_hour,        parts.tm_min,     parts.tm_sec};
  return from_calendar(calendar).value_or(DateTime{});
}

std::vector<std::string> names_of(X509* certificate) {
  std::vector<std::string> out;
  auto* names = static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names, i);
    if (name->type == GEN_DNS) {
      const ASN1_STRING* text = name->d.dNSName;
      out.emplace_back(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                       static_cast<std::size_t>(ASN1_STRING_length(text)));
    } else if (name->type == GEN_IPADD) {
      const ASN1_STRING* bytes = name->d.iPAddress;
      const unsigned char* data = ASN1_STRING_get0_data(bytes);
      std::array<std::uint8_t, 16> all{};
      std::copy_n(data, std::min(ASN1_STRING_length(bytes), 16), all.begin());
      const auto v4 = static_cast<std::uint32_t>(all[0]) << 24 | all[1] << 16 | all[2] << 8 | all[3];
      out.push_back((ASN1_STRING_length(bytes) == 4 ? IpAddress::v4(v4) : IpAddress::v6(all)).to_string());
    }
  }
  GENERAL_NAMES_free(names);
  return out;
}

// What a new certificate says.
struct Wish {
  std::string common_name;
  int num_days = kServerDays;
  bool is_ca = false;
  std::string key_usage;
  std::string extended_key_usage;
  std::string alternative_names;  // in OpenSSL's notation: "DNS:a,IP:::1"
};

struct Pair {
  X509Ptr certificate;
  Key key;
};

bool add_extension(X509* certificate, X509* issuer, int id, const std::string& value) {
  if (value.empty()) return true;
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str()));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool set_serial(X509* certificate, Random& random) {
  std::string bytes = random.bytes(16);
  bytes[0] = static_cast<char>((bytes[0] & 0x7f) | 0x40);  // positive and never short
  const std::unique_ptr<BIGNUM, Freer<BN_free>> number(
      BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()), 16, nullptr));
  return number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

// Makes a key and a certificate for it, signed by the issuer or, without one, by itself.
Result<Pair> make_certificate(const Wish& wish, const Pair* issuer, DateTime now, Random& random) {
  Pair out{X509Ptr(X509_new()), Key(EVP_EC_gen("P-256"))};
  X509* certificate = out.certificate.get();
  if (!out.certificate || !out.key) return openssl_error("make a key");
  X509* signer = issuer != nullptr ? issuer->certificate.get() : certificate;
  std::time_t start = unix_seconds(now) - 3600;  // clocks of clients may be a little behind
  std::time_t end = unix_seconds(now) + std::time_t{wish.num_days} * 86400;
  if (issuer != nullptr) end = std::min(end, unix_seconds(end_of(signer)));
  X509_NAME* subject = X509_get_subject_name(certificate);
  const auto add_name = [&](const char* field, const std::string& value) {
    return X509_NAME_add_entry_by_txt(subject, field, MBSTRING_UTF8,
                                      reinterpret_cast<const unsigned char*>(value.data()),
                                      static_cast<int>(value.size()), -1, 0) == 1;
  };
  const bool is_made = X509_set_version(certificate, 2) == 1 && set_serial(certificate, random) &&
                       ASN1_TIME_set(X509_getm_notBefore(certificate), start) != nullptr &&
                       ASN1_TIME_set(X509_getm_notAfter(certificate), end) != nullptr && add_name("O", "Garrison") &&
                       add_name("CN", wish.common_name) &&
                       X509_set_issuer_name(certificate, X509_get_subject_name(signer)) == 1 &&
                       X509_set_pubkey(certificate, out.key.get()) == 1 &&
                       add_extension(certificate, signer, NID_basic_constraints,
                                     wish.is_ca ? "critical,CA:TRUE,pathlen:0" : "critical,CA:FALSE") &&
                       add_extension(certificate, signer, NID_subject_key_identifier, "hash") &&
                       add_extension(certificate, signer, NID_authority_key_identifier, "keyid") &&
                       add_extension(certificate, signer, NID_key_usage, wish.key_usage) &&
                       add_extension(certificate, signer, NID_ext_key_usage, wish.extended_key_usage) &&
                       add_extension(certificate, signer, NID_subject_alt_name, wish.alternative_names) &&
                       X509_sign(certificate, (issuer != nullptr ? issuer->key : out.key).get(), EVP_sha256()) > 0;
  if (!is_made) return openssl_error("make a certificate");
  return out;
}

bool is_dns_name(std::string_view name) {
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_';
  };
  return !name.empty() && name.size() <= 253 && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), is_allowed);
}

std::string host_name() {
  char name[256] = {};
  ::gethostname(name, sizeof name - 1);
  return name;
}

// Every name the server certificate is to carry, addresses in canonical form, without repetition.
Result<std::vector<std::string>> all_names(const std::vector<std::string>& given) {
  std::vector<std::string> out = {"localhost", "127.0.0.1", "::1"};
  const auto add = [&](std::string name) {
    if (std::find(out.begin(), out.end(), name) == out.end()) out.push_back(std::move(name));
  };
  if (const std::string own = text::ascii_lower(host_name()); is_dns_name(own)) add(own);
  for (const std::string& name : given) {
    const auto address = IpAddress::parse(name);
    if (!address.ok() && !is_dns_name(name)) {
      return bad_input("NET-0302", fmt::format("'{}' is neither a host name nor an IP address", name));
    }
    add(address.ok() ? address->to_string() : text::ascii_lower(name));
  }
  return out;
}

std::string openssl_names(const std::vector<std::string>& names) {
  std::vector<std::string> parts;
  for (const std::string& name : names) parts.push_back((IpAddress::parse(name).ok() ? "IP:" : "DNS:") + name);
  return text::join(parts, ",");
}

bool is_fresh(const X509* certificate, DateTime now) {
  return end_of(certificate) > now + Timespan{kRenewDays * kTicksPerDay};
}

}  // namespace

struct CertificateStore::Authority {
  Pair pair;
  std::string pem;
};

namespace {

// The pair of files NAME.pem and NAME.key; none without the first, which store() writes last.
Result<std::optional<Pair>> load(Disk& disk, const std::string& stem) {
  const std::string certificate_path = stem + ".pem";
  const std::string key_path = stem + ".key";
  if (!disk.exists(certificate_path)) return std::optional<Pair>();
  GARRISON_ASSIGN(const std::string certificate, disk.read_file(certificate_path, 1 << 20));
  GARRISON_ASSIGN(std::string key_text, disk.read_file(key_path, 1 << 20));
  const Secret key(std::move(key_text));
  Pair out{read_certificate(certificate), read_key(key.reveal())};
  if (!out.certificate) return damaged(certificate_path);
  if (!out.key) return damaged(key_path);
  if (X509_check_private_key(out.certificate.get(), out.key.get()) != 1) {
    ERR_clear_error();
    return damaged(key_path);
  }
  return std::optional<Pair>(std::move(out));
}

// The certificate goes last: after a crash in between there is none, and a new pair is made.
Result<void> store(Disk& disk, const std::string& stem, const Pair& pair, const std::string& chain) {
  GARRISON_TRY(disk.remove(stem + ".pem"));
  GARRISON_TRY(disk.write_file(stem + ".key", pem_of(pair.key.get()).reveal()));
  return disk.write_file(stem + ".pem", pem_of(pair.certificate.get()) + chain);
}

Certificate to_certificate(const Pair& pair, const std::string& ca_pem) {
  return {pem_of(pair.certificate.get()) + ca_pem, pem_of(pair.key.get()), ca_pem, end_of(pair.certificate.get()),
          names_of(pair.certificate.get())};
}

}  // namespace

CertificateStore::CertificateStore(Disk& disk, const Clock& clock, Random& random, std::string folder)
    : disk_(disk), clock_(clock), random_(random), folder_(std::move(folder)) {}

Result<CertificateStore::Authority> CertificateStore::authority() {
  GARRISON_TRY(disk_.make_folder(folder_));
  const std::string stem = folder_ + "/ca";
  GARRISON_ASSIGN(auto stored, load(disk_, stem));
  if (stored && is_fresh(stored->certificate.get(), clock_.now())) {
    std::string pem = pem_of(stored->certificate.get());
    return Authority{std::move(*stored), std::move(pem)};
  }
  const Wish wish{fmt::format("Garrison CA {}", text::hex(random_.bytes(4))),
                  kCaDays,
                  true,
                  "critical,keyCertSign,cRLSign",
                  "",
                  ""};
  GARRISON_ASSIGN(Pair made, make_certificate(wish, nullptr, clock_.now(), random_));
  GARRISON_TRY(store(disk_, stem, made, ""));
  std::string pem = pem_of(made.certificate.get());
  return Authority{std::move(made), std::move(pem)};
}

Result<Certificate> CertificateStore::server_certificate(const std::vector<std::string>& names) {
  GARRISON_ASSIGN(const std::vector<std::string> wanted, all_names(names));
  GARRISON_ASSIGN(const Authority ca, authority());
  const std::string stem = folder_ + "/server";
  GARRISON_ASSIGN(const auto stored, load(disk_, stem));
  if (stored) {
    const std::vector<std::string> has = names_of(stored->certificate.get());
    const auto is_covered = [&](const std::string& name) {
      return std::find(has.begin(), has.end(), name) != has.end();
    };
    const bool is_ours = X509_verify(stored->certificate.get(), ca.pair.key.get()) == 1;
    ERR_clear_error();
    if (is_ours && is_fresh(stored->certificate.get(), clock_.now()) &&
        std::all_of(wanted.begin(), wanted.end(), is_covered)) {
      return to_certificate(*stored, ca.pem);
    }
  }
  const Wish wish{"Garrison server",           kServerDays,  false,
                  "critical,digitalSignature", "serverAuth", openssl_names(wanted)};
  GARRISON_ASSIGN(const Pair made, make_certificate(wish, &ca.pair, clock_.now(), random_));
  GARRISON_TRY(store(disk_, stem, made, ca.pem));
  return to_certificate(made, ca.pem);
}

Result<std::string> CertificateStore::ca_pem() {
  GARRISON_ASSIGN(Authority ca, authority());
  return std::move(ca.pem);
}

Result<Certificate> CertificateStore::issue_client(const std::string& common_name, int num_days) {
  if (common_name.empty() || common_name.size() > 64 || !text::is_valid_utf8(common_name)) {
    return bad_input("NET-0302", "the common name of a certificate has 1 to 64 bytes");
  }
  GARRISON_ASSIGN(const Authority ca, authority());
  const Wish wish{common_name, num_days, false, "critical,digitalSignature", "clientAuth", ""};
  GARRISON_ASSIGN(const Pair made, make_certificate(wish, &ca.pair, clock_.now(), random_));
  return to_certificate(made, ca.pem);
}

}  // namespace garrison::net
