#include "tests/peers/health_courses.hpp"

#include <cstdio>
#include <optional>
#include <stdexcept>

namespace elblab::peers {
namespace {

const std::string kNoneYet = "INI";

std::vector<CheckedServer> checked_servers(const ProbedServers& servers,
                                           const std::vector<Schedule>& schedules,
                                           const std::vector<std::string>& lines) {
  std::vector<CheckedServer> checked;
  for (std::size_t i = 0; i < schedules.size(); ++i) {
    checked.push_back({.endpoint = servers.endpoint(i),
                       .rise = schedules[i].rise,
                       .fall = schedules[i].fall,
                       .lines = lines});
  }
  return checked;
}

// The last probe, or the one that is held, timed out in haproxy, which was not wanted.
bool came_too_late(const Schedule& schedule, const HealthCourse& course) {
  const std::size_t results = course.size() - 1;
  const std::string& wanted = results == 0 ? kNoneYet : schedule.results[results - 1];
  return course.back().result != wanted && course.back().result.ends_with("TOUT");
}

// nullopt: an answer came too late.
std::optional<std::vector<HealthCourse>> try_courses(ProbedServers& servers,
                                                     const std::vector<Schedule>& schedules,
                                                     const HaproxyChecks& checks) {
  std::vector<HealthCourse> courses(schedules.size());
  for (std::size_t open = schedules.size(); open > 0;) {
    const std::size_t server = servers.next();
    const Schedule& schedule = schedules[server];
    HealthCourse& course = courses[server];
    if (course.size() > schedule.results.size()) continue;  // has had all of them
    if (course.empty() && schedule.fully_up) checks.make_fully_up(server);
    course.push_back(checks.state(server));
    if (came_too_late(schedule, course)) return std::nullopt;
    const std::size_t results = course.size() - 1;
    if (results == schedule.results.size()) {
      --open;
    } else {
      servers.bring_about(server, schedule.results[results]);
    }
  }
  return courses;
}

}  // namespace

std::vector<HealthCourse> health_courses(const MakeServers& make,
                                         const std::vector<Schedule>& schedules,
                                         const std::vector<std::string>& lines,
                                         std::chrono::milliseconds interval) {
  for (int attempt = 0; attempt < 5; ++attempt, interval *= 2) {
    const PeerNetwork network;
    const std::unique_ptr<ProbedServers> servers = make(network);
    const HaproxyChecks checks(checked_servers(*servers, schedules, lines), interval);
    if (auto courses = try_courses(*servers, schedules, checks)) return *courses;
    std::printf("haproxy gave up a probe before it was answered: again, more slowly\n");
  }
  throw std::runtime_error("haproxy gives up probes before they are answered");
}

}  // namespace elblab::peers
