// Sticky sessions of a group: what goes with its protocol, its algorithm and the profile.
#include "models/config/allowing_profiles.hpp"
#include "models/config/problem_list.hpp"

namespace elblab::config {
namespace {

// Not given by the sources: about a gigabyte for each table [M].
constexpr std::uint64_t kMostStickyClients = 1u << 24;

bool is_layer_7(BackendProtocol protocol) {
  return protocol == BackendProtocol::http || protocol == BackendProtocol::https ||
         protocol == BackendProtocol::grpc;
}

std::string_view fact_of(StickinessAlgorithms table) {
  switch (table) {
    case StickinessAlgorithms::round_robin_only:
      return "STK-20";
    case StickinessAlgorithms::round_robin_and_least:
      return "STK-21";
    case StickinessAlgorithms::round_robin_least_and_quic:
      return "STK-22";
  }
  return "CON-03";
}

// STK-20 to STK-22, row by row.
bool allows_stickiness(StickinessAlgorithms table, Algorithm algorithm, StickinessType type) {
  const bool first_table = table == StickinessAlgorithms::round_robin_only;
  switch (algorithm) {
    case Algorithm::weighted_round_robin:
      return true;
    case Algorithm::weighted_least_connections:
      return !first_table;
    case Algorithm::source_ip_hash:
      return first_table && type == StickinessType::source_ip;
    case Algorithm::connection_id:
      return table == StickinessAlgorithms::round_robin_least_and_quic &&
             type == StickinessType::source_ip;
  }
  return false;
}

void check_type(const std::string& path, const BackendGroup& group, ProblemList& problems) {
  const Stickiness& wanted = *group.stickiness;
  const std::string type(to_string(wanted.type));
  const std::string protocol(to_string(group.protocol));
  const bool by_cookie = wanted.type != StickinessType::source_ip;
  if (by_cookie != is_layer_7(group.protocol)) {
    problems.add(path + ".type",
                 "stickiness by " + type + " does not go with a " + protocol + " group; it takes " +
                     (by_cookie ? "source_ip" : "load_balancer_cookie or application_cookie") +
                     " (STK-02)",
                 "STK-02");
  } else if (by_cookie) {
    problems.refuse_unsupported(path + ".type", "stickiness by " + type, "STK-04");
  }
  const bool names_cookie = wanted.type == StickinessType::application_cookie;
  if (names_cookie && wanted.cookie_name.empty()) {
    problems.add(path + ".cookie_name", "application_cookie needs the name of the cookie (STK-05)",
                 "STK-05");
  } else if (!names_cookie && !wanted.cookie_name.empty()) {
    problems.add(path + ".cookie_name",
                 "has no effect with type " + type + "; it belongs to application_cookie (STK-05)",
                 "STK-05");
  }
}

void check_algorithm(const std::string& path, const Profile& profile, const BackendGroup& group,
                     ProblemList& problems) {
  const std::string_view fact = fact_of(profile.stickiness_algorithms);
  const StickinessType type = group.stickiness->type;
  if (allows_stickiness(profile.stickiness_algorithms, group.algorithm, type)) return;
  problems.add(path,
               "algorithm " + std::string(to_string(group.algorithm)) + " takes no stickiness by " +
                   std::string(to_string(type)) + " with profile " + std::string(profile.name) +
                   " (" + std::string(fact) + "); " +
                   allowing_profiles(
                       [&](const Profile& each) {
                         return allows_stickiness(each.stickiness_algorithms, group.algorithm,
                                                  type);
                       },
                       [](const Profile& each) { return fact_of(each.stickiness_algorithms); }),
               fact);
}

void check_duration(const std::string& path, const Profile& profile, const BackendGroup& group,
                    ProblemList& problems) {
  if (!group.stickiness->duration) return;
  const bool layer4 = group.stickiness->type == StickinessType::source_ip;
  const Duration longest = layer4 ? std::chrono::minutes(60) : std::chrono::minutes(1440);
  problems.check_range<Duration>(path + ".duration", "stickiness duration",
                                 *group.stickiness->duration, std::chrono::minutes(1), longest,
                                 "LIM-06");
  if (profile.stickiness_duration_with_any_algorithm ||
      group.algorithm == Algorithm::weighted_round_robin) {
    return;
  }
  problems.add(path + ".duration",
               "profile " + std::string(profile.name) +
                   " sets a duration only with weighted_round_robin (STK-14); left out, it is the "
                   "profile's; " +
                   allowing_profiles([](const Profile& each) {
                     return each.stickiness_duration_with_any_algorithm;
                   }),
               "STK-14");
}

}  // namespace

void validate_stickiness(const Profile& profile, const BackendGroup& group, ProblemList& problems) {
  const std::string path = "groups." + group.name + ".stickiness";
  check_type(path, group, problems);
  check_algorithm(path, profile, group, problems);
  check_duration(path, profile, group, problems);
  problems.check_range<std::uint64_t>(path + ".capacity", "stickiness capacity",
                                      group.stickiness->capacity, 1, kMostStickyClients, "STK-03");
}

}  // namespace elblab::config
