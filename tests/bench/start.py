#!/usr/bin/env python3
"""How long a whole run of `msprecheck precheck` takes, from the start of the process to its end.

    tests/bench/start.py BIN_DIR [RUNS]

Prints the median and the least of RUNS (200) runs of each case, in milliseconds, beside that of a process that does
nothing (`true`). The cases take turns, so that what else the machine does meets all of them alike.
"""
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

TOOL = pathlib.Path(sys.argv[1]).resolve() / "msprecheck"
RUNS = int(sys.argv[2]) if len(sys.argv) > 2 else 200

# What goss and its like check: values of the kernel, of files and of the environment. {0} makes each one different.
CHECKS = [
    'fact = "memory.swappiness"\nexpect_range = [0, 10{0}]',
    'fact = "memory.thp.mode"\nexpect_any = ["always", "madvise", "never", "{0}"]',
    'fact = "env.MS_BENCH_{0}"\nexpect_unset = true',
    'fact = "host.kernel.release"\ncheck = "host.kernel.release != \'{0}\'"',
    'fact = "cpu.count"\ncheck = "cpu.count > 0 && cpu.count < 1000{0}"',
    'fact = "memory.total_bytes"\ncheck = "memory.total_bytes > {0}"',
    'fact = "memory.numa_balancing"\nexpect_any = [0, 1, {0}]',
    'fact = "limits.nofile_soft"\ncheck = "limits.nofile_soft > {0} || limits.nofile_soft > 0"',
    'fact = "host.arch"\nexpect_any = ["x86_64", "aarch64", "{0}"]',
    'fact = "memory.overcommit"\nexpect_range = [0, 1{0}]',
]


def pack(folder, count):
    rules = [f'[[rule]]\nid = "BENCH-{n}"\nseverity = "error"\ntitle = {{ en = "Rule {n}", zh = "规则 {n}" }}\n'
             f'why = {{ en = "To measure.", zh = "用于测量。" }}\nsource = ["bench"]\n'
             f'{CHECKS[n % len(CHECKS)].format(n)}\n\n' for n in range(count)]
    path = folder / f"{count}.toml"
    path.write_text("".join(rules))
    return path


def milliseconds(command):
    begin = time.perf_counter()
    process = os.posix_spawn(command[0], command, os.environ, file_actions=[
        (os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0), (os.POSIX_SPAWN_OPEN, 2, "/dev/null", os.O_WRONLY, 0)])
    os.waitpid(process, 0)
    return (time.perf_counter() - begin) * 1000


def main():
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        own = lambda count: [str(TOOL), "precheck", "--rules-only", "--rules", str(pack(folder, count))]
        cases = {
            "true, a process that does nothing": ["/bin/true"],
            "msprecheck --version": [str(TOOL), "--version"],
            "50 rules on this host": own(50),
            "1000 rules on this host": own(1000),
            "all built-in rules on this host": [str(TOOL), "precheck", "--no-site-rules"],
            "all built-in rules on a record": [str(TOOL), "precheck", "--no-site-rules", "--facts",
                                               "example:badly-set-800i-a2"],
        }
        for command in cases.values():
            subprocess.run(command, capture_output=True)  # into the page cache
        times = {name: [] for name in cases}
        for _ in range(RUNS):
            for name, command in cases.items():
                times[name].append(milliseconds(command))
    print(f"{'case':<36} {'median ms':>10} {'least ms':>10}")
    for name, values in times.items():
        print(f"{name:<36} {statistics.median(values):>10.2f} {min(values):>10.2f}")


if __name__ == "__main__":
    main()
