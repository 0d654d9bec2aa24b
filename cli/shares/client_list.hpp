// Addresses of clients as a person lists them: one, a block (CIDR) or a range, each on its own.
//
//   203.0.113.7    203.0.113.0/24    203.0.113.1-203.0.113.200    2001:db8::/120
//
// Every address of a block counts, its first and last too. What is listed twice is two clients: a
// list may be the addresses of a log, one for each connection. At most kMostClients in all; a line
// of a file may hold a remark behind '#'. Errors are messages of one line that say where.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "models/contract/expected.hpp"
#include "models/net/address.hpp"

namespace elblab::cli {

inline constexpr std::size_t kMostClients = 1u << 20;

class ClientList {
 public:
  // `where` stands before the message.
  Expected<void> add(std::string_view entry, const std::string& where);
  // Every mistake of the file; at most a few, then how many more.
  std::vector<std::string> add_file(const std::string& path);

  const std::vector<net::IpAddress>& addresses() const { return addresses_; }
  std::size_t distinct() const;

 private:
  Expected<void> add_run(const net::IpAddress& first, std::uint64_t count, std::string_view entry,
                         const std::string& where);

  std::vector<net::IpAddress> addresses_;
};

}  // namespace elblab::cli
