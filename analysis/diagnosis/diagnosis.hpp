// Why did it fail? Ranked causes with their evidence, from what an operator could observe.
//
// diagnose() looks for symptoms (requests that failed, slow answers, uneven traffic), asks every
// cause of causes() for a finding, and ranks those it found by how much of the symptoms they
// explain. No cause sees what a laboratory knows and an operator does not: the causes read the
// trace through Observations (observations.hpp), which hides injected faults, link models and the
// scenario's text. The tree followed is DIAG-12 and its neighbours (behaviour.md §23).
//
// Time: linear in the samples; tables counted while the trace was written stand in for rows, so 10
// million connections take seconds at most.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/trace/reader.hpp"

namespace elblab::diagnosis {

enum class Standing : std::uint8_t {
  found,           // it is a cause
  ruled_out,       // looked at, and it is not; `because` says why
  not_observable,  // this trace does not show what it would take (a replay has no hosts)
};
enum class Confidence : std::uint8_t { possible, likely, certain };
std::string_view to_string(Standing standing);      // "ruled_out"
std::string_view to_string(Confidence confidence);  // "certain"

// One thing that shows it, and where to see it.
struct Evidence {
  std::string text;                   // a sentence with its figures
  std::string query;                  // SQL that gives the figure; empty: none
  std::vector<std::string> measures;  // curves that show it, "time_wait(c1)"
  Instant from = kStart;              // when
  Instant to = kNever;
  std::vector<std::uint64_t> connections;  // a handful of connection ids
};

struct Finding {
  std::string cause;  // its name in files and tests: "client_ports"
  std::string title;  // for a person: "client ports exhausted by TIME_WAIT"
  Standing standing = Standing::not_observable;
  Confidence confidence = Confidence::possible;
  // Share of Diagnosis::complaint() that it explains, 0 … 1: the rank.
  double explains = 0;
  std::vector<Evidence> evidence;
  std::string because;  // ruled_out, not_observable: why, with its figures
  // The way to it through a tree of the catalogue, a line each; empty: it is not told.
  std::vector<std::string> steps;
  std::vector<std::string> remedies;
  std::vector<std::string> facts;  // catalogue rows: "BW-07"
};

// What the user would complain about.
struct Symptom {
  std::string text;  // "140,840 of 282,000 requests of burst failed"
  // "failed_requests", "slow_answers", "lost_sessions", "uneven_traffic", "uneven_requests",
  // "unhealthy_servers", "flapping_servers", "falsely_healthy"
  std::string name;
  Instant from = kStart;
  Instant to = kNever;
};

struct Diagnosis {
  std::vector<Symptom> symptoms;
  // Groups whose servers got what they were due, a sentence each: "app is balanced: …".
  std::vector<std::string> balanced;
  std::vector<Finding> found;           // most explaining first
  std::vector<Finding> ruled_out;       // in the order of causes()
  std::vector<Finding> not_observable;  // likewise
  // Share of failures and slow answers that no cause found explains; 0 where there were none. Up to
  // kChance of them is not worth a word.
  double unexplained = 0;
  static constexpr double kChance = 0.1;
  // Symptoms without a cause among those known, or nothing wrong: one sentence.
  std::string verdict;

  // What findings explain a share of: the gravest of the symptoms. "what went wrong" (failures and
  // slow answers), "the lost sessions", "the unevenness".
  std::string_view complaint() const;
  bool nothing_wrong() const { return symptoms.empty() && found.empty(); }
};

Diagnosis diagnose(const trace::Reader& trace);

}  // namespace elblab::diagnosis
