// BW-06, BW-01: the public address has less bandwidth than the load needs - all the time, in bursts
// only (BW-02), or from a change on.
#include <fmt/format.h>

#include <algorithm>

#include "scenarios/random/hiding.hpp"
#include "scenarios/random/lane_drawing.hpp"
#include "scenarios/random/resources.hpp"

namespace elblab::random_scenarios {
namespace {

void draw_sizes(Load& load, Draw& draw, bool in) {
  if (!load.is_tcp()) {
    load.request = std::uint64_t(in ? draw.scale(400, 1400) : draw.scale(40, 120));
    load.response = std::uint64_t(in ? draw.scale(40, 120) : draw.scale(400, 1400));
    return;
  }
  const auto large = std::uint64_t(draw.scale(4'000, 50'000));
  load.request = in ? large : std::uint64_t(draw.scale(60, 400));
  load.response = in ? std::uint64_t(draw.scale(60, 400)) : large;
}

}  // namespace

bool hide_bandwidth(Draft& draft, Lane& lane, Draw& draw, Hidden& hidden) {
  draw_exchange(lane, draw,
                {LoadKind::short_connections, LoadKind::short_connections, LoadKind::persistent,
                 LoadKind::users, LoadKind::datagrams});
  Load& load = lane.load;
  const bool in = draw.chance(0.25);
  draw_sizes(load, draw, in);
  load.patience = draw.uniform(1, 5);
  const double share = draw.uniform(0.3, 0.77);  // of what is offered
  const double rate = draw.scale(10, load.is_tcp() ? 150 : 500);
  ask_for(lane, draw, rate);
  const RequestBytes bytes = bytes_of(load);
  const double offered = 8 * rate * (in ? bytes.least_in : bytes.least_out);
  Eip eip{rounded(share * offered), {}, {}};
  if (eip.bandwidth < 100e3) return false;
  const double bytes_per_second = eip.bandwidth / 8;
  if (draw.chance(0.5))
    eip.burst = rounded(std::max(1600.0, bytes_per_second * draw.uniform(0.02, 0.3)));
  if (draw.chance(0.5))
    eip.queue = rounded(std::max(3200.0, bytes_per_second * draw.uniform(0.03, 0.5)));

  const double full = load.is_tcp() ? load.patience / (1 - share) + load.patience : load.patience;
  Window& first = load.windows.back();
  first.length = rounded(std::max(kShortest, full * draw.uniform(1.8, 3)));
  const double variant = draw.uniform(0, 1);
  if (variant < 0.2) {  // bursts
    const double pause = rounded(first.length * draw.uniform(0.5, 1.2));
    first.length = rounded(std::max(4.0, 0.6 * first.length));
    const Window again{first.end() + pause, first.length};
    load.windows.push_back(again);
  } else if (variant < 0.45) {  // a change
    draft.bandwidth_change = {rounded(first.begin + 0.35 * first.length), eip.bandwidth, lane.name};
    first.length = rounded(1.35 * first.length);
    // Room for what else the address carries; the check of the draft counts the smaller one.
    eip.bandwidth = rounded(16 * most_requests(lane) * std::max(bytes.most_in, bytes.most_out));
  }
  const double packets = rate * load.length() * (double(load.request + load.response) / 1448 + 6);
  if (load.end() - load.begin() > kLongest || packets > 8 * kMostRequests) return false;
  draft.eip = eip;
  hidden.resource = in ? "bandwidth_in" : "bandwidth_out";
  // The others are late where TCP makes them wait.
  hidden.failures = rate * load.length() * (load.is_tcp() ? 0.6 : 1 - share);
  hidden.how = fmt::format("{:.4g} Mbit/s {} against {:.4g} Mbit/s of the address", offered / 1e6,
                           in ? "towards the servers" : "of answers", bytes_per_second * 8 / 1e6);
  hidden.remedy = {{"balancer.eip", "~"}};
  if (draft.bandwidth_change) hidden.remedy.push_back({kTimeline, "~"});
  return true;
}

}  // namespace elblab::random_scenarios
