#!/usr/bin/env python3
"""`precheck --wait` on hosts that change meanwhile: a recorded root whose files change, and this machine with an
npu-smi of ours that counts how often it is asked."""
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOL = pathlib.Path(sys.argv[1]).resolve() / "msprecheck"
RULE = """[[rule]]
id = "{id}"
severity = "{severity}"
title = {{ en = "A test", zh = "测试" }}
why = {{ en = "To test.", zh = "用于测试。" }}
source = ["test"]
check = {check}
"""
THP = "sys/kernel/mm/transparent_hugepage/enabled"


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def rules(folder, *entries):
    return write(folder / "rules.toml", "".join(RULE.format(id=i, severity=s, check=repr(c)) for i, s, c in entries))


def precheck(*arguments, **options):
    done = subprocess.run([TOOL, "precheck", "--rules-only", *map(str, arguments)], capture_output=True, text=True,
                          timeout=60, **options)
    return done, [line for line in done.stderr.splitlines() if line.startswith("waiting ")]


def becomes_fit(folder):
    root = folder / "root"
    write(root / THP, "always [madvise] never\n")
    write(root / "proc/sys/vm/swappiness", "60\n")
    pack = rules(folder, ("THP", "error", 'memory.thp.mode == "always"'), ("SWAP", "error", "memory.swappiness == 60"))
    threading.Timer(0.7, lambda: write(root / THP, "[always] madvise never\n")).start()
    begin = time.monotonic()
    done, rounds = precheck("--root", root, "--rules", pack, "--wait", "30s", "--every", "100ms")
    assert done.returncode == 0 and 0.6 < time.monotonic() - begin < 20, done.stderr
    # Only what is not fit is named, in every round, and the pauses grow by half.
    assert len(rounds) >= 3 and all(line.endswith("not fit yet: THP") for line in rounds), rounds
    pauses = [float(re.match(r"waiting ([0-9.]+) s", line).group(1)) for line in rounds]
    assert pauses[:3] == [0.1, 0.15, 0.22] or pauses[:3] == [0.1, 0.15, 0.23], pauses
    return "a failure that mends itself ends with 0"


def unknown_becomes_known(folder):
    root = folder / "root"
    root.mkdir()
    pack = rules(folder, ("SWAP", "error", "memory.swappiness == 10"))
    threading.Timer(0.4, lambda: write(root / "proc/sys/vm/swappiness", "10\n")).start()
    done, rounds = precheck("--root", root, "--rules", pack, "--wait", "30s", "--every", "0.1")
    assert done.returncode == 0 and rounds, done.stderr
    return "a fact that appears ends with 0"


def breaks_meanwhile(folder):
    """What passed at first and is broken at the end is not reported as fit."""
    root = folder / "root"
    write(root / THP, "[never]\n")
    write(root / "proc/sys/vm/swappiness", "60\n")
    pack = rules(folder, ("THP", "error", 'memory.thp.mode == "always"'), ("SWAP", "error", "memory.swappiness == 60"))

    def change():
        write(root / "proc/sys/vm/swappiness", "10\n")
        write(root / THP, "[always]\n")
    threading.Timer(0.3, change).start()
    done, rounds = precheck("--root", root, "--rules", pack, "--wait", "1500ms", "--every", "100ms")
    assert done.returncode == 1 and rounds[-1].endswith("not fit yet: SWAP"), done.stderr
    return "what broke meanwhile is seen"


def time_is_up(folder):
    root = folder / "root"
    write(root / THP, "[never]\n")
    pack = rules(folder, ("THP", "error", 'memory.thp.mode == "always"'))
    begin = time.monotonic()
    done, _ = precheck("--root", root, "--rules", pack, "--wait", "500ms", "--every", "200ms")
    assert done.returncode == 1 and 0.5 <= time.monotonic() - begin < 10, done.stderr
    return "time that is up ends with the status of the host"


def fit_does_not_wait(folder):
    root = folder / "root"
    write(root / THP, "[never]\n")
    pack = rules(folder, ("THP", "warning", 'memory.thp.mode == "always"'), ("THP-2", "error", 'memory.thp.mode == "never"'))
    begin = time.monotonic()
    done, rounds = precheck("--root", root, "--rules", pack, "--wait", "30s", "--every", "10s")
    assert done.returncode == 0 and not rounds and time.monotonic() - begin < 9, done.stderr
    return "a warning that does not decide is not waited for"


def only_needed_probes(folder):
    log = folder / "calls"
    smi = write(folder / "bin/npu-smi", f'#!/bin/sh\necho "$@" >> {log}\nexit 1\n')
    smi.chmod(0o755)
    probes = write(folder / "probes/site.toml", '[[probe]]\nfact = "site.ready"\ntype = "string"\ndoc = { en = "a", '
                   f'zh = "测" }}\nfile = "{folder}/ready"\n').parent
    pack = rules(folder, ("READY", "error", 'site.ready == "yes"'))
    environment = {"PATH": f"{folder}/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}
    arguments = ["--probes", probes, "--rules", pack]
    precheck(*arguments, env=environment)
    once = len(log.read_text().splitlines())
    log.unlink()
    threading.Timer(0.9, lambda: write(folder / "ready", "yes\n")).start()
    done, rounds = precheck(*arguments, "--wait", "30s", "--every", "100ms", env=environment)
    assert done.returncode == 0 and len(rounds) >= 3, done.stderr
    # All is read at the start and once more at the end; in the rounds between, no command runs.
    assert once > 0 and len(log.read_text().splitlines()) == 2 * once, (once, log.read_text())
    return "rounds run only the probes of rules that do not pass"


def interrupted(folder):
    root = folder / "root"
    write(root / THP, "[never]\n")
    pack = rules(folder, ("THP", "error", 'memory.thp.mode == "always"'))
    running = subprocess.Popen([TOOL, "precheck", "--rules-only", "--rules", pack, "--root", root, "--wait", "50s",
                                "--every", "40s"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    running.stderr.readline()  # it is waiting
    running.send_signal(signal.SIGINT)
    _, rest = running.communicate(timeout=20)
    assert running.returncode == 130 and "exit 130: interrupted" in rest, rest
    return "Ctrl-C ends the wait with 130"


def wrong_requests(folder):
    for arguments, message in (
            (["--wait", "soon"], "--wait: 'soon' is not a duration up to 24h; write for example 120s or 2m"),
            (["--wait", "-5"], "--wait: '-5' is not a duration"),
            (["--wait", "5s", "--every", "0"], "--every: '0' is not a duration"),
            (["--every", "5s"], "--every: needs --wait"),
            (["--wait", "5s", "--facts", "example:no-driver"], "--wait: excludes --facts")):
        done = subprocess.run([TOOL, "precheck", *arguments], capture_output=True, text=True, timeout=60)
        assert done.returncode == 2 and message in done.stderr, (arguments, done.stderr)
    return "wrong durations are refused"


def main():
    cases = [becomes_fit, unknown_becomes_known, breaks_meanwhile, time_is_up, fit_does_not_wait, only_needed_probes,
             interrupted, wrong_requests]
    for case in cases:
        with tempfile.TemporaryDirectory() as scratch:
            print("ok:", case(pathlib.Path(scratch)), flush=True)
    print(f"{len(cases)} passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
