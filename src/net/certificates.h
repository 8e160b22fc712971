// SPDX-License-Identifier: Apache-2.0
// The installation's own certificate authority and server certificate (EC P-256), made at first start and kept in a
// folder: ca.pem, ca.key, server.pem, server.key, all with mode 0600. Used by one thread at a time.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/disk.h"
#include "base/random.h"
#include "base/secret.h"

namespace garrison::net {

// A certificate with its key. PEM texts.
struct Certificate {
  std::string certificate_pem;  // own certificate first, then the CA
  Secret key_pem;
  std::string ca_pem;
  DateTime not_after;
  std::vector<std::string> names;  // subject alternative names: DNS names and IP addresses
};

class CertificateStore {
 public:
  // The folder is made when it is absent. References must outlive the store.
  CertificateStore(Disk& disk, const Clock& clock, Random& random, std::string folder);

  // Loads, or makes, the server certificate for localhost, 127.0.0.1, ::1, this host's name and the given names.
  // Renews when fewer than 30 days are left or a name is missing. NET-0301: stored files are damaged; NET-0302: a name
  // is malformed.
  Result<Certificate> server_certificate(const std::vector<std::string>& names = {});
  // The CA certificate (PEM) that clients pin; makes the CA when there is none.
  Result<std::string> ca_pem();
  // Makes a key and a client certificate signed by the CA.
  Result<Certificate> issue_client(const std::string& common_name, int num_days);

 private:
  struct Authority;
  Result<Authority> authority();

  Disk& disk_;
  const Clock& clock_;
  Random& random_;
  std::string folder_;
};

}  // namespace garrison::net
