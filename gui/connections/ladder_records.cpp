#include <algorithm>
#include <utility>

#include "gui/connections/ladder.hpp"

namespace elblab::gui {
namespace {

using trace::ConnectionRow;

bool ended_well(const std::string& reason) {
  return reason == "none" || reason == "run_ended" || reason.starts_with("closed_by_");
}

std::string in_words(std::string reason) {
  std::replace(reason.begin(), reason.end(), '_', ' ');
  return reason;
}

std::string lane_role(const ConnectionRow& record) {
  if (record.role == "client" || record.role == "server") return record.role;
  return record.role == "translation" ? "middlebox" : "balancer";
}

// Client, server, or what is between them.
std::string side_of(const ConnectionRow& record) {
  const std::string role = lane_role(record);
  return role == "client" || role == "server" ? role : "between";
}

// The records of a side, in the order in which they opened: a connection is opened along its path.
std::vector<const ConnectionRow*> of_side(const std::vector<ConnectionRow>& records,
                                          const char* side) {
  std::vector<const ConnectionRow*> some;
  for (const ConnectionRow& record : records) {
    if (side_of(record) == side) some.push_back(&record);
  }
  std::stable_sort(some.begin(), some.end(), [](const ConnectionRow* a, const ConnectionRow* b) {
    return a->opened_at < b->opened_at;
  });
  return some;
}

// The client's own packets reached the server as they were.
bool is_direct(const ConnectionRow& client, const ConnectionRow& server) {
  return client.source == server.source && client.destination == server.destination;
}

class RecordTeller {
 public:
  explicit RecordTeller(const std::vector<ConnectionRow>& records)
      : records_(records),
        clients_(of_side(records, "client")),
        sessions_(of_side(records, "between")),
        servers_(of_side(records, "server")) {}

  Ladder tell() {
    for (const ConnectionRow* client : clients_) lane(*client);
    if (clients_.empty()) add_lane({}, "client");
    const std::size_t first_between = ladder_.lanes.size();
    for (const ConnectionRow* session : sessions_) lane(*session);
    const bool direct =
        !clients_.empty() && !servers_.empty() && is_direct(*clients_.front(), *servers_.front());
    if (sessions_.empty() && !direct) add_lane({}, "balancer");
    for (const ConnectionRow* server : servers_) lane(*server);
    // Who was chosen, if nobody there tells.
    if (servers_.empty()) add_lane(sessions_.empty() ? "" : sessions_.back()->peer, "server");
    ladder_.legs.resize(ladder_.lanes.size() - 1);
    head(first_between);
    for (const ConnectionRow& record : records_) mark(record);
    std::stable_sort(ladder_.marks.begin(), ladder_.marks.end(),
                     [](const LadderMark& a, const LadderMark& b) { return a.at < b.at; });
    if (!ladder_.marks.empty()) ladder_.begin = ladder_.marks.front().at;
    return std::move(ladder_);
  }

 private:
  void add_lane(const std::string& object, const char* role) {
    ladder_.lanes.push_back({object, role});
  }

  // The record's, made when first asked for.
  std::size_t lane(const ConnectionRow& record) {
    const LadderLane wanted{record.object, lane_role(record)};
    const auto known = std::find(ladder_.lanes.begin(), ladder_.lanes.end(), wanted);
    if (known != ladder_.lanes.end()) {
      return static_cast<std::size_t>(known - ladder_.lanes.begin());
    }
    ladder_.lanes.push_back(wanted);
    return ladder_.lanes.size() - 1;
  }

  // What is written on each leg: on the first as the client saw it, behind a balancer as it wrote
  // it, before a server as that saw it.
  void head(std::size_t first_between) {
    const auto write = [&](std::size_t leg, const std::string& from, const std::string& to) {
      if (leg < ladder_.legs.size() && !to.empty()) ladder_.legs[leg] = {from, to};
    };
    for (const ConnectionRow* session : sessions_) {
      const std::size_t at = lane(*session);
      write(at - 1, session->source, session->destination);
      write(at, session->translated_source, session->translated_destination);
    }
    for (const ConnectionRow* client : clients_) {
      write(first_between - 1, client->source, client->destination);
    }
    for (const ConnectionRow* server : servers_) {
      write(lane(*server) - 1, server->source, server->destination);
    }
  }

  void mark(const ConnectionRow& record) {
    const std::size_t at = lane(record);
    ladder_.marks.push_back({at, record.opened_at, "opened", false});
    if (record.established_at != kNever) {
      ladder_.marks.push_back({at, record.established_at, "established", false});
    }
    std::string text = in_words(record.reason);
    if (record.retransmissions > 0) {
      text += ", " + std::to_string(record.retransmissions) + " retransmissions";
    }
    ladder_.marks.push_back({at, record.closed_at, text, !ended_well(record.reason)});
  }

  const std::vector<ConnectionRow>& records_;
  std::vector<const ConnectionRow*> clients_;
  std::vector<const ConnectionRow*> sessions_;
  std::vector<const ConnectionRow*> servers_;
  Ladder ladder_;
};

}  // namespace

Ladder ladder_of_records(const std::vector<trace::ConnectionRow>& records) {
  return RecordTeller(records).tell();
}

}  // namespace elblab::gui
