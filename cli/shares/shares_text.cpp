#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "analysis/expectations/text.hpp"
#include "cli/shares/shares_report.hpp"
#include "cli/text/paragraph.hpp"
#include "cli/text/text_table.hpp"
#include "models/scheduling/slot_table.hpp"

namespace elblab::cli {
namespace {

using config::Algorithm;
using expectations::count_text;
using scheduling::Disruption;

// Of clients, shown one by one without being asked for.
constexpr std::size_t kFewClients = 16;
constexpr std::size_t kWidth = 80;

std::string percent(double share) { return fmt::format("{:.2f} %", 100 * share); }

std::string of_slots(std::uint32_t slots) {
  return percent(static_cast<double>(slots) / scheduling::SlotTable::kSlots);
}

std::string number_of(std::size_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count_text(count), count == 1 ? one : many);
}

// Those of the server that goes, too.
std::size_t moved_clients(const Disruption& disruption) {
  return disruption.clients_of_removed + disruption.clients_moved;
}

class SharesText {
 public:
  SharesText(const SharesReport& report, const Terminal& out) : report_(report), out_(out) {}

  std::string all() {
    for (const DueBalancer& balancer : report_.balancers) add_balancer(balancer);
    if (!report_.examples.empty()) add_examples();
    return std::move(text_);
  }

 private:
  std::string dim(std::string_view text) const { return out_.styled(text, Style::dim); }
  void say(std::string_view label, const std::string& words) {
    text_ += paragraph(label, words, std::min(out_.width(), kWidth));
  }

  void add_balancer(const DueBalancer& balancer) {
    text_ += fmt::format("{}{}  {}  profile {}, {}\n", text_.empty() ? "" : "\n",
                         out_.styled(balancer.name, Style::bold), balancer.address,
                         balancer.profile, number_of(balancer.nodes, "node", "nodes"));
    for (const DueGroup& group : balancer.groups) add_group(balancer, group);
  }

  void add_group(const DueBalancer& balancer, const DueGroup& group) {
    const std::string where =
        group.listeners.empty()
            ? "no listener"
            : fmt::format("listener{} {}", group.listeners.size() == 1 ? "" : "s",
                          fmt::join(group.listeners, ", "));
    text_ += fmt::format("\n{}  {}  {}\n", out_.styled(group.name, Style::bold),
                         algorithm_text(group), dim(where));
    for (const DueView& view : group.views) {
      add_view(group, view);
      if (group.goes_by_hash()) continue;
      add_turns(balancer, group, view);
    }
    if (group.goes_by_hash()) {
      say("  ", "Weights change nothing here, but that 0 takes a server out (SCH-07).");
    }
    if (group.algorithm == Algorithm::connection_id) {
      say("  ",
          "This is where a connection begins; from its server's answer on its connection ID "
          "decides "
          "(SCH-02).");
    }
  }

  std::string algorithm_text(const DueGroup& group) const {
    switch (group.algorithm) {
      case Algorithm::weighted_round_robin:
        return "weighted round robin";
      case Algorithm::weighted_least_connections:
        return "weighted least connections";
      case Algorithm::connection_id:
      case Algorithm::source_ip_hash:
        break;
    }
    const std::string_view table =
        group.source_hash.kind == config::SourceHash::Kind::consistent ? "consistent" : "static";
    std::string text = group.algorithm == Algorithm::connection_id
                           ? fmt::format("connection ID, else source IP hash, {} table", table)
                           : fmt::format("source IP hash, {} table of {} slots", table,
                                         count_text(scheduling::SlotTable::kSlots));
    if (group.source_hash.seed != 0) text += fmt::format(", seed {}", group.source_hash.seed);
    return text;
  }

  // Said only where there is more than one.
  std::string view_text(const DueGroup& group, const DueView& view) const {
    const auto first = group.views.front().ipv6;
    const bool families = std::any_of(group.views.begin(), group.views.end(),
                                      [&](const DueView& each) { return each.ipv6 != first; });
    std::string text = families ? (view.ipv6 ? "for IPv6 clients" : "for IPv4 clients") : "";
    if (view.place) {
      const std::string name = *view.place < report_.places.size()
                                   ? report_.places[*view.place]
                                   : fmt::format("place {}", *view.place);
      text += fmt::format("{}by the nodes of {}", text.empty() ? "" : ", ", name);
    }
    return text;
  }

  void add_view(const DueGroup& group, const DueView& view) {
    const std::string which = view_text(group, view);
    if (!which.empty()) text_ += fmt::format("  {}\n", which);
    add_servers(group, view);
    if (!view.clients.empty()) add_clients(group, view);
    if (!view.removals.empty()) add_removals(group, view);
  }

  void add_servers(const DueGroup& group, const DueView& view) {
    const bool hash = group.goes_by_hash();
    const bool clients = !view.clients.empty();
    TextTable table(4, std::string("llrr") + (hash ? "rr" : "") + (clients ? "r" : "") + "l");
    std::vector<std::string> head{dim("server"), "", dim("weight"), dim("due")};
    if (hash) head.insert(head.end(), {dim("slots"), dim("static table")});
    if (clients) head.push_back(dim("clients"));
    table.add(std::move(head));
    for (const DueServer& server : view.servers) {
      std::vector<std::string> row{server.name, server.endpoint.to_string(),
                                   fmt::format("{}", server.weight), percent(server.share)};
      if (hash) {
        row.push_back(count_text(server.consistent_slots));
        row.push_back(count_text(server.static_slots));
      }
      if (clients) row.push_back(count_text(server.clients));
      row.push_back(server.out_because);
      table.add(std::move(row));
    }
    text_ += table.text();
  }

  void add_clients(const DueGroup& group, const DueView& view) {
    const auto imbalance = view.imbalance();
    if (!imbalance) return say("  ", "No server may be chosen: every client is turned away.");
    std::string words = number_of(view.clients.size(), "client", "clients");
    words += group.goes_by_hash()
                 ? ": each always meets the server of its slot. "
                 : ", each with one connection that stays, through one node: addresses do not "
                   "matter. ";
    words += fmt::format("The busiest server has {:.2f} times an equal part.", *imbalance);
    say("  ", words);
    if (view.server_of_client.empty()) return;
    if (view.clients.size() > kFewClients && !report_.each_client) return;
    TextTable table(4, "ll");
    for (std::size_t i = 0; i < view.clients.size(); ++i) {
      table.add({view.clients[i].to_string(), "→ " + view.servers[view.server_of_client[i]].name});
    }
    text_ += table.text();
  }

  void add_removals(const DueGroup& group, const DueView& view) {
    if (group.goes_by_hash()) {
      add_hash_removals(view);
    } else {
      add_weighted_removals(view);
    }
  }

  void add_hash_removals(const DueView& view) {
    const bool clients = !view.clients.empty();
    std::vector<Named> rows;
    for (const DueRemoval& removal : view.removals) {
      rows.push_back(
          {"without " + view.servers[removal.server].name, removal.consistent, removal.numbered});
    }
    add_disruptions(rows, clients);
  }

  struct Named {
    std::string name;
    Disruption consistent;
    Disruption numbered;
  };

  // What the one that goes had finds another server with any table; the rest should stay.
  void add_disruptions(const std::vector<Named>& rows, bool clients) {
    TextTable table(4, "lrrrrr");
    std::vector<std::string> head{"", dim("its slots"), dim("others' moved")};
    if (clients) {
      head.insert(head.end(), {dim("static table's"), dim("clients moved"), dim("static")});
    } else {
      head.insert(head.end(), {"", dim("with the static table"), ""});
    }
    table.add(std::move(head));
    for (const Named& row : rows) {
      std::vector<std::string> cells{row.name, count_text(row.consistent.slots_of_removed),
                                     count_text(row.consistent.slots_moved)};
      if (!clients) cells.push_back(of_slots(row.consistent.slots_moved));
      cells.push_back(count_text(row.numbered.slots_moved));
      if (clients) {
        cells.push_back(count_text(moved_clients(row.consistent)));
        cells.push_back(count_text(moved_clients(row.numbered)));
      } else {
        cells.push_back(of_slots(row.numbered.slots_moved));
      }
      table.add(std::move(cells));
    }
    text_ += table.text();
  }

  void add_weighted_removals(const DueView& view) {
    TextTable table(4, "lrrl");
    table.add({"", dim("to share out"), dim("others get"), dim("the busiest then")});
    for (const DueRemoval& removal : view.removals) {
      const DueServer& gone = view.servers[removal.server];
      if (!removal.growth) {
        table.add({"without " + gone.name, percent(gone.share), "-", "nobody is left"});
        continue;
      }
      const DueServer* busiest = nullptr;
      for (const DueServer& other : view.servers) {
        if (&other != &gone && (busiest == nullptr || other.share > busiest->share)) {
          busiest = &other;
        }
      }
      table.add({"without " + gone.name, percent(gone.share),
                 fmt::format("× {:.3f}", *removal.growth),
                 fmt::format("{} {}", busiest->name, percent(busiest->share * *removal.growth))});
    }
    text_ += table.text();
  }

  void add_turns(const DueBalancer& balancer, const DueGroup& group, const DueView& view) {
    std::string words;
    if (!view.turns.empty()) {
      std::vector<std::string> names;
      for (const std::size_t turn : view.turns) names.push_back(view.servers[turn].name);
      const bool cut = view.turns_in_round > view.turns.size();
      words = fmt::format("A round is {}: {}{}. ",
                          number_of(view.turns_in_round, "connection", "connections"),
                          fmt::join(names, " "), cut ? " …" : "");
    }
    if (group.algorithm == Algorithm::weighted_least_connections) {
      words =
          "Of the connections that are open: the next goes where there are fewest for the "
          "weight. ";
    }
    if (!words.empty() && balancer.nodes > 1) {
      words += fmt::format("Each of the {} nodes counts for itself. ", balancer.nodes);
    }
    if (!view.removals.empty()) words += "Connections that stand do not move.";
    if (!words.empty()) say("  ", words);
  }

  void add_examples() {
    text_ += fmt::format(
        "{}{}  of {} slots{}\n", text_.empty() ? "" : "\n",
        out_.styled("source IP hash, one of N servers removed", Style::bold),
        count_text(scheduling::SlotTable::kSlots),
        report_.example_hash.seed == 0 ? "" : fmt::format(", seed {}", report_.example_hash.seed));
    std::vector<Named> rows;
    for (const DueExample& example : report_.examples) {
      rows.push_back({fmt::format("{} without {}", count_text(example.servers), example.removed),
                      example.consistent, example.numbered});
    }
    add_disruptions(rows, !report_.clients.addresses().empty());
  }

  const SharesReport& report_;
  const Terminal& out_;
  std::string text_;
};

}  // namespace

std::string shares_text(const SharesReport& report, const Terminal& out) {
  return SharesText(report, out).all();
}

}  // namespace elblab::cli
