#include "scenarios/language/changeable_fields.hpp"

#include <algorithm>
#include <array>

namespace elblab::language {
namespace {

constexpr std::string_view kUpdateMember = "update backend ecs";
constexpr std::string_view kUpdatePool = "update backend member group";
constexpr std::string_view kUpdateMonitor = "update healthmonitor";
constexpr std::string_view kUpdateBalancer = "update loadbalancer";
constexpr std::string_view kUpdateListener = "update listener";

constexpr std::array kChangeable{
    ChangeableField{"groups.*.servers.*", "member", "add backend ecs", "", "remove backend ecs"},
    ChangeableField{"groups.*.servers.*.weight", "member", kUpdateMember, kUpdateMember,
                    kUpdateMember},
    ChangeableField{"groups.*.algorithm", "pool", kUpdatePool, kUpdatePool, kUpdatePool},
    ChangeableField{"groups.*.stickiness", "pool", kUpdatePool, kUpdatePool, kUpdatePool},
    ChangeableField{"groups.*.stickiness.*", "pool", kUpdatePool, kUpdatePool, kUpdatePool},
    ChangeableField{"groups.*.health_check", "healthmonitor", "create healthmonitor", "",
                    "delete healthmonitor"},
    ChangeableField{"groups.*.health_check.*", "healthmonitor", kUpdateMonitor, kUpdateMonitor,
                    kUpdateMonitor},
    ChangeableField{"groups.*.deregistration_delay", "pool", kUpdatePool, kUpdatePool, kUpdatePool},
    ChangeableField{"listeners.*.idle_timeout", "listener", kUpdateListener, kUpdateListener,
                    kUpdateListener},
    ChangeableField{"listeners.*.transfer_client_ip", "listener", kUpdateListener, kUpdateListener,
                    kUpdateListener},
    ChangeableField{"listeners.*.access", "listener", kUpdateListener, kUpdateListener,
                    kUpdateListener},
    ChangeableField{"listeners.*.access.kind", "listener", "", kUpdateListener, ""},
    ChangeableField{"listeners.*.access.entries", "listener", "", kUpdateListener, ""},
    ChangeableField{"address_bound", "loadbalancer", kUpdateBalancer, kUpdateBalancer,
                    kUpdateBalancer},
    ChangeableField{"frozen", "", "", "", ""},         // not by an operator: LIFE-27
    ChangeableField{"eip.bandwidth", "", "", "", ""},  // GEN-06: not the balancer's own
};

bool fits(std::string_view pattern, const DottedPath& path) {
  const DottedPath parts = segments_of(pattern);
  return std::equal(parts.begin(), parts.end(), path.begin(), path.end(),
                    [](const std::string& part, const std::string& segment) {
                      return part == "*" || part == segment;
                    });
}

}  // namespace

const std::string_view kChangeableText =
    "at run time change: servers of a group (added, removed, their weight), its algorithm, "
    "stickiness, health_check and deregistration_delay, a listener's idle_timeout, access and "
    "transfer_client_ip, and the balancer's address_bound, frozen and eip.bandwidth";

const ChangeableField* find_changeable(const DottedPath& path) {
  const auto* const at =
      std::find_if(kChangeable.begin(), kChangeable.end(),
                   [&](const ChangeableField& field) { return fits(field.pattern, path); });
  return at == kChangeable.end() ? nullptr : at;
}

}  // namespace elblab::language
