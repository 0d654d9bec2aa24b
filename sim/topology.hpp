// Wires hosts to a fabric: makes the medium of each host's link and the segments that some share.
#pragma once

#include <ns3/net-device.h>
#include <ns3/node.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "scenarios/language/scenario.hpp"
#include "sim/csma_segment.hpp"
#include "sim/link.hpp"

namespace elblab::sim {

class Topology {
 public:
  explicit Topology(const ns3::Ptr<ns3::Node>& fabric) : fabric_(fabric) {}

  // Gives the link its medium. Returns the device at the host's end, for a native host's stack;
  // none for a pooled link, which has no ns-3 device. The link must not outlive the topology.
  ns3::Ptr<ns3::NetDevice> connect(Link& link, const ns3::Ptr<ns3::Node>& host,
                                   const std::vector<net::IpAddress>& addresses,
                                   const language::Link& parameters);
  // The same of a link to another fabric.
  void join(Link& link, const Topology& other, const language::Link& parameters);

 private:
  CsmaSegment& segment_of(const language::Link& parameters);

  ns3::Ptr<ns3::Node> fabric_;
  std::vector<std::unique_ptr<CsmaSegment>> segments_;
  std::map<std::string, CsmaSegment*> named_segments_;
};

}  // namespace elblab::sim
