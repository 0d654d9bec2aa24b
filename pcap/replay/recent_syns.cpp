#include "pcap/replay/recent_syns.hpp"

namespace elblab::replay {

void RecentSyns::note(std::uint32_t sequence, const net::FlowKey& flow) {
  std::unique_ptr<Page>& page = pages_[page_of(sequence)];
  if (!page) page = std::make_unique<Page>();
  (*page)[sequence % page->size()] = {sequence, true, flow};
}

const net::FlowKey* RecentSyns::find(std::uint32_t sequence) const {
  const std::unique_ptr<Page>& page = pages_[page_of(sequence)];
  if (!page) return nullptr;
  const Syn& syn = (*page)[sequence % page->size()];
  return syn.used && syn.sequence == sequence ? &syn.flow : nullptr;
}

}  // namespace elblab::replay
