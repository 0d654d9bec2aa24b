#include "sim/topology.hpp"

#include "sim/point_to_point_medium.hpp"
#include "sim/pooled_medium.hpp"

namespace elblab::sim {

ns3::Ptr<ns3::NetDevice> Topology::connect(Link& link, const ns3::Ptr<ns3::Node>& host,
                                           const std::vector<net::IpAddress>& addresses,
                                           const language::Link& parameters) {
  switch (parameters.kind) {
    case language::LinkKind::pooled:
      link.set_medium(std::make_unique<PooledMedium>(link, parameters));
      return nullptr;
    case language::LinkKind::csma: {
      CsmaSegment& segment = segment_of(parameters);
      link.set_medium(segment.connect(link, host, addresses, parameters.queue_packets));
      return segment.last_device();
    }
    case language::LinkKind::point_to_point:
      break;
  }
  auto medium = std::make_unique<PointToPointMedium>(link, host, fabric_, parameters);
  const auto device = medium->device(End::first);
  link.set_medium(std::move(medium));
  return device;
}

void Topology::join(Link& link, const Topology& other, const language::Link& parameters) {
  if (parameters.kind == language::LinkKind::pooled) {
    link.set_medium(std::make_unique<PooledMedium>(link, parameters));
  } else {
    link.set_medium(
        std::make_unique<PointToPointMedium>(link, fabric_, other.fabric_, parameters));
  }
}

CsmaSegment& Topology::segment_of(const language::Link& parameters) {
  if (!parameters.segment.empty()) {
    const auto known = named_segments_.find(parameters.segment);
    if (known != named_segments_.end()) return *known->second;
  }
  segments_.push_back(std::make_unique<CsmaSegment>(fabric_, parameters,
                                                    static_cast<std::uint8_t>(segments_.size())));
  if (!parameters.segment.empty()) named_segments_[parameters.segment] = segments_.back().get();
  return *segments_.back();
}

}  // namespace elblab::sim
