#include "models/health/prober.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "models/contract/require.hpp"

namespace elblab::health {

using host::SocketError;
using host::SocketId;
using telemetry::Reason;
using workload::SocketMap;

namespace {

// Not empty: with nothing in it some stacks send nothing at all, and everybody is healthy.
constexpr std::string_view kDatagram = "elblab health check\n";

Reason reason_of(SocketError error) {
  switch (error) {
    case SocketError::connection_refused:
      return Reason::refused_by_peer;
    case SocketError::connection_reset:
      return Reason::reset_by_peer;
    case SocketError::timed_out:
      return Reason::timed_out;
    case SocketError::host_unreachable:
      return Reason::unreachable;
    default:
      return Reason::could_not_send;
  }
}

std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

TargetNumber Prober::add(random::Stream stream) {
  targets_.emplace_back(stream);
  return static_cast<TargetNumber>(timers_.add());
}

void Prober::begin(TargetNumber number, const Check& check, Verdict initial, Instant now) {
  Target& target = targets_[number];
  ELBLAB_REQUIRE(!target.check, "it is not probed yet");
  target.check = check;
  target.judgement = Judgement(check.retries, initial);
  const auto interval = static_cast<std::uint64_t>(check.interval.count());
  target.next_start = now + Duration(static_cast<std::int64_t>(target.stream.below(interval)));
  set_timer(number);
}

void Prober::change(TargetNumber number, const Check& check, Instant now) {
  Target& target = targets_[number];
  ELBLAB_REQUIRE(target.check.has_value(), "it is probed");
  const Instant last_start = target.next_start - target.check->interval;
  if (check.interval != target.check->interval) {
    target.next_start = std::max(now, std::min(target.next_start, last_start + check.interval));
  }
  target.check = check;
  target.judgement.set_retries(check.retries);
  set_timer(number);
}

void Prober::stop(TargetNumber number, Instant now) {
  Target& target = targets_[number];
  const bool echoes = target.check->protocol == config::ProbeProtocol::udp;
  leave(target, now);
  if (echoes) forget_echoes(target);
  target.check.reset();
  target.judgement = Judgement(1);
  set_timer(number);
}

void Prober::set_timer(TargetNumber number) {
  const Target& target = targets_[number];
  Instant due = kNever;
  if (target.phase != Phase::idle) {
    due = target.deadline;
  } else if (target.check) {
    due = target.next_start;
  }
  timers_.set(number, due);
  moved();
}

void Prober::advance(Instant now) {
  for (std::size_t due = timers_.first_due(0, now); due < timers_.size();
       due = timers_.first_due(due, now)) {
    const auto number = static_cast<TargetNumber>(due);
    if (targets_[number].phase != Phase::idle) {
      deadline_reached(number, now);
    } else {
      start_probe(number, now);
    }
  }
}

// The grid of starts stays where it is; a world whose clock is late leaves out what it missed.
void Prober::start_probe(TargetNumber number, Instant now) {
  Target& target = targets_[number];
  const Check& check = *target.check;
  target.next_start += check.interval;
  if (target.next_start <= now) target.next_start = now + check.interval;
  target.started = now;
  target.deadline = now + check.timeout;
  target.answer = HttpAnswer();
  target.success_codes = check.success_codes;
  if (check.impossible != Reason::none) {
    end(number, check.impossible, now);
  } else if (check.protocol == config::ProbeProtocol::udp) {
    start_echo(number, now);
  } else {
    start_connection(number, now);
  }
}

void Prober::start_connection(TargetNumber number, Instant now) {
  Target& target = targets_[number];
  target.phase = Phase::connecting;
  const auto result = sockets_.connect({}, target.check->target, events(), now);
  if (result.error != SocketError::none) {
    end(number, Reason::could_not_send, now);
    return;
  }
  target.socket = result.socket;
  by_socket_.insert(result.socket, number);
  set_timer(number);
}

void Prober::start_echo(TargetNumber number, Instant now) {
  Target& target = targets_[number];
  target.phase = Phase::echo;
  target.echo_number = next_echo_++;
  by_echo_[target.echo_number] = {number, now};
  if (!echoes_.send_echo(target.check->target.address, target.echo_number, now)) {
    end(number, Reason::could_not_send, now);
    return;
  }
  set_timer(number);
}

void Prober::echo_reply(const net::IpAddress& from, std::uint16_t number, Instant now) {
  const auto found = by_echo_.find(number);
  if (found == by_echo_.end()) return;
  const Echo echo = found->second;
  Target& target = targets_[echo.target];
  if (target.check->target.address != from) return;
  const bool in_time = target.phase == Phase::echo && target.echo_number == number;
  if (target.late_echo == number) target.late_echo.reset();
  by_echo_.erase(found);
  watch_.probe_answered(echo.target, now - echo.sent);
  if (in_time) send_datagram(echo.target, now);
}

void Prober::forget_echoes(Target& target) {
  by_echo_.erase(target.echo_number);
  if (target.late_echo) by_echo_.erase(*target.late_echo);
  target.late_echo.reset();
}

void Prober::send_datagram(TargetNumber number, Instant now) {
  Target& target = targets_[number];
  target.phase = Phase::silence;
  const net::Endpoint& to = target.check->target;
  const auto result = sockets_.open_udp({}, to, events(), now);
  if (result.error != SocketError::none) {
    end(number, Reason::could_not_send, now);
    return;
  }
  target.socket = result.socket;
  by_socket_.insert(result.socket, number);
  if (sockets_.send_datagram(result.socket, to, bytes_of(kDatagram), now) != SocketError::none) {
    end(number, Reason::could_not_send, now);
  }
}

void Prober::on_connected(SocketId socket, Instant now) {
  const TargetNumber number = by_socket_.find(socket);
  if (number == SocketMap::kNone) return;
  Target& target = targets_[number];
  if (target.check->request.empty()) {
    watch_.probe_answered(number, now - target.started);
    end(number, Reason::none, now);
    return;
  }
  target.phase = Phase::answer;
  const SocketError error = sockets_.send(socket, bytes_of(target.check->request), now);
  if (error != SocketError::none) end(number, reason_of(error), now);
}

void Prober::on_received(SocketId socket, std::span<const std::uint8_t> bytes, Instant now) {
  const TargetNumber number = by_socket_.find(socket);
  if (number == SocketMap::kNone) return;
  Target& target = targets_[number];
  switch (target.answer.read(bytes)) {
    case HttpAnswer::State::incomplete:
      return;
    case HttpAnswer::State::broken:
      end(number, Reason::bad_answer, now);
      return;
    case HttpAnswer::State::complete:
      break;
  }
  watch_.probe_answered(number, now - target.started);
  const auto& codes = target.success_codes;
  const bool right = std::find(codes.begin(), codes.end(), target.answer.status()) != codes.end();
  end(number, right ? Reason::none : Reason::wrong_code, now);
}

void Prober::on_peer_finished(SocketId socket, Instant now) {
  const TargetNumber number = by_socket_.find(socket);
  if (number != SocketMap::kNone) end(number, Reason::bad_answer, now);
}

void Prober::on_datagram(SocketId socket, const net::Endpoint&, std::span<const std::uint8_t>,
                         Instant now) {
  const TargetNumber number = by_socket_.find(socket);
  if (number != SocketMap::kNone) end(number, Reason::none, now);  // there is somebody
}

void Prober::on_closed(SocketId socket, SocketError error, Instant now) {
  const TargetNumber number = by_socket_.find(socket);
  if (number == SocketMap::kNone) return;
  Target& target = targets_[number];
  by_socket_.erase(socket);
  target.socket = 0;
  const bool refused = error == SocketError::connection_refused;
  if (target.phase == Phase::silence && refused) {
    end(number, Reason::port_unreachable, now);
  } else if (error == SocketError::none) {
    end(number, Reason::bad_answer, now);  // closed without an answer
  } else if (error == SocketError::not_connected) {
    end(number, Reason::reset_by_peer, now);  // EPIPE: reset after it had finished
  } else {
    end(number, reason_of(error), now);
  }
}

void Prober::deadline_reached(TargetNumber number, Instant now) {
  switch (targets_[number].phase) {
    case Phase::connecting:
      end(number, Reason::timed_out, now);
      return;
    case Phase::answer:
      end(number, Reason::no_answer, now);
      return;
    case Phase::echo:
      end(number, Reason::echo_lost, now);
      return;
    case Phase::silence:
      end(number, Reason::none, now);  // HC-42
      return;
    case Phase::idle:
      return;
  }
}

void Prober::end(TargetNumber number, Reason reason, Instant now) {
  Target& target = targets_[number];
  ProbeResult result;
  result.target = number;
  result.started = target.started;
  result.ended = now;
  result.reason = reason;
  if (target.answer.state() == HttpAnswer::State::complete) result.status = target.answer.status();
  result.before = target.judgement.verdict();
  leave(target, now);
  target.judgement.note(result.passed());
  result.after = target.judgement.verdict();
  set_timer(number);
  watch_.probe_ended(result);  // may change this target, or add others
}

void Prober::leave(Target& target, Instant now) {
  if (target.phase == Phase::echo) {
    // How late its reply is tells a short timeout from a host that is gone.
    if (target.late_echo) by_echo_.erase(*target.late_echo);
    target.late_echo = target.echo_number;
  }
  target.phase = Phase::idle;
  const SocketId socket = std::exchange(target.socket, 0);
  if (socket == 0) return;
  by_socket_.erase(socket);
  sockets_.close(socket, now);
}

}  // namespace elblab::health
