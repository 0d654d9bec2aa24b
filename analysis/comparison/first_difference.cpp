#include "analysis/comparison/first_difference.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string_view>
#include <vector>

namespace elblab::comparison {
namespace {

using trace::ConnectionRow;
using trace::EventRow;
using trace::Reader;

constexpr std::size_t kPageRows = 4096;

struct Found {
  Instant at;
  std::string text;
};

// Exact to the nanosecond: "64.1 s".
std::string at_text(Instant at) {
  std::string text = fmt::format("{:.9f}", to_seconds(at));
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text + " s";
}

std::string or_nothing(bool there, const std::string& text) { return there ? text : "nothing"; }

std::optional<Found> in_series(const Reader& a, const Reader& b, const trace::SeriesInfo& series) {
  const auto other = b.find_series(series.name, series.object);
  const std::string name = fmt::format("{}({})", series.name, series.object);
  if (!other) return Found{kStart, fmt::format("only one trace has {}", name)};
  const auto left = a.samples(series.id, kStart, kNever);
  const auto right = b.samples(other->id, kStart, kNever);
  const auto [l, r] = std::mismatch(
      left.begin(), left.end(), right.begin(), right.end(),
      [](const auto& x, const auto& y) { return x.at == y.at && x.value == y.value; });
  const bool in_a = l != left.end();
  const bool in_b = r != right.end();
  if (!in_a && !in_b) return std::nullopt;
  const Instant at = std::min(in_a ? l->at : kNever, in_b ? r->at : kNever);
  const auto text = [&](const trace::Point& point) {
    return point.at == at ? fmt::format("{}", point.value) : "nothing until " + at_text(point.at);
  };
  return Found{at, fmt::format("series {} at {}: {} and {}", name, at_text(at),
                               in_a ? text(*l) : "nothing", in_b ? text(*r) : "nothing")};
}

std::optional<Found> in_samples(const Reader& a, const Reader& b) {
  std::optional<Found> earliest;
  const auto keep = [&](std::optional<Found> found) {
    if (found && (!earliest || found->at < earliest->at)) earliest = std::move(found);
  };
  for (const auto& series : a.series()) keep(in_series(a, b, series));
  for (const auto& series : b.series()) {
    if (!a.find_series(series.name, series.object)) keep(in_series(b, a, series));
  }
  return earliest;
}

std::string flow_text(const std::string& source, const std::string& destination) {
  return source.empty() ? std::string() : fmt::format(" {} -> {}", source, destination);
}

Instant moment_of(const EventRow& row) { return row.at; }
Instant moment_of(const ConnectionRow& row) { return row.closed_at; }

std::string text_of(const EventRow& row) {
  return fmt::format("{} {} on {}{}{}{} at {} (value {})", row.kind, row.reason, row.object,
                     row.peer.empty() ? "" : " to ", row.peer,
                     flow_text(row.source, row.destination), at_text(row.at), row.value);
}

std::string text_of(const ConnectionRow& row) {
  return fmt::format(
      "{} on {}{}{}{} opened at {}, closed at {}, {}, {} and {} bytes, {} retransmissions",
      row.role, row.object, row.peer.empty() ? "" : " to ", row.peer,
      flow_text(row.source, row.destination), at_text(row.opened_at), at_text(row.closed_at),
      row.reason, row.bytes_sent, row.bytes_received, row.retransmissions);
}

// Walks two tables side by side to the first row that differs.
template <class Row, class ReadPage>
std::optional<Found> in_rows(std::string_view what, const Reader& a, const Reader& b,
                             ReadPage page_of) {
  for (std::uint64_t id = 1;; id += kPageRows) {
    const std::vector<Row> left = page_of(a, id);
    const std::vector<Row> right = page_of(b, id);
    const auto [l, r] = std::mismatch(left.begin(), left.end(), right.begin(), right.end());
    const bool in_a = l != left.end();
    const bool in_b = r != right.end();
    if (in_a || in_b) {
      const Instant at = std::min(in_a ? moment_of(*l) : kNever, in_b ? moment_of(*r) : kNever);
      return Found{at, fmt::format("{} {}: {} and {}", what, in_a ? l->id : r->id,
                                   or_nothing(in_a, in_a ? text_of(*l) : ""),
                                   or_nothing(in_b, in_b ? text_of(*r) : ""))};
    }
    if (left.size() < kPageRows) return std::nullopt;
  }
}

std::optional<std::string> in_counts(const Reader& a, const Reader& b) {
  const auto left = a.reason_counts();
  const auto right = b.reason_counts();
  const auto [l, r] = std::mismatch(left.begin(), left.end(), right.begin(), right.end(),
                                    [](const auto& x, const auto& y) {
                                      return x.object == y.object && x.kind == y.kind &&
                                             x.reason == y.reason && x.count == y.count;
                                    });
  if (l == left.end() && r == right.end()) return std::nullopt;
  const auto text = [](const trace::ReasonCount& c) {
    return fmt::format("{} × {} {} on {}", c.count, c.kind, c.reason, c.object);
  };
  return fmt::format("counts: {} and {}", l != left.end() ? text(*l) : "nothing",
                     r != right.end() ? text(*r) : "nothing");
}

std::optional<std::string> in_ends(const Reader& a, const Reader& b) {
  if (a.complete() != b.complete()) return "only one of the two traces is complete";
  if (a.end_of_run() == b.end_of_run()) return std::nullopt;
  return fmt::format("the runs end at {} and {}", at_text(a.end_of_run()), at_text(b.end_of_run()));
}

std::vector<std::string> different_tables(const Reader& a, const Reader& b) {
  const auto left = a.table_digests();
  const auto right = b.table_digests();
  std::vector<std::string> names;
  for (std::size_t i = 0; i < std::min(left.size(), right.size()); ++i) {
    if (left[i] != right[i]) names.push_back(left[i].first);
  }
  return names;
}

}  // namespace

std::optional<std::string> first_difference(const Reader& a, const Reader& b) {
  const auto tables = different_tables(a, b);
  if (tables.empty()) return std::nullopt;
  std::vector<Found> found;
  const auto note = [&](std::optional<Found> difference) {
    if (difference) found.push_back(std::move(*difference));
  };
  note(in_samples(a, b));
  note(in_rows<EventRow>("event", a, b, [](const Reader& trace, std::uint64_t id) {
    return trace.events(id, kPageRows);
  }));
  note(in_rows<ConnectionRow>("connection", a, b, [](const Reader& trace, std::uint64_t id) {
    return trace.connections(id, kPageRows);
  }));
  if (!found.empty()) {
    // Of one moment the first in this order: a sample tells more than one row of many.
    return std::min_element(found.begin(), found.end(),
                            [](const Found& x, const Found& y) { return x.at < y.at; })
        ->text;
  }
  if (auto text = in_counts(a, b)) return text;
  if (auto text = in_ends(a, b)) return text;
  return fmt::format("equal series, events and connections, but different rows in {}",
                     fmt::join(tables, ", "));
}

std::optional<std::string> first_difference(const std::filesystem::path& a,
                                            const std::filesystem::path& b) {
  const auto left = Reader::open(a);
  if (!left) return left.error().message;
  const auto right = Reader::open(b);
  if (!right) return right.error().message;
  return first_difference(**left, **right);
}

}  // namespace elblab::comparison
