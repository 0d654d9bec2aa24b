#include "cli/shares/shares_report.hpp"
#include "models/scheduling/slot_table.hpp"

namespace elblab::cli {
namespace {

using nlohmann::ordered_json;

std::string_view name_of(config::SourceHash::Kind kind) {
  return kind == config::SourceHash::Kind::consistent ? "consistent" : "table";
}

// As many clients as with `clients` given; null without.
ordered_json disruption_of(const scheduling::Disruption& disruption, bool clients) {
  ordered_json json{{"slots_of_removed", disruption.slots_of_removed},
                    {"slots_moved", disruption.slots_moved}};
  json["clients_of_removed"] =
      clients ? ordered_json(disruption.clients_of_removed) : ordered_json(nullptr);
  json["clients_moved"] = clients ? ordered_json(disruption.clients_moved) : ordered_json(nullptr);
  return json;
}

ordered_json servers_of(const DueGroup& group, const DueView& view) {
  const bool hash = group.goes_by_hash();
  ordered_json servers = ordered_json::array();
  for (const DueServer& server : view.servers) {
    ordered_json json{{"server", server.name},
                      {"endpoint", server.endpoint.to_string()},
                      {"weight", server.weight},
                      {"usable", server.out_because.empty()},
                      {"because", server.out_because}};
    json["due_share"] = server.share;
    json["slots"] =
        hash ? ordered_json{{"consistent", server.consistent_slots}, {"table", server.static_slots}}
             : ordered_json(nullptr);
    json["clients"] = view.clients.empty() ? ordered_json(nullptr) : ordered_json(server.clients);
    servers.push_back(std::move(json));
  }
  return servers;
}

ordered_json removals_of(const DueGroup& group, const DueView& view) {
  const bool hash = group.goes_by_hash();
  ordered_json removals = ordered_json::array();
  for (const DueRemoval& removal : view.removals) {
    ordered_json json{{"removed", view.servers[removal.server].name},
                      {"share_to_share_out", view.servers[removal.server].share}};
    json["others_grow_by"] = removal.growth ? ordered_json(*removal.growth) : ordered_json(nullptr);
    const bool clients = !view.clients.empty();
    json["consistent"] = hash ? disruption_of(removal.consistent, clients) : ordered_json(nullptr);
    json["table"] = hash ? disruption_of(removal.numbered, clients) : ordered_json(nullptr);
    removals.push_back(std::move(json));
  }
  return removals;
}

ordered_json where_clients_go(const DueView& view) {
  ordered_json each = ordered_json::array();
  for (std::size_t i = 0; i < view.server_of_client.size(); ++i) {
    const std::size_t server = view.server_of_client[i];
    const bool somewhere = server < view.servers.size();
    each.push_back(
        {{"client", view.clients[i].to_string()},
         {"server", somewhere ? ordered_json(view.servers[server].name) : ordered_json(nullptr)}});
  }
  return each;
}

ordered_json view_json(const DueGroup& group, const DueView& view, const SharesReport& report) {
  ordered_json json{{"family", view.ipv6 ? "ipv6" : "ipv4"}};
  json["nodes_in"] = nullptr;
  if (view.place && *view.place < report.places.size()) {
    json["nodes_in"] = report.places[*view.place];
  }
  json["servers"] = servers_of(group, view);
  json["removals"] = removals_of(group, view);
  json["turns_in_round"] =
      view.turns_in_round > 0 ? ordered_json(view.turns_in_round) : ordered_json(nullptr);
  json["turns"] = ordered_json::array();
  for (const std::size_t turn : view.turns) json["turns"].push_back(view.servers[turn].name);
  const auto imbalance = view.imbalance();
  json["imbalance"] = imbalance ? ordered_json(*imbalance) : ordered_json(nullptr);
  if (report.each_client) json["clients"] = where_clients_go(view);
  return json;
}

ordered_json balancer_json(const DueBalancer& balancer, const SharesReport& report) {
  ordered_json groups = ordered_json::array();
  for (const DueGroup& group : balancer.groups) {
    ordered_json json{{"group", group.name},
                      {"algorithm", config::to_string(group.algorithm)},
                      {"listeners", group.listeners}};
    const bool hash = group.goes_by_hash();
    json["source_hash"] = hash ? ordered_json{{"kind", name_of(group.source_hash.kind)},
                                              {"seed", group.source_hash.seed}}
                               : ordered_json(nullptr);
    json["views"] = ordered_json::array();
    for (const DueView& view : group.views) json["views"].push_back(view_json(group, view, report));
    groups.push_back(std::move(json));
  }
  return {{"balancer", balancer.name},
          {"address", balancer.address},
          {"profile", balancer.profile},
          {"nodes", balancer.nodes},
          {"groups", std::move(groups)}};
}

}  // namespace

ordered_json shares_json(const SharesReport& report) {
  ordered_json json;
  json["file"] = report.file.empty() ? ordered_json(nullptr) : ordered_json(report.file);
  json["slots"] = scheduling::SlotTable::kSlots;
  json["clients"] = {{"given", report.clients.addresses().size()},
                     {"addresses", report.clients.distinct()}};
  json["balancers"] = ordered_json::array();
  for (const DueBalancer& balancer : report.balancers) {
    json["balancers"].push_back(balancer_json(balancer, report));
  }
  json["examples"] = ordered_json::array();
  for (const DueExample& example : report.examples) {
    const bool clients = !report.clients.addresses().empty();
    json["examples"].push_back({{"servers", example.servers},
                                {"removed", example.removed},
                                {"consistent", disruption_of(example.consistent, clients)},
                                {"table", disruption_of(example.numbered, clients)}});
  }
  return json;
}

}  // namespace elblab::cli
