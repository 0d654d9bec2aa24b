#include "pcap/replay/replay.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>

#include "pcap/link_layer.hpp"
#include "pcap/replay/engine.hpp"
#include "pcap/replay/trace_time.hpp"
#include "pcap/writer.hpp"

namespace elblab::replay {
namespace {

constexpr std::uint64_t kRecordsPerProgress = 8192;

trace::RunMetadata metadata_of(const ReplayOptions& options) {
  trace::RunMetadata metadata;
  metadata.scenario = options.balancer_id;
  metadata.run = options.capture.filename().string();
  metadata.title = options.capture.filename().string() + " through " + options.balancer_id;
  metadata.world = "replay";
  metadata.scenario_text = options.balancer_text;
  metadata.seed = options.seed;
  metadata.program_version = ELBLAB_VERSION;
  metadata.world_version = "replay";
  metadata.sample_interval = options.sample_interval;
  return metadata;
}

class Run {
 public:
  explicit Run(const ReplayOptions& options)
      : options_(options), plan_(options.balancers), renaming_({}) {
    if (!options_.surroundings) return;
    for (const language::HostSpec& host : options_.surroundings->hosts) {
      for (const net::IpAddress& address : host.addresses) plan_.add_host(address);
    }
  }

  Expected<ReplayReport, ReplayError> take() {
    if (auto opened = open(); !opened) return opened.error();
    begin();
    const auto played = play();
    const auto ended = end();
    if (!played) return could_not_run(played.error());
    if (!ended) return could_not_run(ended.error());
    return std::move(report_);
  }

 private:
  using Cause = ReplayError::Cause;
  static ReplayError bad_input(Error error) { return {std::move(error), Cause::bad_input}; }
  static ReplayError could_not_run(Error error) { return {std::move(error), Cause::could_not_run}; }

  Expected<void, ReplayError> open();
  void begin();
  Expected<void> play();
  bool play_pass();
  bool play_records(std::span<const pcap::Record> records);
  // False: the run is over.
  bool play_packet(PacketBatch::Packet& packet);
  Expected<void> end();
  void describe();
  void describe_servers();
  std::string conservation_problem() const;

  const ReplayOptions& options_;
  ReplayReport report_;
  AddressPlan plan_;
  Renaming renaming_;
  std::unique_ptr<pcap::Reader> reader_;
  std::unique_ptr<pcap::Writer> writer_;
  std::unique_ptr<worlds::Recording> recording_;
  TraceTime time_;
  std::optional<Engine> engine_;
  std::optional<InputSorter> sorter_;
  PacketBatch batch_;
  std::uint64_t bytes_ = 0;
  std::uint64_t next_progress_ = kRecordsPerProgress;
};

Expected<void, ReplayError> Run::open() {
  auto reader = pcap::Reader::open(options_.capture);
  if (!reader) return bad_input(reader.error());
  reader_ = std::move(*reader);
  report_.format = reader_->format();
  const std::string name = options_.capture.string();
  auto roles = find_roles(*reader_, name, options_.balancers, options_.roles);
  if (!roles) return bad_input(roles.error());
  report_.roles = std::move(*roles);
  if (!options_.write.empty()) {
    auto writer = pcap::Writer::open(options_.write);
    if (!writer) return could_not_run(writer.error());
    writer_ = std::move(*writer);
  }
  auto recording = worlds::Recording::open(options_.trace, metadata_of(options_), options_.packets);
  if (!recording) return could_not_run(recording.error());
  recording_ = std::move(*recording);
  return {};
}

void Run::begin() {
  renaming_ = Renaming(report_.roles.rules);
  engine_.emplace(options_.balancers,
                  Engine::Options{options_.seed, options_.routes, options_.return_path,
                                  options_.sample_interval, options_.roles.probe_sources,
                                  options_.surroundings ? &*options_.surroundings : nullptr},
                  *recording_, time_, writer_.get());
  sorter_.emplace(report_.roles.side, plan_, engine_->network());
}

Expected<void> Run::play() {
  Expected<void> played;
  for (unsigned pass = 0; pass < options_.loops; ++pass) {
    ++report_.passes;
    if (!play_pass() || pass + 1 == options_.loops) break;
    played = reader_->rewind();
    if (!played) break;
    // As far apart as records are on average, so that passes follow each other at the same rate.
    const Duration length = time_.last() - time_.first();
    const auto apart =
        length.count() / static_cast<std::int64_t>(std::max<std::uint64_t>(report_.records, 1));
    time_.begin_pass(Duration{std::max<std::int64_t>(apart, 1)});
  }
  report_.read = reader_->report();
  return played;
}

bool Run::play_pass() {
  std::array<pcap::Record, PacketBatch::kPackets> records;
  while (const std::size_t count = reader_->next_batch(records)) {
    if (!play_records({records.data(), count})) return false;
    if (report_.records < next_progress_ || !options_.on_progress) continue;
    next_progress_ += kRecordsPerProgress;
    const Duration trace_time = time_.begun() ? time_.last() - time_.first() : Duration{0};
    if (!options_.on_progress({report_.records, bytes_, trace_time})) {
      report_.stopped = true;
      return false;
    }
    if (recording_->failed() || (writer_ && writer_->failed())) return false;
  }
  return true;
}

bool Run::play_records(std::span<const pcap::Record> records) {
  batch_.clear();
  for (const pcap::Record& record : records) {
    ++report_.records;
    bytes_ += record.bytes.size();
    const pcap::Frame frame = pcap::open_frame(record.link_type, record.bytes);
    switch (frame.content) {
      case pcap::FrameContent::ip:
        ++report_.frames.ip;
        batch_.add(record, frame.packet);
        break;
      case pcap::FrameContent::not_ip:
        ++report_.frames.not_ip;
        break;
      case pcap::FrameContent::cut_short:
        ++report_.frames.cut_short;
        break;
      case pcap::FrameContent::unknown_link_type:
        ++report_.frames.unknown_link_type;
        break;
    }
  }
  const network::Fabric& fabric = engine_->network().fabric();
  for (PacketBatch::Packet& packet : batch_.packets()) {
    if (packet.error != net::ParseError::none) {
      packet.lookup = {};
      continue;
    }
    renaming_.apply(packet.view);
    fabric.look_up(packet.view, packet.lookup);
  }
  for (const PacketBatch::Packet& packet : batch_.packets()) {
    fabric.prefetch_record(packet.lookup);
  }
  for (PacketBatch::Packet& packet : batch_.packets()) {
    if (!play_packet(packet)) return false;
  }
  return true;
}

bool Run::play_packet(PacketBatch::Packet& packet) {
  const bool first = !time_.begun();
  const Instant at = time_.of(packet.at_ns);
  if (first) engine_->start(at);
  if (options_.until && at >= *options_.until) return false;
  engine_->run_to(at);
  if (engine_->take_probe(packet)) return true;
  if (packet.error != net::ParseError::none) {
    sorter_->count_unreadable();  // the engine says why it cannot use it
  } else if (!sorter_->admit(packet.view, packet.lookup)) {
    return true;
  }
  engine_->receive(packet);
  return true;
}

Expected<void> Run::end() {
  report_.first = time_.first();
  report_.end = time_.last();
  if (options_.until && !report_.stopped) {
    report_.end = *options_.until;
    engine_->run_before(report_.end);
  } else if (!report_.stopped) {
    report_.end += options_.drain;
    engine_->run_to(report_.end);
  }
  report_.open_at_end = engine_->network().gauges();
  engine_->finish(report_.end);
  describe();
  Expected<void> written;
  if (writer_) written = writer_->close();
  if (!report_.stopped) {
    if (auto recorded = recording_->finish(report_.end); written) written = std::move(recorded);
  }
  return written;
}

void Run::describe() {
  report_.repairs = batch_.repairs();
  report_.inputs = sorter_->counts();
  report_.health = engine_->health();
  report_.time_jumps = time_.jumps();
  report_.engine = engine_->network().totals();
  report_.packets_sent = engine_->packets_sent();
  report_.bytes_sent = engine_->bytes_sent();
  report_.decisions_seen = sorter_->decisions().seen();
  report_.decisions_shared = sorter_->decisions().shared();
  report_.sampling_ended_early = engine_->sampling_ended_early();
  report_.conservation_problem = conservation_problem();
  describe_servers();
}

void Run::describe_servers() {
  const auto& places = plan_.all_servers();
  for (std::size_t i = 0; i < places.size(); ++i) {
    const language::ServerPlace place{places[i].balancer, places[i].group, places[i].server};
    ServerShare share{language::server_object(options_.balancers, place), places[i].endpoint, 0,
                      sorter_->decisions().captured()[i]};
    const forwarding::Balancer& balancer = engine_->network().balancer(place.balancer);
    for (std::size_t node = 0; node < balancer.nodes(); ++node) {
      share.scheduled += balancer.node(node).scheduled_connections(place.group, place.server);
    }
    report_.servers.push_back(std::move(share));
  }
}

std::string Run::conservation_problem() const {
  const forwarding::ForwarderCounters& c = report_.engine;
  if (c.packets_in != engine_->packets_received()) {
    return fmt::format("{} packets were given to the engine, it counted {}",
                       engine_->packets_received(), c.packets_in);
  }
  if (!c.conserved()) {
    return fmt::format("engine: {} packets in, {} forwarded, {} absorbed, {} dropped, {} waiting",
                       c.packets_in, c.packets_forwarded, c.packets_absorbed, c.dropped_total(),
                       c.packets_waiting);
  }
  if (c.packets_sent() != report_.packets_sent) {
    return fmt::format("engine: {} packets forwarded or made, {} came out", c.packets_sent(),
                       report_.packets_sent);
  }
  return {};
}

}  // namespace

Expected<ReplayReport, ReplayError> replay(const ReplayOptions& options) {
  return Run(options).take();
}

}  // namespace elblab::replay
