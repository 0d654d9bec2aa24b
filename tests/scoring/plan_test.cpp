// Which seeds hide what.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <map>

#include "cli/scoring/score_plan.hpp"
#include "cli/scoring/score_report.hpp"
#include "scenarios/random/random_scenario.hpp"
#include "tests/must.hpp"

using namespace elblab::cli;
using elblab::random_scenarios::CauseId;
using elblab::scoring::ScoredRun;

namespace {

std::vector<ScoreCase> planned(const ScoreOptions& options) {
  return elblab::must(plan_score(options));
}

std::string refused(const ScoreOptions& options) { return elblab::message_of(plan_score(options)); }

}  // namespace

BOOST_AUTO_TEST_CASE(every_seed_is_used_once_and_every_cause_equally_often) {
  const auto cases = planned({});
  constexpr std::size_t kRuns = 300;
  constexpr std::size_t kOthers = 60;
  const std::size_t causes = elblab::random_scenarios::causes_to_hide().size();
  BOOST_TEST(cases.size() == kRuns + kOthers + kOthers);
  std::map<std::string, int> times;
  std::size_t pairs = 0;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    BOOST_TEST(cases[i].seed == kFirstScoringSeed + i);
    const int before = times[elblab::random_scenarios::name_of(cases[i].causes)]++;
    if (cases[i].causes.size() == 2 && before == 0) ++pairs;
  }
  BOOST_TEST(times["none"] == 60);
  for (const auto cause : elblab::random_scenarios::causes_to_hide()) {
    const int count = times[std::string(elblab::language::known_cause(cause).name)];
    const int least = static_cast<int>(kRuns / causes);
    BOOST_TEST((count == least || count == least + 1));
  }
  // Each pair of causes that leave each other's lane alone, once and some of them again.
  const auto& all = elblab::random_scenarios::causes_to_hide();
  const auto of_a_lane = static_cast<std::size_t>(
      std::count_if(all.begin(), all.end(), elblab::random_scenarios::is_of_a_lane));
  BOOST_TEST(pairs == std::min(kOthers, of_a_lane * (of_a_lane - 1) / 2));
  for (const auto& [name, count] : times) {
    if (name.find('+') != std::string::npos) BOOST_TEST(count <= 2, name);
  }
}

BOOST_AUTO_TEST_CASE(seeds_for_tuning_and_for_scoring_do_not_mix) {
  ScoreOptions options;
  options.tuning = true;
  options.runs = 10;
  BOOST_TEST(planned(options).front().seed == 1U);
  options.seed = 999'995;
  BOOST_TEST(refused(options).find("--tuning uses seeds below 1000000") != std::string::npos);
  options.tuning = false;
  BOOST_TEST(refused(options).find("are for tuning") != std::string::npos);
  options.seed = 1'000'000;
  BOOST_TEST(refused(options) == "");
}

BOOST_AUTO_TEST_CASE(causes_are_named_in_words) {
  ScoreOptions options;
  options.runs = 4;
  options.causes = {"none"};
  BOOST_TEST(planned(options).size() == 4U);
  options.causes = {"accept_queue+packet_loss", "bandwidth+packet_loss"};
  const auto cases = planned(options);
  BOOST_TEST(cases.size() == 4U);
  BOOST_TEST((cases[2].causes == HiddenCauses{CauseId::accept_queue, CauseId::packet_loss}));
}

BOOST_AUTO_TEST_CASE(a_tree_of_the_catalogue_stands_for_its_causes) {
  ScoreOptions options;
  options.runs = 8;
  options.causes = {"DIAG-06"};
  std::map<std::string, int> times;
  for (const ScoreCase& one : planned(options)) {
    ++times[elblab::random_scenarios::name_of(one.causes)];
  }
  for (const char* cause : {"accept_queue", "dead_server", "packet_loss"}) {
    BOOST_TEST(times[cause] >= 2, cause);
  }
  options.causes = {"DIAG-10"};
  for (const ScoreCase& one : planned(options)) {
    ++times[elblab::random_scenarios::name_of(one.causes)];
  }
  for (const char* cause :
       {"uneven_weights", "part_time_server", "client_addresses", "kept_connections"}) {
    BOOST_TEST(times[cause] == 2, cause);
  }
  options.causes = {"DIAG-13"};
  for (const ScoreCase& one : planned(options)) {
    ++times[elblab::random_scenarios::name_of(one.causes)];
  }
  for (const char* cause :
       {"stickiness_off", "bound_server_out", "address_change", "stickiness_over"}) {
    BOOST_TEST(times[cause] == 2, cause);
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_cause_is_refused_with_a_suggestion) {
  for (const auto& [word, part] :
       std::map<std::string, std::string>{{"acept_queue", "did you mean 'accept_queue'?"},
                                          {"", "no cause ''"},
                                          {"bandwidth+", "no cause ''"},
                                          {"bandwidth+bandwidth", "two different ones"},
                                          {"bandwidth+server_cpu+packet_loss", "at most two"}}) {
    ScoreOptions options;
    options.causes = {word};
    BOOST_TEST(refused(options).find(part) != std::string::npos, refused(options));
  }
}

BOOST_AUTO_TEST_CASE(a_score_holds_when_each_kind_reaches_the_share) {
  std::vector<ScoredRun> runs(20);
  for (auto& run : runs) run.hidden = run.found = {"bandwidth"};
  BOOST_TEST(reaches(runs, 0.95));
  runs[0].found = {"accept_queue"};
  BOOST_TEST(reaches(runs, 0.95));
  runs[1].found.clear();
  BOOST_TEST(!reaches(runs, 0.95));
  BOOST_TEST(reaches(runs, 0.9));
  // Two causes are told, not judged.
  ScoredRun pair;
  pair.hidden = {"bandwidth", "server_cpu"};
  runs.push_back(pair);
  BOOST_TEST(reaches(runs, 0.9));
  // One kind does not make up for another.
  ScoredRun false_alarm;
  false_alarm.found = {"bandwidth"};
  runs.push_back(false_alarm);
  BOOST_TEST(!reaches(runs, 0.9));
}

BOOST_AUTO_TEST_CASE(a_miss_is_told_with_the_command_that_makes_it_again) {
  ScoredRun miss;
  miss.seed = 1'000'042;
  miss.hidden = {"bandwidth", "server_cpu"};
  miss.found = {"server_cpu"};
  const std::string text = score_markdown({miss}, "elblab score");
  BOOST_TEST(text.find("elblab score --show 1000042 --causes bandwidth+server_cpu") !=
             std::string::npos);
  BOOST_TEST(text.find("| bandwidth + server_cpu |  | 1 |  |") != std::string::npos, text);
  BOOST_TEST(text.find("0 of 1 diagnosed, 0.0 %") != std::string::npos);
}
