#include <algorithm>

#include "gui/connections/ladder.hpp"

namespace elblab::gui {
namespace {

Lane3 lane_of(const trace::ConnectionRow& record) {
  if (record.role == "client") return Lane3::client;
  return record.role == "server" ? Lane3::server : Lane3::balancer;
}

bool ended_well(const std::string& reason) {
  return reason == "none" || reason == "run_ended" || reason.starts_with("closed_by_");
}

std::string in_words(std::string reason) {
  std::replace(reason.begin(), reason.end(), '_', ' ');
  return reason;
}

void take_marks(const trace::ConnectionRow& record, std::vector<LadderMark>& marks) {
  const Lane3 lane = lane_of(record);
  marks.push_back({lane, record.opened_at, "opened", false});
  if (record.established_at != kNever) {
    marks.push_back({lane, record.established_at, "established", false});
  }
  std::string text = in_words(record.reason);
  if (record.retransmissions > 0) {
    text += ", " + std::to_string(record.retransmissions) + " retransmissions";
  }
  marks.push_back({lane, record.closed_at, text, !ended_well(record.reason)});
}

void take_ends(const trace::ConnectionRow& record, Ladder& ladder) {
  const Lane3 lane = lane_of(record);
  ladder.names[static_cast<std::size_t>(lane)] = record.object;
  Ladder::Leg& leg = ladder.legs[lane == Lane3::server ? 1 : 0];
  leg = {record.source, record.destination};
  if (lane != Lane3::balancer) return;
  std::string& server = ladder.names[static_cast<std::size_t>(Lane3::server)];
  if (server.empty()) server = record.peer;
  if (!record.translated_destination.empty()) {
    ladder.legs[1] = {record.translated_source, record.translated_destination};
  }
}

}  // namespace

Ladder ladder_of_records(const std::vector<trace::ConnectionRow>& records) {
  Ladder ladder;
  for (const trace::ConnectionRow& record : records) {
    take_ends(record, ladder);
    take_marks(record, ladder.marks);
  }
  std::stable_sort(ladder.marks.begin(), ladder.marks.end(),
                   [](const LadderMark& a, const LadderMark& b) { return a.at < b.at; });
  if (!ladder.marks.empty()) ladder.begin = ladder.marks.front().at;
  return ladder;
}

}  // namespace elblab::gui
