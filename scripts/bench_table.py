#!/usr/bin/env python3
"""Prints the figures that the project watches, beside their aims, from Google Benchmark's JSON.

    scripts/bench_table.py <result.json>...

A figure whose benchmark did not run (--benchmark_filter) is left out.
"""
import json
import sys


def read(files):
    runs = {}
    for name in files:
        with open(name, encoding="utf-8") as file:
            for run in json.load(file)["benchmarks"]:
                if run.get("error_occurred"):
                    continue
                # "pooled_links/4/real_time" is told by "pooled_links/4"
                runs[run["name"].replace("/real_time", "").replace("/iterations:1", "")] = run
    return runs


def counter(runs, name, key):
    return runs[name][key] if name in runs and key in runs[name] else None


def ratio(a, b):
    return a / b if a is not None and b else None


def ms(runs, name):
    per = {"ns": 1e6, "us": 1e3, "ms": 1, "s": 1e-3}
    return runs[name]["real_time"] / per[runs[name]["time_unit"]] if name in runs else None


def ns(runs, name):
    value = ms(runs, name)
    return None if value is None else value * 1e6


def figures(runs):
    """(what, value, unit, relation, aim); aim None: watched, without an aim."""
    def one(key, name, what, unit, relation, aim):
        return (what, counter(runs, name, key), unit, relation, aim)

    rate = "connections/s"
    pooled = counter(runs, "pooled_links/4", rate)
    traced = counter(runs, "pooled_links_with_trace", rate)
    ns3_tcp = counter(runs, "ns3_tcp", rate)
    model = counter(runs, "model_at_the_load_of_ns3_tcp", rate)
    batch = "established<InBatches>/flows:1000000/random:1"
    single = "established<OneByOne>/flows:1000000/random:"
    yield one("ns_over_baseline", batch, "established fullNAT packet, 1 M flows, random, in batches", "ns", "≤", 150)
    yield one("ns_over_baseline", single + "1", "  the same one by one", "ns", "≤", 150)
    yield one("ns_over_baseline", single + "0", "  one by one, neighbouring flows", "ns", "≤", 150)
    yield one("ns_over_baseline", "new_connections/flows:1000000/reserved:0", "new connection, table growing from empty", "ns", "≤", 800)
    yield one("ns_over_baseline", "new_connections/flows:1000000/reserved:1", "  table reserved", "ns", "≤", 800)
    yield one("bytes_per_flow", "new_connections/flows:1000000/reserved:0", "memory per connection", "B", "≤", 128)
    for algorithm, what in (("round_robin", "weighted round robin"), ("least_connections", "weighted least connections"),
                            ("source_hash", "source IP hash"), ("connection_id", "connection ID")):
        for servers in (10, 100, 1000):
            name = f"{algorithm}/servers:{servers}"
            yield (f"a decision of {what}, {servers} servers", ns(runs, name), "ns", "", None)
    for name, what in (("sticky", "look-up of one of 1 M sticky clients"), ("sticky_new", "a new one pushes out another")):
        yield (what, ns(runs, f"{name}/servers:10"), "ns", "", None)
    yield ("memory per sticky client", counter(runs, "sticky/servers:10", "bytes_per_client"), "B", "", None)
    yield ("memory per connection ID", counter(runs, "connection_id/servers:10", "bytes_per_id"), "B", "", None)
    yield one("real_time", "rebuild/servers:10", "source IP hash, table of 10 servers filled", "ms", "≤", 3)
    yield one("real_time", "rebuild/servers:1000", "  of 1000 servers", "ms", "≤", 40)
    yield ("short connections over ns-3 links", counter(runs, "ns3_point_to_point_links", rate), "/s", "≥", 30000)
    yield ("short connections over pooled links", pooled, "/s", "≥", 150000)
    yield ("  over ns-3's own TCP sockets", ns3_tcp, "/s", "", None)
    yield ("  host model on ns-3 links at the same load, against ns-3's TCP", ratio(model, ns3_tcp), "×", "", None)
    yield ("  host model on pooled links, against ns-3's TCP", ratio(pooled, ns3_tcp), "×", "", None)
    share = ratio(traced, pooled)
    yield ("share of a run's time that tracing costs", None if share is None else 100 * (1 - share), "%", "≤", 25)
    name = next((n for n in runs if n.startswith("end_to_end/connections:1250000")), None)
    rows = counter(runs, name, "rows/s") if name else None
    yield ("trace rows, end to end with indices", rows, "/s", "≥", 1500000)
    for mixed, what in ((0, "64 bytes"), (1, "mixed sizes")):
        read = counter(runs, f"read_capture/mixed:{mixed}", "packets/s")
        copy = counter(runs, f"copy_capture/mixed:{mixed}", "packets/s")
        yield (f"reading a capture, packets of {what}", ratio(1e9, read), "ns", "≤", 20 if mixed == 0 else None)
        yield ("  libpcap", ratio(1e9, counter(runs, f"read_libpcap/mixed:{mixed}", "packets/s")), "ns", "", None)
        yield ("  reading and writing", ratio(1e9, copy), "ns", "", None)
        yield ("  libpcap", ratio(1e9, counter(runs, f"copy_libpcap/mixed:{mixed}", "packets/s")), "ns", "", None)
    for mixed, what, aim in ((0, "64 bytes", 5000000), (1, "mixed sizes", 1000000)):
        copy = counter(runs, f"libpcap_copy/mixed:{mixed}", "packets/s")
        for full_nat, mode in ((0, "client address kept"), (1, "fullNAT")):
            rate = counter(runs, f"replay/mixed:{mixed}/full_nat:{full_nat}", "packets/s")
            yield (f"replay read → engine → write, {what}, {mode}", rate, "/s", "≥", aim)
            yield ("  against libpcap copying it without an engine", ratio(rate, copy), "×", "", None)
    for way, what in (("packet_ring_forwarder", "live, engine on packet rings"),
                      ("af_xdp_forwarder", "live, engine on AF_XDP"),
                      ("kernel_routing", "live, the kernel's own routing")):
        def live(part, key):
            return counter(runs, f"live_{part}/{way}/manual_time", key)
        yield (what, live("rate", "packets/s"), "/s", "", None)
        yield ("  CPU per packet, sender and receiver too", live("steady", "cpu_ns/packet"), "ns", "", None)
        yield ("  round trip, p50", live("latency", "p50_us"), "µs", "", None)
        yield ("  round trip, p99", live("latency", "p99_us"), "µs", "", None)
    yield ("diagnosis of a run, 10 M rows", ms(runs, "diagnose/run_of_10M_connections"), "ms", "≤", 10000)
    yield ("  of a replay", ms(runs, "diagnose/replay_of_10M_connections"), "ms", "≤", 10000)
    yield ("report of a trace of 10 M rows", ms(runs, "report"), "ms", "", None)
    yield one("real_time", "first_picture", "analyzer, 10 M rows: opening to the first picture", "ms", "≤", 1000)
    yield one("median_ms", "frames", "  pan and zoom, a frame", "ms", "≤", 16)
    yield one("p99_ms", "frames", "    p99", "ms", "", None)
    yield one("fresh_median_ms", "frames", "    until its buckets are read and painted", "ms", "", None)
    yield one("fresh_p99_ms", "frames", "      p99", "ms", "", None)
    yield one("vm_hwm_MB", "memory", "  memory", "MB", "≤", 500)


def main():
    rows = []
    for what, value, unit, relation, aim in figures(read(sys.argv[1:])):
        if value is None:
            continue
        digits = f"{value:,.0f}" if value >= 100 else f"{value:,.1f}"
        met = ""
        if aim is not None:
            met = "met" if (value <= aim if relation == "≤" else value >= aim) else "MISSED"
        rows.append((what, f"{digits} {unit}", f"{relation} {aim:,}" if aim is not None else "", met))
    width = max((len(r[0]) for r in rows), default=0)
    for row in rows:
        print(f"{row[0]:<{width}}  {row[1]:>16}  {row[2]:>11}  {row[3]}".rstrip())


if __name__ == "__main__":
    main()
