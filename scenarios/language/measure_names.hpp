// "time_wait(c1)": parses the name of a recorded series and checks it against the table of
// measures and the objects of a scenario.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/contract/expected.hpp"
#include "models/telemetry/measures.hpp"
#include "scenarios/language/document.hpp"
#include "scenarios/language/object_names.hpp"

namespace elblab::language {

struct NamedMeasure {
  Measure measure;
  const telemetry::MeasureInfo* info = nullptr;  // of the table
};

// Why a text names no measure of the scenario.
struct UnknownMeasure : Error {
  std::string suggestion;  // a name to use instead, or empty
};

class MeasureNames {
 public:
  // balancers must outlive this.
  MeasureNames(const Document& document, Balancers balancers);

  Expected<NamedMeasure, UnknownMeasure> find(std::string_view text) const;

 private:
  std::vector<std::string> objects(telemetry::MeasureScope scope) const;
  void spell_out(std::string& server) const;

  Balancers balancers_;
  std::vector<std::string> hosts_;
  std::vector<std::string> links_;  // between places
  std::vector<std::string> middleboxes_;
  std::vector<std::string> balancer_names_;
  std::vector<std::string> servers_;  // as the objects are called
  std::vector<std::string> workloads_;
  std::vector<std::string> listeners_;  // with an access list
  std::vector<std::string> sticky_groups_;
  std::vector<std::string> quic_groups_;
  std::vector<std::string> checked_balancers_;
  std::vector<std::string> checked_servers_;
  std::vector<std::string> session_hosts_;
  std::vector<std::string> user_workloads_;
  std::vector<std::string> subnets_;  // with a network ACL
  std::vector<std::string> grouped_hosts_;
  std::vector<std::string> firewalled_hosts_;
  std::vector<std::string> relays_;
};

// "{max time_wait(c1)}" in a text for the reader.
struct Placeholder {
  std::string text;  // with its braces
  std::string stat;
  std::string measure;
};
std::vector<Placeholder> placeholders(std::string_view text);

std::optional<Stat> find_stat(std::string_view word);

}  // namespace elblab::language
