#include "tests/peers/haproxy_checks.hpp"

#include <map>
#include <sstream>
#include <stdexcept>

namespace elblab::peers {
namespace {

constexpr std::uint16_t kFirstPort = 10'000;

std::string group_name(std::size_t server) { return "port-" + std::to_string(kFirstPort + server); }

std::vector<HaproxyPeer::Group> groups_of(const std::vector<CheckedServer>& servers,
                                          std::chrono::milliseconds interval) {
  std::vector<HaproxyPeer::Group> groups;
  for (std::size_t i = 0; i < servers.size(); ++i) {
    const CheckedServer& server = servers[i];
    HaproxyPeer::Group group{.port = static_cast<std::uint16_t>(kFirstPort + i),
                             .lines = server.lines};
    group.lines.push_back("server b1 " + server.endpoint + " check inter " +
                          std::to_string(interval.count()) + "ms rise " +
                          std::to_string(server.rise) + " fall " + std::to_string(server.fall));
    groups.push_back(std::move(group));
  }
  return groups;
}

std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> fields;
  std::istringstream text(line);
  for (std::string field; std::getline(text, field, ',');) fields.push_back(field);
  return fields;
}

// A line of names, and one of values.
std::map<std::string, std::string> only_row(const std::string& table) {
  std::istringstream text(table);
  std::string names;
  std::string values;
  if (!std::getline(text, names) || !std::getline(text, values)) {
    throw std::runtime_error("haproxy says of a server: " + table);
  }
  const std::vector<std::string> keys = fields_of(names);
  const std::vector<std::string> row = fields_of(values);
  std::map<std::string, std::string> result;
  for (std::size_t i = 0; i < keys.size() && i < row.size(); ++i) result[keys[i]] = row[i];
  return result;
}

unsigned number(const std::map<std::string, std::string>& row, const char* key) {
  return static_cast<unsigned>(std::stoul(row.at(key)));
}

// A star says that the next check is under way; the result is still that of the one before.
std::string result_of(const std::string& check_status) {
  return check_status.starts_with("* ") ? check_status.substr(2) : check_status;
}

}  // namespace

HaproxyChecks::HaproxyChecks(const std::vector<CheckedServer>& servers,
                             std::chrono::milliseconds interval)
    : haproxy_(groups_of(servers, interval)) {}

// Its health counts from 0, down, over `rise`, up, to rise + fall - 1, which a success gives.
CheckState HaproxyChecks::state(std::size_t server) const {
  const auto row = only_row(haproxy_.command("show stat " + group_name(server) + " 4 -1"));
  const unsigned health = number(row, "check_health");
  const unsigned most = number(row, "check_rise") + number(row, "check_fall") - 1;
  const bool up = row.at("status").starts_with("UP");
  return {.up = up,
          .against = up ? most - health : health,
          .result = result_of(row.at("check_status"))};
}

void HaproxyChecks::make_fully_up(std::size_t server) const {
  haproxy_.command("set server " + group_name(server) + "/b1 health up");
}

// One thread reads everything: an answer to a later command says that earlier bytes are read.
void HaproxyChecks::wait_until_it_has_read() const { haproxy_.command("show version"); }

}  // namespace elblab::peers
