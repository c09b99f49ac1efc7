#!/usr/bin/env python3
"""Reads every format of `msprecheck precheck` with a reader of its own and holds it against the JSON report: the same
findings, the same status, whatever the format, the threshold and the language."""
import collections
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOL = pathlib.Path(sys.argv[1]).resolve() / "msprecheck"
HOSTS = ["healthy-800i-a2", "badly-set-800i-a2", "no-driver"]
LEVELS = ["info", "warning", "error", "never"]
FORMATS = ["text", "json", "junit", "sarif", "github", "gitlab", "tap", "prometheus", "nagios", "markdown"]

WAIVERS = """[[waiver]]
rule = ["NPU-HEALTH", "SYS-SWAPPINESS"]
reason = "Fan alarm, part is ordered"
owner = "hardware team"
expires = 2999-12-31
"""


def counts_against(finding, fail_on, allow_unknown):
    """The table of docs/architecture.md, written again."""
    severities = ["info", "warning", "error"]
    if finding["waiver"]:
        return False
    if fail_on == "never" or severities.index(finding["severity"]) < severities.index(fail_on):
        return False
    return finding["outcome"] in ("fail", "error") or (finding["outcome"] == "unknown" and not allow_unknown)


def check_junit(text, findings, deciding):
    root = xml.fromstring(text)
    cases = root.findall("./testsuite/testcase")
    assert len(cases) == len(findings) == int(root.get("tests"))
    for suite in root.findall("testsuite"):
        for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert len(suite.findall(f"testcase/{tag}")) == int(suite.get(attribute)), (attribute, suite.get("name"))
        assert len(suite.findall("testcase")) == int(suite.get("tests"))
    for case, finding, decides in zip(cases, findings, deciding):
        assert case.get("name").startswith(finding["rule"])
        tags = {child.tag for child in case}
        if finding["outcome"] == "skip" or finding["waiver"]:
            assert tags == {"skipped"}
            assert not finding["waiver"] or finding["waiver"]["reason"] in case.find("skipped").get("message")
        elif decides:
            assert tags == {"failure" if finding["outcome"] == "fail" else "error"}
        else:
            assert tags <= {"system-out"}


def check_sarif(text, findings, status):
    log = json.loads(text)
    assert log["version"] == "2.1.0" and len(log["runs"]) == 1
    run = log["runs"][0]
    assert set(log) <= {"$schema", "version", "runs"} and set(run) <= {"tool", "invocations", "results"}
    rules = {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    assert run["invocations"][0]["exitCode"] == status
    kinds = {"fail": "fail", "pass": "pass", "skip": "notApplicable", "unknown": "open", "error": "open"}
    levels = {"error": "error", "warning": "warning", "info": "note"}
    assert len(run["results"]) == len(findings)
    for result, finding in zip(run["results"], findings):
        assert result["ruleId"] == finding["rule"] and result["ruleId"] in rules
        assert result["kind"] == kinds[finding["outcome"]]
        # 3.27.10: a result that is no failure has no level.
        assert result["level"] == (levels[finding["severity"]] if finding["outcome"] == "fail" else "none")
        suppressions = result.get("suppressions", [])
        assert [s["status"] for s in suppressions] == ["accepted"] * bool(finding["waiver"])
        assert all(finding["waiver"]["reason"] in s["justification"] for s in suppressions)
        assert result["message"]["text"] and result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]


def check_github(text, wrong, deciding):
    lines = text.splitlines()
    pattern = re.compile(r"^::(error|warning|notice) title=([^:,]+)::(.+)$")
    matches = [pattern.match(line) for line in lines]
    assert all(matches), text
    assert [match.group(2) for match in matches] == [finding["rule"] for finding in wrong] + ["msprecheck"]
    for match, decides, finding in zip(matches, deciding, wrong):
        assert (match.group(1) == "error") == decides
        assert not finding["waiver"] or (match.group(1) == "notice" and finding["waiver"]["owner"] in match.group(3))


def check_gitlab(text, wrong):
    problems = json.loads(text)
    assert [problem["check_name"] for problem in problems] == [finding["rule"] for finding in wrong]
    assert len({problem["fingerprint"] for problem in problems}) == len(problems)
    for problem, finding in zip(problems, wrong):
        assert not finding["waiver"] or (problem["severity"] == "info"
                                         and finding["waiver"]["reason"] in problem["description"])
        assert problem["severity"] in ("info", "minor", "major", "critical", "blocker")
        assert problem["description"] and problem["location"]["path"] and problem["location"]["lines"]["begin"] >= 1


def check_tap(text, findings, deciding):
    lines = text.splitlines()
    assert lines[0] == "TAP version 14" and lines[1] == f"1..{len(findings)}"
    tests = [re.match(r"^(ok|not ok) (\d+) - (\S+)(.*)$", line) for line in lines[2:] if not line.startswith("  ")]
    assert all(tests) and [int(test.group(2)) for test in tests] == list(range(1, len(findings) + 1))
    for test, finding, decides in zip(tests, findings, deciding):
        assert (test.group(1) == "ok") == (finding["outcome"] in ("pass", "skip"))
        assert ("# SKIP" in test.group(4)) == (finding["outcome"] == "skip")
        assert ("# TODO" in test.group(4)) == (test.group(1) != "ok" and not decides)
        assert not finding["waiver"] or finding["waiver"]["reason"] in test.group(4)


def with_waived(findings):
    """How many findings ended how, where the waived ones are counted by themselves."""
    names = ["fail", "error", "unknown", "pass", "skip", "waived"]
    counts = collections.Counter("waived" if finding["waiver"] else finding["outcome"] for finding in findings)
    return {name: counts[name] for name in names}


def check_prometheus(text, summary, wrong, status):
    """The exposition format: comments, or name{label="value",...} number."""
    sample = re.compile(r'^([a-z_]+)(?:\{([a-z_]+="(?:[^"\\\n]|\\["\\n])*"(?:,[a-z_]+="(?:[^"\\\n]|\\["\\n])*")*)\})? (-?\d+)$')
    totals, problems, exit_status, seen = {}, 0, None, set()
    for line in text.splitlines():
        if line.startswith("# HELP ") or line.startswith("# TYPE "):
            continue
        match = sample.match(line)
        assert match, line
        assert line.rsplit(" ", 1)[0] not in seen, f"twice: {line}"
        seen.add(line.rsplit(" ", 1)[0])
        name, labels, value = match.groups()
        if name == "msprecheck_findings":
            outcome = re.search(r'outcome="(\w+)"', labels).group(1)
            totals[outcome] = totals.get(outcome, 0) + int(value)
        problems += name == "msprecheck_problem"
        exit_status = int(value) if name == "msprecheck_exit_status" else exit_status
    assert totals == summary and problems == len(wrong) and exit_status == status and text.endswith("\n")


def check_nagios(text, summary, status, wrong):
    warns = any(not finding["waiver"] for finding in wrong)
    first, *rest = text.splitlines()
    word, performance = first.split(" - ")[0], first.split(" | ")[1]
    assert word == {1: "CRITICAL", 3: "UNKNOWN", 0: "WARNING" if warns else "OK"}[status]
    values = dict(item.split("=") for item in performance.split())
    assert {name: int(value) for name, value in values.items()} == {
        "passed": summary["pass"], "failed": summary["fail"], "unknown": summary["unknown"], "error": summary["error"],
        "skipped": summary["skip"], "waived": summary["waived"]}
    assert len(rest) == len(wrong) and not any("|" in line for line in rest)


def check_markdown(text, wrong):
    rows = [line for line in text.splitlines() if line.startswith("| ")][1:]
    assert len(rows) == len(wrong)
    for row, finding in zip(rows, wrong):
        assert row.startswith("| waived |") == bool(finding["waiver"])
        assert f"`{finding['rule']}`" in row and len(re.findall(r"(?<!\\)\|", row)) == 7


def run_all(host, level, allow_unknown, lang, folder, waivers=None):
    base = [TOOL, "precheck", "--facts", f"example:{host}", "--fail-on", level, "--lang", lang]
    base += ["--allow-unknown"] if allow_unknown else []
    base += ["--waivers", waivers] if waivers else []
    reports = [f"--report={name}={folder / name}" for name in FORMATS]
    done = subprocess.run([*base, *reports], cwd=ROOT, capture_output=True, text=True, timeout=60)
    text = {name: (folder / name).read_text() for name in FORMATS}
    report = json.loads(text["json"])
    findings, status = report["findings"], report["exit"]["status"]
    summary = with_waived(findings)
    assert {**report["summary"], "fail": summary["fail"]} == {key: summary[key] for key in report["summary"]}
    assert report["summary"]["fail"] == summary["fail"] + summary["waived"] and (summary["waived"] > 0) == bool(waivers)
    assert done.returncode == status, (host, level)
    decides = [counts_against(finding, level, allow_unknown) for finding in findings]
    wrong = [finding for finding in findings if finding["outcome"] not in ("pass", "skip")]
    wrong_decides = [counts_against(finding, level, allow_unknown) for finding in wrong]
    check_junit(text["junit"], findings, decides)
    check_sarif(text["sarif"], findings, status)
    check_github(text["github"], wrong, wrong_decides)
    check_gitlab(text["gitlab"], wrong)
    check_tap(text["tap"], findings, decides)
    check_prometheus(text["prometheus"], summary, wrong, status)
    check_nagios(text["nagios"], summary, status, wrong)
    check_markdown(text["markdown"], wrong)
    # Standard output is the same report, and the status does not hang on it.
    for name in FORMATS[1:]:
        shown = subprocess.run([*base, "--format", name], cwd=ROOT, capture_output=True, text=True, timeout=60)
        assert shown.returncode == status and shown.stdout == text[name], (host, level, name)


def main():
    runs = 0
    with tempfile.TemporaryDirectory() as scratch:
        for host in HOSTS:
            for level in LEVELS:
                for allow_unknown in (False, True):
                    run_all(host, level, allow_unknown, "zh" if level == "info" else "en", pathlib.Path(scratch))
                    runs += 1
        waivers = pathlib.Path(scratch) / "waivers.toml"
        waivers.write_text(WAIVERS)
        for lang in ("en", "zh"):
            run_all("badly-set-800i-a2", "warning", False, lang, pathlib.Path(scratch), waivers)
            runs += 1
    print(f"{runs} passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
