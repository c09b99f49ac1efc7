#!/usr/bin/env python3
"""The truth table of exit statuses, cell by cell, through the tool itself: outcomes (alone, in every combination, and
in pairs of different severity) x severity x --fail-on x --allow-unknown x waived x format.

What must come out is stated here, apart from the program: ALONE says to what a single finding leads, `expected` how
several come together. The man page shows the same table, and is held against it.
"""
import collections
import concurrent.futures
import itertools
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import xml.etree.ElementTree as xml

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOL = pathlib.Path(sys.argv[1]).resolve() / "msprecheck"
SEVERITIES = ["info", "warning", "error"]
FAIL_ON = ["info", "warning", "error", "never"]
FORMATS = ["text", "json", "junit", "sarif", "github", "gitlab", "tap", "prometheus", "nagios", "markdown"]

# The status of a finding that is alone:
#            at or above   with             waived   below
#            --fail-on     --allow-unknown           --fail-on
ALONE = {
    "pass":    (0,         0,               0,       0),
    "fail":    (1,         1,               0,       0),
    "unknown": (3,         0,               3,       0),
    "error":   (3,         3,               3,       0),
    "skip":    (3,         3,               3,       3),
}

# A rule of each outcome, on a host whose only known fact is cpu.count = 8.
CHECKS = {
    "pass": 'check = "cpu.count == 8"',
    "fail": 'check = "cpu.count == 9"',
    "unknown": 'check = "memory.swappiness == 0"',
    "error": 'check = "1 / (cpu.count - 8) == 1"',
    "skip": 'when = "cpu.count == 9"\ncheck = "cpu.count == 9"',
}
FACTS = {"schema": "msprecheck.facts/1", "facts": {"cpu": {"count": 8}}, "provenance": {}}

WRITING = threading.Lock()
Cell = collections.namedtuple("Cell", "findings fail_on allow_unknown waived")  # findings: (outcome, severity), ...


def alone(outcome, severity, cell):
    plain, allowed, waived, below = ALONE[outcome]
    if cell.fail_on == "never" or SEVERITIES.index(severity) < SEVERITIES.index(cell.fail_on):
        return below
    statuses = [plain] + [allowed] * cell.allow_unknown + [waived] * cell.waived
    return 0 if 0 in statuses else plain


def expected(cell):
    """1 wins over 3, 3 over 0; what was skipped counts for nothing beside others."""
    applied = [finding for finding in cell.findings if finding[0] != "skip"]
    statuses = {alone(*finding, cell) for finding in applied or cell.findings}
    return next(status for status in (1, 3, 0) if status in statuses)


def cells():
    subsets = [subset for size in range(1, 6) for subset in itertools.combinations(ALONE, size)]
    sets = [tuple((outcome, severity) for outcome in subset) for subset in subsets for severity in SEVERITIES]
    for low, high in itertools.combinations(SEVERITIES, 2):
        sets += [((a, low), (b, high)) for a in ALONE for b in ALONE]
    for findings in sets:
        for fail_on, allow_unknown, waived in itertools.product(FAIL_ON, (False, True), (False, True)):
            # Only a failure can be waived; a rule without one has its own cells below, in `alone`.
            if not waived or len(findings) == 1 or any(outcome == "fail" for outcome, _ in findings):
                yield Cell(findings, fail_on, allow_unknown, waived)


def rule(outcome, severity):
    return (f'[[rule]]\nid = "{outcome}-{severity}"\nseverity = "{severity}"\ntitle = {{ en = "A test", zh = "测试" }}\n'
            f'why = {{ en = "To test.", zh = "用于测试。" }}\nsource = ["test"]\n{CHECKS[outcome]}\n')


def waiver(outcome, severity):
    return f'[[waiver]]\nrule = "{outcome}-{severity}"\nreason = "test"\nowner = "test"\nexpires = 2999-01-01\n'


def write(folder, name, text):
    """A file of that name, written once however many cells share it."""
    path = folder / name
    with WRITING:
        if not path.exists():
            path.write_text(text)
    return path


def what_decides(cell, outcomes):
    return any(outcome in outcomes and alone(outcome, severity, cell) != 0 for outcome, severity in cell.findings)


def check_formats(reports, cell, status):
    """Each format that states the status, or what counts against it, says the same."""
    failed, undecided = what_decides(cell, ("fail",)), what_decides(cell, ("unknown", "error"))
    assert json.loads(reports["json"])["exit"]["status"] == status
    assert json.loads(reports["sarif"])["runs"][0]["invocations"][0]["exitCode"] == status
    assert f"\nmsprecheck_exit_status {status}\n" in reports["prometheus"]
    assert reports["nagios"].split(" - ")[0] in {0: ("OK", "WARNING"), 1: ("CRITICAL",), 3: ("UNKNOWN",)}[status]
    suites = xml.fromstring(reports["junit"])
    assert (int(suites.get("failures")) > 0) == failed and (int(suites.get("errors")) > 0) == undecided
    assert any(line.startswith("not ok") and "# TODO" not in line
               for line in reports["tap"].splitlines()) == (failed or undecided)
    assert any(line.startswith("::error ") for line in reports["github"].splitlines()) == (failed or undecided)
    assert isinstance(json.loads(reports["gitlab"]), list) and reports["text"] and reports["markdown"]


def check(number, cell, folder):
    name = "+".join(f"{outcome}-{severity}" for outcome, severity in cell.findings)
    pack = write(folder, f"{name}.toml", "".join(rule(*finding) for finding in cell.findings))
    output = FORMATS[number % len(FORMATS)]
    command = [TOOL, "precheck", "--facts", folder / "facts.json", "--rules-only", "--rules", pack, "--fail-on",
               cell.fail_on, "--format", output]
    command += ["--allow-unknown"] * cell.allow_unknown
    if cell.waived:
        command += ["--waivers", write(folder, f"{name}.waivers", "".join(waiver(*f) for f in cell.findings))]
    files = {name: folder / f"{number}.{name}" for name in FORMATS}
    command += [f"--report={name}={file}" for name, file in files.items()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    status = expected(cell)
    assert done.returncode == status, (cell, output, f"expected {status}, got {done.returncode}", done.stderr)
    assert done.stderr.splitlines()[-1].startswith(f"exit {status}: "), (cell, done.stderr)
    reports = {name: file.read_text() for name, file in files.items()}
    assert done.stdout == reports[output], (cell, output)
    try:
        check_formats(reports, cell, status)
    except AssertionError as error:
        raise AssertionError(cell, reports) from error
    for file in files.values():
        file.unlink()


def check_single_formats(folder):
    """A single finding with every --format by itself."""
    runs = 0
    for outcome, severity in itertools.product(ALONE, SEVERITIES):
        cell = Cell(((outcome, severity),), "warning", False, False)
        for name in FORMATS:
            done = subprocess.run([TOOL, "precheck", "--facts", folder / "facts.json", "--rules-only", "--rules",
                                   folder / f"{outcome}-{severity}.toml", "--fail-on", "warning", "--format", name],
                                  capture_output=True, timeout=60)
            assert done.returncode == expected(cell), (cell, name)
            runs += 1
    return runs


def check_man_page():
    """The rows of the table in the man page: outcome and four statuses."""
    text = subprocess.run([TOOL, "man"], capture_output=True, text=True, timeout=60, check=True).stdout
    rows = re.findall(r"^(pass|fail|unknown|error|skip)\t(\d)\t(\d)\t(\d)\t(\d)$", text, re.MULTILINE)
    assert {row[0]: tuple(map(int, row[1:])) for row in rows} == ALONE, rows


def main():
    all_cells = list(cells())
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        write(folder, "facts.json", json.dumps(FACTS))
        with concurrent.futures.ThreadPoolExecutor(2) as workers:
            list(workers.map(lambda numbered: check(*numbered, folder), enumerate(all_cells)))
        runs = len(all_cells) + check_single_formats(folder)
    check_man_page()
    print(f"{runs + 1} passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
