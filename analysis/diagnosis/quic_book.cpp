#include "analysis/diagnosis/quic_book.hpp"

#include <algorithm>

#include "analysis/diagnosis/servers.hpp"

namespace elblab::diagnosis {
namespace {

// What happens at once may fall into two columns.
double at_once(const Curve& curve, std::size_t column) {
  return curve[column] + (column > 0 ? curve[column - 1] : 0);
}

double total_of(const Observations& seen, std::string_view measure, MeasureScope scope) {
  return total(seen.summed(measure, scope).value_or(Curve{}));
}

// Users who lost their session are answered all the same. Without datagrams there is no QUIC.
Curve disowned_by_servers(const Observations& seen) {
  const Curve nothing(seen.grid().columns, 0.0);
  if (total_of(seen, "udp_received", MeasureScope::host) == 0) return nothing;
  Curve disowned = seen.summed("sessions_lost", MeasureScope::session_host).value_or(nothing);
  const auto of_users = seen.summed("sessions_lost", MeasureScope::user_workload);
  for (std::size_t i = 0; of_users && i < disowned.size(); ++i) {
    disowned[i] = std::max(0.0, disowned[i] - (*of_users)[i]);
  }
  return disowned;
}

class QuicReading {
 public:
  explicit QuicReading(const Observations& seen) : seen_(seen) {}

  QuicBook read() {
    book_.disowned = disowned_by_servers(seen_);
    book_.moved.assign(seen_.grid().columns, 0.0);
    if (total(book_.disowned) == 0) return std::move(book_);
    book_.is_told = total_of(seen_, "sessions_begun", MeasureScope::user_workload) == 0;
    if (!book_.is_told) return std::move(book_);
    seen_.each_new_path(
        [this](const std::string& server, Instant began) { take_path(server, began); });
    for (const std::string& host : server_hosts(seen_)) add_host(host);
    return std::move(book_);
  }

 private:
  void take_path(const std::string& server, Instant began) {
    ++book_.paths;
    ++paths_of(host_of(server))[seen_.grid().column_of(began)];
  }

  Curve& paths_of(const std::string& host) {
    return paths_.try_emplace(host, seen_.grid().columns, 0.0).first->second;
  }

  void add_host(const std::string& host) {
    const Curve* lost = seen_.counter("sessions_lost", MeasureScope::session_host, host);
    const Curve* begun = seen_.counter("sessions_begun", MeasureScope::session_host, host);
    if (lost == nullptr || begun == nullptr) return;
    book_.begun += total(*begun);
    const Curve& paths = paths_of(host);
    for (std::size_t i = 0; i < lost->size(); ++i) {
      const double going_on = std::max(0.0, at_once(paths, i) - at_once(*begun, i));
      book_.moved[i] += std::min((*lost)[i], going_on);
    }
  }

  const Observations& seen_;
  QuicBook book_;
  std::map<std::string, Curve> paths_;  // by host
};

}  // namespace

QuicBook read_quic(const Observations& seen) { return QuicReading(seen).read(); }

}  // namespace elblab::diagnosis
