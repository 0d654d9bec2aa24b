#!/usr/bin/env python3
"""Holds what elblab says about the TCP connections of captures against tshark's analysis.

  scripts/compare_captures.py FOLDER [--elblab build/elblab] [--list]

Runs over every capture below FOLDER, session by session: packets and bytes of both directions, SYNs,
resets, keep-alives, and what was sent again or came out of order. Prints every difference with its
reason, where it has one of those that docs/diagnosis.md explains, and exits with 1 where one has none.
Fetches nothing, writes nothing into FOLDER.
"""

import argparse
import collections
import csv
import pathlib
import subprocess
import sys
import tempfile

FIELDS = ["frame.time_relative", "ip.src", "ipv6.src", "tcp.srcport", "ip.dst", "ipv6.dst", "tcp.dstport",
          "tcp.stream", "tcp.flags", "tcp.len", "tcp.analysis.retransmission",
          "tcp.analysis.out_of_order", "tcp.analysis.keep_alive", "tcp.analysis.zero_window_probe"]
SYN, RST, ACK = 0x02, 0x04, 0x10


class Session:
    """One direction-less TCP session as either program counts it."""

    def __init__(self):
        self.counts = collections.Counter()
        self.ends = None
        self.begin = 0.0
        self.copies = 0


def last(text):
    """Of a field that occurs more than once (tunnels) the innermost."""
    return text.split(",")[-1]


def tshark_sessions(capture):
    command = ["tshark", "-r", str(capture), "-Y", "tcp", "-T", "fields", "-E", "separator=\t",
               "-o", "tcp.reassemble_out_of_order:FALSE", "-o", "ip.defragment:FALSE"]
    for field in FIELDS:
        command += ["-e", field]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    sessions = {}
    for line in done.stdout.splitlines():
        cells = [last(cell) for cell in line.split("\t")]
        if len(cells) != len(FIELDS) or not cells[7] or not cells[8]:
            continue
        (when, src4, src6, sport, dst4, dst6, dport, stream, flags, length, again, late, alive,
         probe) = cells
        source, target = (src4 or src6, sport), (dst4 or dst6, dport)
        session = sessions.setdefault(stream, Session())
        if session.ends is None:
            session.ends = frozenset((source, target))
            session.begin = float(when)
        bits = int(flags, 16)
        count = session.counts
        count["packets"] += 1
        count["syns"] += bits & (SYN | ACK) == SYN
        count["resets"] += bool(bits & RST)
        count["again"] += bool(again) and not alive and not bits & RST
        count["late"] += bool(late)
        count["keep_alives"] += bool(alive)
        count["probes"] += bool(probe)
    return [session for session in sessions.values()]


def endpoint(text):
    address, port = text.rsplit(":", 1)
    return address.strip("[]"), port


def elblab_sessions(elblab, capture):
    with tempfile.TemporaryDirectory() as folder:
        listing = pathlib.Path(folder) / "connections.csv"
        done = subprocess.run([elblab, "diagnose", "--format", "json", "--connections", str(listing), str(capture)],
                              capture_output=True, text=True, errors="replace", check=False)
        if not listing.exists():
            return None, done.stderr.strip()
        with listing.open(newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["protocol"] == "tcp"]
    sessions = []
    for row in rows:
        session = Session()
        session.ends = frozenset((endpoint(row["client"]), endpoint(row["server"])))
        session.begin = float(row["begin_s"])
        both = lambda name: int(row["client_" + name]) + int(row["server_" + name])
        session.copies = both("captured_twice")
        session.counts.update(packets=both("packets") + session.copies, syns=int(row["syns"]),
                              resets=both("resets"), again=both("retransmissions"),
                              late=both("out_of_order"), keep_alives=both("keep_alives"))
        syn_again = max(int(row["syns"]) - 1, 0) + max(int(row["syn_acks"]) - 1, 0)
        session.counts["again"] += syn_again
        sessions.append(session)
    return sessions, ""


def reason(ours, theirs):
    """Why the two may differ; empty: it has no reason yet."""
    difference = {name: ours.counts[name] - theirs.counts[name]
                  for name in ("packets", "syns", "resets", "again", "late", "keep_alives")}
    if not any(difference.values()):
        return None
    sent = ours.counts["again"] + ours.counts["late"] + ours.counts["keep_alives"] + ours.copies
    theirs_sent = (theirs.counts["again"] + theirs.counts["late"] + theirs.counts["keep_alives"]
                   + theirs.counts["probes"])
    if ours.copies and difference["packets"] == 0:
        return "captured twice"
    plain = all(difference[name] == 0 for name in ("packets", "syns", "resets"))
    if plain and sent == theirs_sent:
        return "again or out of order"
    if plain and theirs.counts["probes"]:
        return "window probes"
    return ""


def compare(elblab, capture):
    theirs = tshark_sessions(capture)
    ours, problem = elblab_sessions(elblab, capture)
    if ours is None:
        return ([] if not theirs else [("cannot be read: " + problem, "")]), 0, len(theirs)
    by_ends = collections.defaultdict(list)
    for session in ours:
        by_ends[session.ends].append(session)
    differences = []
    agreed = 0
    for session in theirs:
        if not by_ends[session.ends]:
            differences.append((f"{sorted(session.ends)}: not among ours", ""))
            continue
        found = by_ends[session.ends].pop(0)
        why = reason(found, session)
        if why is None:
            agreed += 1
        else:
            ours_text, theirs_text = dict(found.counts), dict(session.counts)
            differences.append((f"{sorted(session.ends)}: ours {ours_text} tshark {theirs_text}", why))
    for left in by_ends.values():
        for session in left:
            differences.append((f"{sorted(session.ends)}: not among tshark's", ""))
    return differences, agreed, len(theirs)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--elblab", default="build/elblab")
    parser.add_argument("--list", action="store_true", help="print differences that have a reason, too")
    arguments = parser.parse_args()
    totals = collections.Counter()
    for capture in sorted(path for path in arguments.folder.rglob("*") if path.is_file()):
        differences, agreed, sessions = compare(arguments.elblab, capture)
        totals["captures"] += 1
        totals["with sessions"] += sessions > 0
        totals["sessions"] += sessions
        totals["agreed"] += agreed
        totals["captures that agree"] += sessions > 0 and not differences
        for text, why in differences:
            totals[why or "without a reason"] += 1
            if arguments.list or not why:
                print(f"{capture.name}: {text}{'  (' + why + ')' if why else ''}")
    print(", ".join(f"{name} {count:,}" for name, count in totals.items()))
    return 1 if totals["without a reason"] else 0


if __name__ == "__main__":
    sys.exit(main())
