#include "tests/peers/consistent_hash_bounds.hpp"

#include <boost/test/unit_test.hpp>

namespace elblab::peers {

void require_bounds(const char* peer, std::size_t servers,
                    const std::vector<net::IpAddress>& clients, const MovedClients& theirs) {
  const MovedClients ours = moved_by_us(clients, servers);
  print_moved(peer, servers, theirs);
  print_moved("elblab", servers, ours);
  BOOST_TEST(theirs.of_others == 0u);
  const std::size_t bound = clients.size() / 200;
  BOOST_TEST(ours.of_others <= bound);
  BOOST_TEST(ours.all() <= theirs.all() + bound);
}

}  // namespace elblab::peers
