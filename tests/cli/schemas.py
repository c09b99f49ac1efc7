#!/usr/bin/env python3
"""Validates the JSON of the tools, over the built-in examples, against docs/schema/, and checks what a schema
cannot say: that the counts of the summary are those of the findings, and that the status is the process's own."""
import collections
import json
import pathlib
import subprocess
import sys

import jsonschema

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOLS = pathlib.Path(sys.argv[1]).resolve()

HOSTS = ["healthy-800i-a2", "badly-set-800i-a2", "no-driver"]
ADVICE = [
    ["-in", "256", "-out", "256", "--model", "Qwen2.5-7B-Instruct", "--chip", "910B4"],
    ["-in", "256", "-out", "256", "-s", "example:qwen2.5-7b", "--facts", "example:healthy-800i-a2"],
    ["-in", "2048", "-out", "512", "--model", "DeepSeek-V3", "--chip", "910B3", "-tp", "16"],
    ["-in", "256", "-out", "256", "--model", "Qwen2.5-72B-Instruct", "--chip", "910B4"],
    ["-in", "200-400", "-out", "256~64", "--model", "Qwen3-8B", "--chip", "910B3", "--engine", "vllm-ascend", "-t",
     "throughput", "--tpot-slo", "50ms"],
    ["-i", "tests/data/profiles/serving-story/2655"],
    ["-i", "tests/data/profiles/serving-story/2655", "--chip", "910B4", "--lang", "zh"],
    ["-p", "tests/data/profiles/recommendation-story"],
]


def run(arguments):
    done = subprocess.run([str(part) for part in arguments], cwd=ROOT, capture_output=True, timeout=60)
    return json.loads(done.stdout), done.returncode


def main():
    schema = lambda name: json.loads((ROOT / "docs/schema" / name).read_text())
    precheck, advice = schema("precheck.schema.json"), schema("advice.schema.json")
    facts, binding = schema("facts.schema.json"), schema("binding.schema.json")
    runs = 0
    for host in HOSTS:
        for lang in ("en", "zh"):
            report, status = run([TOOLS / "msprecheck", "precheck", "--facts", f"example:{host}", "--format", "json",
                                  "--lang", lang])
            jsonschema.validate(report, precheck)
            counts = collections.Counter(finding["outcome"] for finding in report["findings"])
            assert {name: count for name, count in report["summary"].items() if count} == dict(counts), host
            assert report["exit"]["status"] == status, host
            runs += 1
    for source in (["dump"], ["dump", "--without-readings"], ["facts", "memory", "--format", "json"]):
        for host in HOSTS:
            document, status = run([TOOLS / "msprecheck", *source, "--root", f"tests/data/hosts/{host}"])
            jsonschema.validate(document, facts)
            assert ("readings" in document) == (source == ["dump"]) and status == 0, (source, host)
            runs += 1
    for pack in ("own.toml", "service.cmate", "service.yaml"):
        report, status = run([TOOLS / "msprecheck", "inspect", f"tests/data/import/{pack}", "--format", "json"])
        jsonschema.validate(report, schema("inspect.schema.json"))
        assert report["rules"]["total"] == sum(report["rules"][name] for name in ("error", "warning", "info"))
        assert status == 0, pack
        runs += 1
    report, status = run([TOOLS / "msprecheck", "run", "tests/data/import/own.toml", "--root",
                          "tests/data/hosts/healthy-800i-a2", "-c", "mies_config:tests/data/import/config.json", "-C",
                          "stage:production", "--format", "json"])
    jsonschema.validate(report, precheck)
    assert report["exit"]["status"] == status == 1
    runs += 1
    for arguments in ADVICE:
        report, status = run([TOOLS / "msadvisor", *arguments, "--format", "json"])
        jsonschema.validate(report, advice)
        assert report["exit"]["status"] == status, arguments
        runs += 1
    story = "tests/data/profiles/serving-story"
    for arguments in ([f"{story}/2655", f"{story}/2673"], [f"{story}/client-100", f"{story}/2655", f"{story}/2662",
                                                           "--ceiling", "3624", "--all", "--lang", "zh"]):
        comparison, status = run([TOOLS / "msadvisor", "compare", *arguments, "--format", "json"])
        jsonschema.validate(comparison, schema("run_comparison.schema.json"))
        assert status == 0 and all(len(metric["values"]) == len(comparison["runs"]) for metric in comparison["metrics"])
        runs += 1
    examples = [f"example:{host}" for host in HOSTS]
    for arguments in ([*examples], [*examples, "--all"], [examples[0], examples[2], "--only", "env,npu", "--lang", "zh"]):
        comparison, status = run([TOOLS / "msprecheck", "compare", *arguments, "--format", "json"])
        jsonschema.validate(comparison, schema("compare.schema.json"))
        assert comparison["exit"]["status"] == status == 1, arguments
        shown = collections.Counter(difference["weight"] for difference in comparison["differences"])
        assert all(shown[weight] == comparison["summary"][weight] for weight in ("decides", "read", "unread")), arguments
        assert shown["expected"] == (comparison["summary"]["expected"] if "--all" in arguments else 0), arguments
        runs += 1
    for arguments in (["examples/hosts"], ["examples/hosts", "README.md", "--facts", "host.arch", "--lang", "zh"]):
        picture, status = run([TOOLS / "msprecheck", "fleet", *arguments, "--format", "json"])
        jsonschema.validate(picture, schema("fleet.schema.json"))
        assert picture["exit"]["status"] == status, arguments
        assert sum(group["count"] for group in picture["groups"]) == picture["summary"]["hosts"] == 3, arguments
        assert len(picture["not_judged"]) == picture["summary"]["not_judged"] == ("README.md" in arguments), arguments
        runs += 1
    for host in HOSTS:
        for arguments in ([], ["--instances", "2", "--free-time", "5"], ["--npus", "7"]):
            report, status = run([TOOLS / "msadvisor", "bind", "--facts", f"example:{host}", *arguments, "--format", "json"])
            jsonschema.validate(report, binding)
            assert report["exit"]["status"] == status, (host, arguments)
            runs += 1
    for folder in sorted(path for path in (ROOT / "tests/data/profiles").iterdir() if path.is_dir()):
        for more in ([], ["--stats"]):
            report, status = run([TOOLS / "msadvisor", "profile", folder, "--format", "json", *more])
            jsonschema.validate(report, schema("profile.schema.json"))
            assert report["exit"]["status"] == status == 0, folder
            runs += 1
    print(f"{runs} passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
