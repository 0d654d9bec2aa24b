#include "analysis/trace/connection_query.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "analysis/trace/database.hpp"
#include "analysis/trace/instant_cell.hpp"

namespace elblab::trace {
namespace {

using Names = std::vector<std::string>;

bool holds(const Names& names, std::string_view name) {
  return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
}

// Ends a query of this connection when the flag is set: asked every few thousand steps of SQLite's
// machine (https://www.sqlite.org/c3ref/progress_handler.html).
class Cancellation {
 public:
  Cancellation(const Database& database, const std::atomic<bool>& cancel) : database_(database) {
    sqlite3_progress_handler(
        database.handle(), 4096,
        [](void* flag) {
          return static_cast<const std::atomic<bool>*>(flag)->load(std::memory_order_relaxed) ? 1
                                                                                              : 0;
        },
        const_cast<std::atomic<bool>*>(&cancel));  // NOLINT: SQLite's handle is not const
  }
  ~Cancellation() { sqlite3_progress_handler(database_.handle(), 0, nullptr, nullptr); }
  Cancellation(const Cancellation&) = delete;
  Cancellation& operator=(const Cancellation&) = delete;

 private:
  const Database& database_;
};

// An end that is looked for, as numbers of the trace: an address, a port, or both.
struct WantedEnd {
  bool any = true;
  bool none = false;         // there is no such address
  std::int64_t address = 0;  // 0: any
  std::int64_t port = -1;    // -1: any

  bool matches(std::int64_t endpoint) const {
    return (address == 0 || endpoint >> 16 == address) && (port < 0 || (endpoint & 65535) == port);
  }
};

struct EndText {
  std::string_view address;
  std::string_view port;
};

// "a", "a:p", "[a]:p", ":p"; IPv6 addresses without brackets have several colons and no port.
EndText split(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    const std::string_view address = text.substr(1, close == text.npos ? close : close - 1);
    const std::string_view rest = close == text.npos ? "" : text.substr(close + 1);
    return {address, rest.starts_with(':') ? rest.substr(1) : rest};
  }
  const std::size_t colon = text.find(':');
  if (colon == text.npos || text.find(':', colon + 1) != text.npos) return {text, {}};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

bool read_wanted(const Database& database, std::string_view text, WantedEnd& wanted) {
  if (text.empty()) return true;
  wanted.any = false;
  const EndText parts = split(text);
  if (!parts.port.empty()) {
    const char* end = parts.port.data() + parts.port.size();
    const auto [stop, error] = std::from_chars(parts.port.data(), end, wanted.port);
    wanted.none = error != std::errc() || stop != end || wanted.port < 0 || wanted.port > 65535;
  }
  if (parts.address.empty()) {
    wanted.none = wanted.none || parts.port.empty();
    return true;
  }
  Statement row(database, "SELECT id FROM addresses WHERE address = ?");
  if (!row.ok()) return false;
  const Step step = row.bind(1, parts.address).step();
  if (step == Step::row) wanted.address = row.integer(0);
  wanted.none = wanted.none || step == Step::done;
  return step != Step::error;
}

// What the rows of a class share; matching: the filter's lists have it.
struct ClassInfo {
  bool matching = false;
  std::int64_t key = 0;  // of the order, where it is the class's
  std::int64_t translated_destination = 0;
};

class Search {
 public:
  Search(const Database& database, const ConnectionFilter& filter, const ConnectionOrder& order)
      : database_(database), filter_(filter), order_(order) {}

  // False: could not be read, or was cancelled.
  bool run();
  std::vector<std::uint64_t> take();

 private:
  struct Range {
    std::int64_t first = 0;
    std::int64_t last = 0;
  };
  struct Found {
    std::int64_t key = 0;
    std::uint64_t id = 0;
  };

  bool read_classes();
  bool read_ranges();
  void add_range(Range range);
  bool read_rows();
  bool by_class() const { return order_.by >= ConnectionColumn::object; }
  void look_at(const Statement& row);
  bool matches(const Statement& row, const ClassInfo& of) const;

  const Database& database_;
  const ConnectionFilter& filter_;
  const ConnectionOrder& order_;
  WantedEnd wanted_;
  std::vector<ClassInfo> classes_;  // of class id
  std::vector<Range> ranges_;       // of ids, in their order
  std::vector<Found> found_;
};

// What the rows are ordered by: an integer of the row, or of its class.
std::string_view key_of(ConnectionColumn column) {
  switch (column) {
    case ConnectionColumn::id:
      return "c.id";
    case ConnectionColumn::opened_at:
      return "c.opened_ns";
    case ConnectionColumn::closed_at:
      return "c.opened_ns + c.closed_after_ns";
    case ConnectionColumn::duration:
      return "c.closed_after_ns";
    case ConnectionColumn::connect_time:
      return "ifnull(c.established_after_ns, 9223372036854775807)";
    case ConnectionColumn::bytes_sent:
      return "c.bytes_sent";
    case ConnectionColumn::bytes_received:
      return "c.bytes_received";
    case ConnectionColumn::retransmissions:
      return "c.retransmissions";
    case ConnectionColumn::source:
      return "c.source";
    case ConnectionColumn::destination:
      return "c.destination";
    case ConnectionColumn::object:
      return "k.object";
    case ConnectionColumn::peer:
      return "ifnull(k.peer, 0)";
    case ConnectionColumn::role:
      return "k.role";
    case ConnectionColumn::reason:
      return "k.reason";
    case ConnectionColumn::protocol:
      return "k.protocol";
  }
  return "c.id";
}

bool Search::run() {
  if (!read_wanted(database_, filter_.endpoint, wanted_)) return false;
  if (wanted_.none || filter_.from >= filter_.to) return true;
  return read_classes() && read_ranges() && read_rows();
}

bool Search::read_classes() {
  Statement rows(database_,
                 fmt::format("SELECT k.id, ifnull(o.name, ''), ifnull(p.name, ''), ro.name,"
                             " re.name, pt.name, ifnull(k.translated_destination, 0), {}"
                             " FROM connection_classes k LEFT JOIN objects o ON o.id = k.object"
                             " LEFT JOIN objects p ON p.id = k.peer"
                             " LEFT JOIN roles ro ON ro.id = k.role"
                             " LEFT JOIN reasons re ON re.id = k.reason"
                             " LEFT JOIN protocols pt ON pt.id = k.protocol ORDER BY k.id",
                             by_class() ? key_of(order_.by) : "0"));
  Step step = rows.step();
  for (; step == Step::row; step = rows.step()) {
    // Classes count from 1 without gaps; a damaged file's do not.
    const std::int64_t id = rows.integer(0);
    if (id < 1 || id > static_cast<std::int64_t>(classes_.size()) + 1'000'000) return false;
    classes_.resize(static_cast<std::size_t>(id) + 1);
    classes_.back() = {holds(filter_.objects, rows.text(1)) && holds(filter_.peers, rows.text(2)) &&
                           holds(filter_.roles, rows.text(3)) &&
                           holds(filter_.reasons, rows.text(4)) &&
                           holds(filter_.protocols, rows.text(5)),
                       rows.integer(7), rows.integer(6)};
  }
  return step == Step::done;
}

void Search::add_range(Range range) {
  if (ranges_.empty() || range.first > ranges_.back().last + 1) {
    ranges_.push_back(range);
  } else {
    ranges_.back().last = std::max(ranges_.back().last, range.last);
  }
}

bool Search::read_ranges() {
  Statement blocks(database_,
                   "SELECT class, first_id, last_id, first_ns, last_ns FROM connection_blocks"
                   " ORDER BY rowid");
  std::vector<Range> matching;
  std::int64_t last = 0;
  Step step = blocks.step();
  for (; step == Step::row; step = blocks.step()) {
    const auto id = static_cast<std::size_t>(blocks.integer(0));
    last = std::max(last, blocks.integer(2));
    const bool in_time =
        blocks.integer(3) < to_ns(filter_.to) && blocks.integer(4) >= to_ns(filter_.from);
    if (in_time && id < classes_.size() && classes_[id].matching) {
      matching.push_back({blocks.integer(1), blocks.integer(2)});
    }
  }
  if (step != Step::done) return false;
  std::sort(matching.begin(), matching.end(),
            [](const Range& a, const Range& b) { return a.first < b.first; });
  for (const Range& range : matching) add_range(range);
  // A growing trace: the block begun is not in the table yet.
  add_range({last + 1, INT64_MAX});
  return true;
}

bool Search::matches(const Statement& row, const ClassInfo& of) const {
  if (!of.matching) return false;
  if (wanted_.any) return true;
  return wanted_.matches(row.integer(3)) || wanted_.matches(row.integer(4)) ||
         (!row.is_null(5) && wanted_.matches(row.integer(5))) ||
         (of.translated_destination != 0 && wanted_.matches(of.translated_destination));
}

void Search::look_at(const Statement& row) {
  const auto id = static_cast<std::size_t>(row.integer(1));
  if (id >= classes_.size() || !matches(row, classes_[id])) return;
  found_.push_back(
      {by_class() ? classes_[id].key : row.integer(2), static_cast<std::uint64_t>(row.integer(0))});
}

// A connection with packets has a row in packet_connections of the same flow and time, as
// packets_of() finds it.
constexpr std::string_view kHasPackets =
    " AND EXISTS (SELECT 1 FROM packet_connections p WHERE"
    " (p.source = c.source AND p.destination = c.destination"
    "  OR p.translated_source = c.source AND p.translated_destination = c.destination)"
    " AND p.first_ns <= c.opened_ns + c.closed_after_ns AND p.last_ns >= c.opened_ns)";

bool Search::read_rows() {
  Statement rows(
      database_,
      fmt::format("SELECT c.id, c.class, {}, c.source, c.destination, c.translated_source"
                  " FROM connections c WHERE c.id BETWEEN ?1 AND ?2 AND c.opened_ns < ?3"
                  " AND c.opened_ns + c.closed_after_ns >= ?4 AND c.retransmissions >= ?5{}"
                  " ORDER BY c.id",
                  by_class() ? "0" : key_of(order_.by), filter_.with_packets ? kHasPackets : ""));
  if (!rows.ok()) return false;
  rows.bind(3, to_ns(filter_.to)).bind(4, to_ns(filter_.from));
  rows.bind(5, static_cast<std::int64_t>(filter_.least_retransmissions));
  for (const Range& range : ranges_) {
    rows.reset();
    rows.bind(1, range.first).bind(2, range.last);
    Step step = rows.step();
    for (; step == Step::row; step = rows.step()) look_at(rows);
    if (step != Step::done) return false;
  }
  return true;
}

std::vector<std::uint64_t> Search::take() {
  const bool descending = order_.descending;
  std::stable_sort(found_.begin(), found_.end(), [descending](const Found& a, const Found& b) {
    return descending ? a.key > b.key : a.key < b.key;
  });
  std::vector<std::uint64_t> ids;
  ids.reserve(found_.size());
  for (const Found& found : found_) ids.push_back(found.id);
  return ids;
}

}  // namespace

std::optional<std::vector<std::uint64_t>> find_connections(const Reader& reader,
                                                           const ConnectionFilter& filter,
                                                           const ConnectionOrder& order,
                                                           const std::atomic<bool>& cancel) {
  Search search(reader.database(), filter, order);
  {
    const Cancellation cancellation(reader.database(), cancel);
    if (!search.run()) {
      if (!cancel.load()) reader.noted(false);
      return std::nullopt;
    }
  }
  if (cancel.load()) return std::nullopt;
  return search.take();
}

}  // namespace elblab::trace
