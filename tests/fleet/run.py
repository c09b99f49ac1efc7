#!/usr/bin/env python3
"""Judges a generated fleet of 300 records: the three planted outliers stand on the first screen, broken files are
named, the status fails closed, and records and reports of the same hosts give the same picture of their rules.

    tests/fleet/run.py BIN_DIR              the test
    tests/fleet/run.py BIN_DIR DIR          time and memory over the records in DIR
"""
import json
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOL = pathlib.Path(sys.argv[1]).resolve() / "msprecheck"
COUNT = 300
SCREEN = 24  # lines


def run(*arguments):
    done = subprocess.run([TOOL, *map(str, arguments)], cwd=ROOT, capture_output=True, text=True, timeout=120)
    return done.stdout, done.stderr, done.returncode


def fleet(*arguments):
    text, _, status = run("fleet", *arguments, "--format", "json")
    picture = json.loads(text)
    assert picture["exit"]["status"] == status
    return picture, status


def make(folder, *options):
    made = subprocess.run([sys.executable, ROOT / "tests/fleet/make_records.py", folder, str(COUNT), *options],
                          capture_output=True, text=True, check=True)
    return made.stdout.split()


def check_first_screen(folder, outliers):
    for lang in ("en", "zh"):
        text, _, status = run("fleet", folder, "--lang", lang)
        first = "\n".join(text.splitlines()[:SCREEN])
        # "node[00042,00150,00298]"
        assert f"node[{','.join(name.removeprefix('node') for name in outliers)}]" in first, first
        assert "ascend.driver.version  23.0.7" in first and "25.0.rc1.1" in first, first
        assert status == 0, status  # a driver that is too old is a warning


def check_outliers(folder, outliers):
    picture, _ = fleet(folder)
    assert picture["summary"]["hosts"] == COUNT
    assert picture["outliers"][0]["hosts"] == outliers, picture["outliers"]
    differs = {(item["kind"], item["what"]) for item in picture["outliers"][0]["differs"]}
    assert {("fact", "ascend.driver.version"), ("rule", "ASCEND-DRIVER-RECOMMENDED")} <= differs, differs
    assert len(picture["outliers"]) == 1, "noise among the outliers"
    assert sorted(group["count"] for group in picture["groups"])[:1] == [3]
    counted, _ = fleet(folder, "--facts", "host.arch,ascend.driver.version")
    values = {fact["path"]: [(value["value"], value["count"]) for value in fact["values"]] for fact in counted["facts"]}
    assert values["host.arch"] == [("aarch64", COUNT)]
    assert values["ascend.driver.version"] == [("25.0.rc1.1", COUNT - 3), ("23.0.7", 3)]
    _, status = fleet(folder, "--fail-on", "warning")
    assert status == 1


def check_ends_as_precheck(file, name, picture):
    text, _, status = run("precheck", "--facts", file, "--format", "json")
    order = ["fail", "error", "unknown", "pass", "skip"]
    expected = {}
    for finding in json.loads(text)["findings"]:
        before = expected.get(finding["rule"], "skip")
        expected[finding["rule"]] = min(before, finding["outcome"], key=order.index)
    group = next(group for group in picture["groups"] if name in group["hosts"])
    assert group["outcomes"] == expected and group["status"] == status, name
    return expected


def check_same_as_precheck(folder, outliers):
    """The short cuts of fleet change no outcome: each rule ends as precheck has it."""
    picture, _ = fleet(folder)
    for name in (outliers[0], "node00000", f"node{COUNT - 1:05d}"):
        check_ends_as_precheck(folder / f"{name}.json", name, picture)


def check_looked_up(scratch):
    """Facts that are looked up by others differ where these do, in records that hold no looked-up facts as well."""
    folder = scratch / "looked-up"
    folder.mkdir()
    plain = json.loads((ROOT / "examples/hosts/healthy-800i-a2.json").read_text())
    for tree in ("variables", "compatible"):
        plain["facts"].pop(tree)
    changes = {
        "as-it-was": {},
        "slip": {"env": {**plain["facts"]["env"], "HCCL_CONECT_TIMEOUT": "7200"}},
        "old-mindie": {"ascend": {**plain["facts"]["ascend"],
                                  "mindie": {**plain["facts"]["ascend"]["mindie"], "version": "1.0.0"}}},
    }
    for name, change in changes.items():
        facts = {**plain["facts"], "host": {**plain["facts"]["host"], "name": name}, **change}
        (folder / f"{name}.json").write_text(json.dumps({**plain, "facts": facts}))
    picture, _ = fleet(folder)
    ends = {name: check_ends_as_precheck(folder / f"{name}.json", name, picture) for name in changes}
    assert [ends[name]["ENV-MISSPELT"] for name in changes] == ["pass", "fail", "pass"]
    assert ends["as-it-was"]["ASCEND-MINDIE-CANN"] == "pass" != ends["old-mindie"]["ASCEND-MINDIE-CANN"]


def check_reports(folder, outliers, scratch):
    """Reports of the same hosts fall into the same groups."""
    reports = scratch / "reports"
    reports.mkdir()
    names = [*outliers, "node00001", "node00002"]
    for name in names:
        text, _, _ = run("precheck", "--facts", folder / f"{name}.json", "--format", "json")
        (reports / f"{name}.json").write_text(text)
    from_reports, status = fleet(reports)
    from_records, _ = fleet(*[folder / f"{name}.json" for name in sorted(names)])
    assert from_reports["summary"]["reports"] == 5 and status == 0
    assert from_reports["groups"] == from_records["groups"]


def check_broken(folder, scratch):
    broken = scratch / "broken"
    broken.mkdir()
    good = (folder / "node00001.json").read_text()
    texts = {
        "a-cut.json": good[: len(good) // 2], "b-empty.json": "", "c-list.json": "[1, 2]", "d-other.json": "{}",
        "e-newer.json": good.replace("msprecheck.facts/1", "msprecheck.facts/9"), "f-deep.json": "[" * 5000,
        "g-zero.json": good + "\0{}", "h-facts.json": '{"schema": "msprecheck.facts/1", "facts": []}',
        "i-report.json": '{"schema": "msprecheck.precheck/1", "findings": []}',
        "j-outcome.json": '{"schema": "msprecheck.precheck/1", "exit": {"status": 0}, '
                          '"findings": [{"rule": "A", "outcome": "fine"}]}',
    }
    for name, text in texts.items():
        (broken / name).write_text(text)
    (broken / "k-missing.json").symlink_to("nothing")
    (broken / "ignored.txt").write_text("not a record")
    (broken / "z-good.json").write_text(good)
    picture, status = fleet(broken)
    assert status == 3 and picture["summary"]["hosts"] == 1
    assert [pathlib.Path(problem["file"]).name for problem in picture["not_judged"]] == [*texts, "k-missing.json"]
    assert all(problem["reason"] for problem in picture["not_judged"])
    # What failed wins over what could not be read, and a file that is named but not there is told, too.
    assert fleet(broken, ROOT / "examples/hosts/badly-set-800i-a2.json")[1] == 1
    assert fleet(folder / "node00001.json", scratch / "nowhere.json")[1] == 3
    assert fleet(folder / "node00001.json")[1] == 0
    assert run("fleet", scratch / "reports" / "..", "--lang", "en")[2] == 2  # no *.json there
    assert run("fleet")[2] == 2 and run("fleet", folder, "--facts", "ascend.drivers")[2] == 2
    assert run("fleet", folder, "--scene", "mindy")[2] == 2


def check_secrets(folder, scratch):
    record = json.loads((folder / "node00001.json").read_text())
    record["facts"]["env"]["API_TOKEN"] = "sesame-open-12345"
    record["facts"]["env"]["PROXY"] = "http://me:sesame-open-12345@proxy"
    (scratch / "secret.json").write_text(json.dumps(record))
    for command in (["fleet", folder / "node00002.json", scratch / "secret.json"],
                    ["compare", folder / "node00002.json", scratch / "secret.json"]):
        for form in ("text", "json", "markdown"):
            text, errors, _ = run(*command, "--format", form)
            assert "sesame" not in text + errors and "env.API_TOKEN" in text + "env.API_TOKEN" * (form == "markdown")


def measure(folder):
    start = time.monotonic()
    done = subprocess.run([TOOL, "fleet", folder], capture_output=True, text=True)
    seconds = time.monotonic() - start
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(done.stdout.splitlines()[0])
    print(f"{seconds:.2f} s, {usage.ru_utime + usage.ru_stime:.2f} s of CPU, {usage.ru_maxrss / 1024:.0f} MB at most, "
          f"status {done.returncode}")
    return 0


def main():
    if len(sys.argv) > 2:
        return measure(sys.argv[2])
    with tempfile.TemporaryDirectory() as name:
        scratch = pathlib.Path(name)
        folder = scratch / "records"
        outliers = make(folder)
        check_first_screen(folder, outliers)
        check_outliers(folder, outliers)
        check_same_as_precheck(folder, outliers)
        check_looked_up(scratch)
        check_reports(folder, outliers, scratch)
        check_broken(folder, scratch)
        check_secrets(folder, scratch)
    print("7 passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
