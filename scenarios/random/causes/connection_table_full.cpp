// More connections at a time than the balancer's nodes hold.
#include <fmt/format.h>

#include <cmath>

#include "scenarios/random/hiding.hpp"
#include "scenarios/random/lane_drawing.hpp"

namespace elblab::random_scenarios {

bool hide_connection_table_full(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden) {
  draw_exchange(lane, draw,
                {LoadKind::short_connections, LoadKind::persistent, LoadKind::datagrams});
  draft.nodes = 1;  // of several, each has a table of its own and its own share
  Load& load = lane.load;
  load.patience = draw.uniform(1.5, 7);
  const double factor = draw.uniform(1.4, 3);
  double wanted = 0;  // connections at a time
  double until = 0;   // the table is full, and users begin to fail
  if (load.kind == LoadKind::persistent) {
    load.connections = draw.whole(60, 600);
    wanted = load.connections;
    load.rate = rounded(draw.uniform(0.1, 0.5) * wanted);
    load.windows.back().length = rounded(std::max(kShortest, load.patience * draw.uniform(2.5, 5)));
  } else if (load.kind == LoadKind::datagrams) {
    load.rate = draw.scale(20, 250);
    load.windows.back().length = draw.uniform(12, 40);
    wanted = load.rate * load.length();  // each a flow, which is forgotten after minutes
    until = load.length() / factor;
  } else {
    load.server_closes = false;
    load.hold = draw.scale(0.3, 4);
    if (draw.chance(0.5)) draft.closed_timeout = draw.whole(1, 6);
    load.rate = rounded(draw.scale(20, 250));
    wanted = load.rate * (load.hold + draft.closed_timeout);
    until = load.hold + draft.closed_timeout + load.patience;
    load.windows.back().length = rounded(std::max(kShortest, until * draw.uniform(1.8, 3)));
  }
  draft.connection_limit = unsigned(std::round(wanted / factor));
  if (*draft.connection_limit < 20) return false;
  if (load.length() > kLongest || load.rate * load.length() > kMostRequests) return false;
  const double rate = load.kind == LoadKind::persistent ? wanted / (load.patience + 1) : load.rate;
  hidden.failures = rate * (load.length() - until) * (1 - 1 / factor);
  if (hidden.failures < 30) return false;
  hidden.resource = "connection_table";
  hidden.how = fmt::format("a table of {} connections; at least {:.4g} are wanted at a time",
                           *draft.connection_limit, wanted);
  hidden.remedy = {{"balancer.connection_limit", "1000000"}};
  return true;
}

}  // namespace elblab::random_scenarios
