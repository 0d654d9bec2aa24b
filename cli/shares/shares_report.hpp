// What `elblab shares` says, as text and for programs.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/shares/client_list.hpp"
#include "cli/shares/due_shares.hpp"
#include "cli/text/terminal.hpp"
#include "models/config/load_balancer.hpp"

namespace elblab::cli {

struct DueBalancer {
  std::string name;
  std::string address;
  std::string profile;
  unsigned nodes = 1;  // that schedule each for itself
  std::vector<DueGroup> groups;
};

// One of n made-up servers b1 … bn is removed from a source hash.
struct DueExample {
  std::size_t servers = 0;
  std::string removed;
  scheduling::Disruption consistent;
  scheduling::Disruption numbered;
};

struct SharesReport {
  std::string file;                 // empty with examples only
  std::vector<std::string> places;  // names of places by number, as far as they are known
  std::vector<DueBalancer> balancers;
  config::SourceHash example_hash;
  std::vector<DueExample> examples;
  ClientList clients;
  bool each_client = false;  // say of each where it goes, however many there are
};

std::string shares_text(const SharesReport& report, const Terminal& out);
nlohmann::ordered_json shares_json(const SharesReport& report);

}  // namespace elblab::cli
