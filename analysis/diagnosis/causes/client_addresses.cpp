// SCH-06, SCH-15a, SCH-15c, DIAG-10: where a client's address decides (source IP hash, sticky
// sessions), connections are as uneven as the addresses that they come from: few of them, or one
// with most of the connections.
//
// Told by the rule that was in force while shares were not those of weights, and by how many
// connections it decided. Where a trace does not say what the algorithm was, by who met whom:
// addresses that came again met the server of the first time.
#include <fmt/format.h>

#include "analysis/diagnosis/causes/causes.hpp"
#include "analysis/diagnosis/client_meetings.hpp"
#include "analysis/diagnosis/evidence.hpp"
#include "analysis/diagnosis/uneven_parts.hpp"

namespace elblab::diagnosis {
namespace {

enum class Rule { hash, stickiness, unknown };

std::string_view title_of(Rule rule) {
  switch (rule) {
    case Rule::hash:
      return "traffic uneven because the source hash goes by address";
    case Rule::stickiness:
      return "traffic uneven because sticky sessions bind addresses";
    case Rule::unknown:
      break;
  }
  return "traffic uneven because each client's address always meets the same server";
}

struct Look {
  Standing standing = Standing::ruled_out;
  std::string because;  // not found
  Rule rule = Rule::unknown;
  double explains = 0;
  Evidence evidence;
};

class ClientAddresses final : public Cause {
 public:
  CauseId id() const override { return CauseId::client_addresses; }

  Claims claims(const Case&) const override { return {}; }

  Finding finding(const Case& run, const Granted&, Finding finding) const override {
    const auto groups = uneven_groups(run.seen);
    if (groups.empty()) return ruled_out(std::move(finding), "servers got like shares");
    const auto traffic = run.seen.traffic();
    std::vector<Look> found;
    bool unknown = false;
    std::string why;
    for (const Unevenness& group : groups) {
      Look look = look_at(run, group, traffic);
      if (look.standing == Standing::found) {
        found.push_back(std::move(look));
        continue;
      }
      unknown = unknown || look.standing == Standing::not_observable;
      why += (why.empty() ? "" : "; ") + look.because;
    }
    if (found.empty()) {
      return unknown ? not_observable(std::move(finding), why) : ruled_out(std::move(finding), why);
    }
    return found_of(run, std::move(found), std::move(finding));
  }

 private:
  static Finding found_of(const Case& run, std::vector<Look> found, Finding finding) {
    double explains = 0;
    finding.confidence = Confidence::certain;
    Rule rule = found.front().rule;
    for (Look& look : found) {
      explains += look.explains;
      // Who met whom fits other rules, too, that are not known here.
      if (look.rule == Rule::unknown) finding.confidence = Confidence::likely;
      if (look.rule != rule) rule = Rule::unknown;
      finding.evidence.push_back(std::move(look.evidence));
    }
    finding.title = title_of(rule);
    finding.standing = Standing::found;
    finding.explains = run.has_worse_than_unevenness() ? 0 : explains / uneven_complaints(run);
    return finding;
  }

  static Look none(Standing standing, std::string because) {
    Look look;
    look.standing = standing;
    look.because = std::move(because);
    return look;
  }

  static Look look_at(const Case& run, const Unevenness& group,
                      const std::vector<trace::TrafficRow>& traffic) {
    const auto parts = parts_of(run.seen, group);
    if (!parts) {
      return none(Standing::not_observable,
                  fmt::format("the trace has no weights of group {}", group.group));
    }
    if (parts->follows) {
      return none(
          Standing::ruled_out,
          fmt::format("shares of group {} are those that its servers were due", group.group));
    }
    const ClientMeetings meetings = meetings_of(traffic, group, *parts);
    if (!parts->is_of_addresses && parts->rules.known) {
      return none(Standing::ruled_out, not_of_addresses(group, parts->rules));
    }
    if (!parts->is_of_addresses && !meetings.holds()) {
      return none(meetings.known() ? Standing::ruled_out : Standing::not_observable,
                  no_bond(group, meetings));
    }
    Look look;
    look.standing = Standing::found;
    look.rule = !parts->is_of_addresses          ? Rule::unknown
                : total(parts->rules.hashed) > 0 ? Rule::hash
                                                 : Rule::stickiness;
    look.explains = parts->part_of_rest();
    look.evidence = evidence_of(run, group, *parts, meetings, look.rule);
    return look;
  }

  static std::string not_of_addresses(const Unevenness& group, const GroupRules& rules) {
    if (total(rules.hashed) + total(rules.sticky) == 0) {
      return fmt::format("neither a source hash nor sticky sessions decided in group {}",
                         group.group);
    }
    return fmt::format(
        "shares of group {} part from what was due also where no address decided, or further than "
        "the {} connections whose address did could make them",
        group.group, count_text(total(rules.decided)));
  }

  static std::string no_bond(const Unevenness& group, const ClientMeetings& meetings) {
    if (!meetings.known()) {
      return fmt::format("the trace does not say whom clients of group {} met", group.group);
    }
    if (!meetings.came_again()) {
      return fmt::format("hardly an address came to group {} twice", group.group);
    }
    return fmt::format(
        "addresses that came to group {} again met other servers ({} of their connections were of "
        "ones that kept theirs)",
        group.group, percent_text(ratio(meetings.bound, meetings.again)));
  }

  static Evidence evidence_of(const Case& run, const Unevenness& group, const UnevenParts& parts,
                              const ClientMeetings& meetings, Rule rule) {
    Evidence evidence;
    evidence.text =
        rule_text(group, parts, rule) + addresses_text(meetings) + shares_text(group, parts.due);
    evidence.measures = scheduled_measures(group);
    evidence.query = fmt::format(
        "SELECT client, server, connections FROM traffic_view WHERE server LIKE '{}/%' ORDER BY "
        "connections DESC LIMIT 20",
        group.group);
    const Span span = rule == Rule::unknown
                          ? Span{kStart, run.seen.grid().end(run.seen.grid().columns - 1)}
                          : span_of(parts.rules.decided, run.seen.grid());
    evidence.from = span.from;
    evidence.to = span.to;
    return evidence;
  }

  static std::string rule_text(const Unevenness& group, const UnevenParts& parts, Rule rule) {
    const double decided = total(parts.rules.decided);
    switch (rule) {
      case Rule::hash:
        return fmt::format("the source hash of group {} decided {} of {} connections; ",
                           group.group, count_text(decided), count_text(group.all));
      case Rule::stickiness:
        return fmt::format("{} of {} connections of group {} went where their client was bound; ",
                           count_text(decided), count_text(group.all), group.group);
      case Rule::unknown:
        break;
    }
    return fmt::format("addresses that came to group {} again met the server of the first time; ",
                       group.group);
  }

  static std::string addresses_text(const ClientMeetings& meetings) {
    if (!meetings.known()) return {};
    return fmt::format("of {} address{} {} alone opened {}, {} to {}; ", meetings.addresses,
                       meetings.addresses == 1 ? "" : "es", meetings.busiest,
                       percent_text(ratio(meetings.of_busiest, meetings.all)),
                       meetings.to_its_server == meetings.of_busiest ? "all" : "most",
                       meetings.its_server);
  }
};

}  // namespace

const Cause& client_addresses() {
  static const ClientAddresses kCause;
  return kCause;
}

}  // namespace elblab::diagnosis
