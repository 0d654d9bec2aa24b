// How connections, requests and bytes fell to servers and clients: what the distribution views
// show, read in one go by a worker.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "analysis/metrics/metrics.hpp"

namespace elblab::gui {

enum class Amount : unsigned char { connections, requests, bytes };
constexpr std::size_t kAmounts = 3;

struct ShareRow {
  std::string name;   // "app/b1", an address, "others"
  std::string group;  // of a server; its shares add up to 1
  std::array<double, kAmounts> amount{};
  std::array<double, kAmounts> share{};  // 0 … 1
  double expected = 0;                   // of servers
};

struct Shares {
  std::vector<ShareRow> servers;
  std::vector<ShareRow> clients;  // most connections first; requests are not counted per client
  std::vector<metrics::Imbalance> imbalances;
  std::size_t client_count = 0;
};

// At most `most` clients by name, the rest as "others".
Shares read_shares(const trace::Reader& trace, std::size_t most);

}  // namespace elblab::gui
