// Health check settings: ranges of LIM-05.
#include <algorithm>

#include "models/config/problem_list.hpp"

namespace elblab::config {
namespace {

constexpr std::size_t kLongestPath = 80;  // HC-08

bool letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool domain_allowed(const std::string& domain) {  // HC-09
  return letter_or_digit(domain.front()) && std::all_of(domain.begin(), domain.end(), [](char c) {
           return letter_or_digit(c) || c == '-' || c == '.';
         });
}

void check_http_fields(const HealthCheck& check, const std::string& path, ProblemList& problems) {
  const bool http = check.protocol == ProbeProtocol::http || check.protocol == ProbeProtocol::https;
  if (!check.path.empty()) {
    if (!http) {
      problems.add(path + ".path", "only http and https probes have a path", "HC-08");
    } else if (check.path.front() != '/' || check.path.size() > kLongestPath) {
      problems.add(path + ".path",
                   "path '" + check.path + "' must start with / and have 1..80 characters",
                   "HC-08");
    }
  }
  if (!check.domain_name.empty()) {
    if (!http) {
      problems.add(path + ".domain_name", "only http and https probes have a domain name", "HC-09");
    } else if (!domain_allowed(check.domain_name)) {
      problems.add(path + ".domain_name",
                   "domain name '" + check.domain_name +
                       "' may hold letters, digits, - and ., and starts with a letter or digit",
                   "HC-09");
    }
  }
}

}  // namespace

void validate_health_check(const BackendGroup& group, ProblemList& problems) {
  using std::chrono::seconds;
  const HealthCheck& check = *group.health_check;
  const std::string path = "groups." + group.name + ".health_check";
  // A timeout above the interval is no mistake: the interval is used instead (HC-05, CON-23).
  problems.check_range<Duration>(path + ".interval", "interval", check.interval, seconds(1),
                                 seconds(50), "HC-03");
  problems.check_range<Duration>(path + ".timeout", "timeout", check.timeout, seconds(1),
                                 seconds(50), "HC-04");
  problems.check_range<std::uint64_t>(path + ".retries", "maximum retries", check.retries, 1, 10,
                                      "HC-06");
  if (check.port) {
    problems.check_range<std::uint64_t>(path + ".port", "port", *check.port, 1, 65535, "HC-07");
  }
  check_http_fields(check, path, problems);
}

}  // namespace elblab::config
