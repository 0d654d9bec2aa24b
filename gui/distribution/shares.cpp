#include "gui/distribution/shares.hpp"

#include <algorithm>
#include <map>

namespace elblab::gui {
namespace {

// More pairs of client and server than these come as "others" already.
constexpr std::size_t kMostCells = 50'000;

constexpr auto kConnections = static_cast<std::size_t>(Amount::connections);
constexpr auto kBytes = static_cast<std::size_t>(Amount::bytes);

ShareRow row_of(const metrics::ServerShare& server) {
  return {server.server,
          server.group,
          {static_cast<double>(server.connections), static_cast<double>(server.requests),
           static_cast<double>(server.bytes)},
          {server.connection_share, server.request_share, server.byte_share},
          server.expected_share};
}

void add(ShareRow& to, const ShareRow& row) {
  for (std::size_t i = 0; i < kAmounts; ++i) to.amount[i] += row.amount[i];
}

std::vector<ShareRow> clients_of(const std::vector<metrics::TrafficCell>& cells) {
  std::map<std::string, ShareRow> by_client;
  for (const metrics::TrafficCell& cell : cells) {
    ShareRow& row = by_client[cell.client];
    row.name = cell.client;
    row.amount[kConnections] += static_cast<double>(cell.connections);
    row.amount[kBytes] += static_cast<double>(cell.bytes);
  }
  std::vector<ShareRow> rows;
  rows.reserve(by_client.size());
  for (auto& [name, row] : by_client) rows.push_back(std::move(row));
  // The rest last, whatever it amounts to.
  std::stable_sort(rows.begin(), rows.end(), [](const ShareRow& a, const ShareRow& b) {
    if ((a.name == "others") != (b.name == "others")) return b.name == "others";
    return a.amount[kConnections] > b.amount[kConnections];
  });
  return rows;
}

void sum_up(std::vector<ShareRow>& rows, std::size_t most) {
  if (rows.size() <= most + 1) return;
  ShareRow others;
  others.name = "others";
  for (auto row = rows.begin() + static_cast<std::ptrdiff_t>(most); row != rows.end(); ++row) {
    add(others, *row);
  }
  rows.resize(most);
  rows.push_back(std::move(others));
}

void take_shares(std::vector<ShareRow>& rows) {
  ShareRow all;
  for (const ShareRow& row : rows) add(all, row);
  for (ShareRow& row : rows) {
    for (std::size_t i = 0; i < kAmounts; ++i) {
      row.share[i] = all.amount[i] > 0 ? row.amount[i] / all.amount[i] : 0;
    }
  }
}

}  // namespace

Shares read_shares(const trace::Reader& trace, std::size_t most) {
  Shares shares;
  for (const metrics::ServerShare& server : metrics::server_shares(trace)) {
    shares.servers.push_back(row_of(server));
  }
  shares.clients = clients_of(metrics::traffic_matrix(trace, kMostCells));
  shares.client_count = shares.clients.size();
  sum_up(shares.clients, most);
  take_shares(shares.clients);
  shares.imbalances = metrics::imbalances(trace);
  return shares;
}

}  // namespace elblab::gui
