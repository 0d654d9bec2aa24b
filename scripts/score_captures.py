#!/usr/bin/env python3
"""Scores what elblab says of captures of its own worlds: hidden causes, one or none, seen from hosts.

  scripts/score_captures.py FOLDER [--elblab build/elblab] [--runs N] [--seed N] [--markdown FILE]

Makes random scenarios with a hidden cause, runs each with the cause and with it lifted, captures at
every host, and alters a share of the captures as real ones are: cut by a snap length, frames captured
twice, the end cut off. Writes FOLDER/truth.csv and lets `elblab score --captures` compare.
"""

import argparse
import pathlib
import random
import struct
import subprocess
import sys

# What a capture at a client, or at a server, can show of a cause; "unseen": it cannot.
SEEN = {
    "accept_queue": ("accept_queue", "accept_queue"),
    "packet_loss": ("packet_loss|silent_udp", "packet_loss|silent_udp|none"),
    "bandwidth": ("packet_loss|silent_udp", "packet_loss|none"),
    "idle_timeout": ("idle_timeout", "idle_timeout"),
    "time_wait_refused": ("time_wait_refused", "time_wait_refused"),
    "five_tuple_conflict": ("five_tuple_conflict", "five_tuple_conflict|connection_reset"),
    "dead_server": ("dead_server|silent_udp", "dead_server|none"),
    "no_server": ("dead_server|silent_udp", "none"),
    "server_cpu": ("silent_service|packet_loss|none|silent_udp", "silent_service|packet_loss|none|silent_udp"),
    "client_ports": ("unseen", "unseen"),
    "balancer_ports": ("accept_queue|dead_server|packet_loss|silent_udp", "none"),
    "connection_table_full": ("accept_queue|dead_server|packet_loss|silent_udp", "none"),
    "silent_udp": ("silent_udp|dead_server", "silent_udp|dead_server|none"),
    "silent_service": ("silent_udp|silent_service|dead_server", "silent_udp|silent_service|dead_server|none"),
    "icmp_rate_limit": ("dead_server|silent_udp", "dead_server|none"),
    "none": ("none", "none"),
}


def alter(source, target, how, draw):
    """A classic capture, little endian, changed as real captures are."""
    data = source.read_bytes()
    out = bytearray(data[:24])
    records = []
    at = 24
    while at + 16 <= len(data):
        size = struct.unpack_from("<I", data, at + 8)[0]
        records.append((data[at:at + 16], data[at + 16:at + 16 + size]))
        at += 16 + size
    if how == "cut":
        records = records[:len(records) * 9 // 10]
    for header, frame in records:
        if how == "snap" and len(frame) > 96:
            header, frame = header[:8] + struct.pack("<I", 96) + header[12:], frame[:96]
        out += header + frame
        if how == "twice" and draw.random() < 0.5:
            seconds, fraction = struct.unpack_from("<II", header)
            if fraction + 20_000 < 1_000_000_000:
                out += struct.pack("<II", seconds, fraction + 20_000) + header[8:] + frame
    target.write_bytes(out)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--elblab", default="build/elblab", type=pathlib.Path)
    parser.add_argument("--runs", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1_000_000)
    parser.add_argument("--hosts", type=int, default=2, help="captures per run at clients, and at servers")
    parser.add_argument("--markdown")
    arguments = parser.parse_args()
    elblab = arguments.elblab.resolve()
    folder = arguments.folder.resolve()
    scenarios = folder / "scenarios"
    scenarios.mkdir(parents=True, exist_ok=True)
    causes = [cause for cause in SEEN if cause != "none"]
    subprocess.run([elblab, "score", "--runs", str(arguments.runs), "--seed", str(arguments.seed), "-q",
                    "--causes", ",".join(causes), "--keep", str(scenarios)], stdout=subprocess.DEVNULL, check=False)
    draw = random.Random(arguments.seed)
    truth = []
    for scenario in sorted(scenarios.glob("*.elb.yaml")):
        cause = scenario.name.split("-")[1]
        if cause not in SEEN:
            continue
        subprocess.run([elblab, "run", scenario, "--seeds", "1", "--pcap", "-q", "--no-diagnosis"], cwd=folder,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        for captures in sorted((folder / "out").glob(scenario.name.removesuffix(".elb.yaml") + ".*.pcap")):
            lifted = ".remedy." in captures.name
            hosts = sorted(path for path in captures.glob("*.pcap") if not path.name.startswith("balancer"))
            hosts = [path for path in hosts if path.name.startswith("web")]  # the lane with the cause
            clients = [path for path in hosts if path.name.startswith("webc")]
            chosen = clients[:arguments.hosts]
            if lifted or cause == "none":
                chosen += [path for path in hosts if path not in clients][:arguments.hosts]
            for path in chosen:
                right = "none" if lifted else SEEN[cause][0 if path in clients else 1]
                how = draw.choice(["whole", "snap", "twice", "cut"])
                name = f"{captures.name.removesuffix('.pcap')}.{path.stem}.{how}.pcap"
                alter(path, folder / name, how, draw)
                truth.append(f"{name},{right}")
            for path in captures.glob("*.pcap"):
                path.unlink()
    (folder / "truth.csv").write_text("\n".join(truth) + "\n")
    command = [elblab, "score", "--captures", str(folder), "--truth", str(folder / "truth.csv")]
    if arguments.markdown:
        command += ["--markdown", arguments.markdown]
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
