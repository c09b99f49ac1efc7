#!/usr/bin/env python3
"""Checks deploy/kubernetes/: the manifests against the schemas of Kubernetes where the npm package kubernetes-models is at
hand, and their commands by running them, each container's on a folder that stands for the file system of a node.

    tests/deploy/kubernetes.py BIN_DIR    status 77 where PyYAML is not installed
    MS_NODE_MODULES=DIR ...               node_modules with kubernetes-models (npm install kubernetes-models)
"""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

try:
    import yaml
except ImportError:
    print("skipped: not installed: PyYAML (package python3-yaml)")
    sys.exit(77)

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOL = pathlib.Path(sys.argv[1]).resolve() / "msprecheck"
MANIFESTS = ROOT / "deploy/kubernetes"
VALIDATE = """
const documents = JSON.parse(require("fs").readFileSync(0));
const problems = documents.map(document => {
  const kind = require(`${process.argv[1]}/kubernetes-models/${document.apiVersion}`)[document.kind];
  try { new kind(document).validate(); return null; } catch (error) { return error.message; }
});
console.log(JSON.stringify(problems));
"""


def manifest(name):
    return list(yaml.safe_load_all((MANIFESTS / name).read_text()))


def containers(document):
    spec = document["spec"]["template"]["spec"]
    return {container["name"]: container for container in spec.get("initContainers", []) + spec["containers"]}


def run(command, folder, **environment):
    done = subprocess.run([str(word) for word in command], env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **environment},
                          cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


def problems_by_the_schemas(documents, modules):
    done = subprocess.run(["node", "-e", VALIDATE, modules], input=json.dumps(documents), capture_output=True, text=True,
                          timeout=60, check=True)
    return json.loads(done.stdout)


def the_manifests_keep_to_the_schemas(_):
    modules = os.environ.get("MS_NODE_MODULES", "")
    if not shutil.which("node") or not (pathlib.Path(modules) / "kubernetes-models").is_dir():
        return "not checked: no node, or no kubernetes-models in MS_NODE_MODULES"
    files = sorted(MANIFESTS.glob("*.yaml"))
    documents = [document for file in files for document in manifest(file.name)]
    assert len(documents) >= 3
    problems = problems_by_the_schemas(documents, modules)
    assert not any(problems), problems
    # The reader of the schemas can refuse: a word that is no number, a policy without its action.
    job = manifest("job.yaml")[0]
    job["spec"]["completions"] = "four"
    policy = manifest("job.yaml")[0]
    del policy["spec"]["podFailurePolicy"]["rules"][0]["action"]
    assert all(problems_by_the_schemas([job, policy], modules))
    return f"{len(documents)} documents"


def no_chroot():
    """Why the scripts that change into the file system of the node cannot be run here, or nothing."""
    if os.geteuid() != 0:
        return "not run: chroot is for root"
    return "not run: this msprecheck is not linked statically" if b"/ld-linux" in TOOL.read_bytes()[:4096] else ""


def on_node(script, node, tool=TOOL):
    """The script of a container, with the folder of a node mounted at /host."""
    return script.replace("/usr/local/bin/msprecheck", str(tool)).replace("/host", str(node))


def node_folder(folder):
    """A recorded host as the file system of a node; what npu-smi would say is not there."""
    shutil.copytree(ROOT / "tests/data/hosts/healthy-800i-a2", folder / "node")
    return folder / "node"


def the_job_ends_with_the_status(folder):
    if no_chroot():
        return no_chroot()
    job = manifest("job.yaml")[0]
    script = containers(job)["msprecheck"]["args"][0]
    node = node_folder(folder)
    assert run(["sh", "-c", on_node(script, node)], folder, NPU_MEMORY_FRACTION="1.2")[0] == 1
    status, told = run(["sh", "-c", on_node(script, node)], folder, NPU_MEMORY_FRACTION="0.92")
    assert status == 3 and "npu-smi: not found" in told, told
    assert run(["sh", "-c", on_node(script, node).replace("--fail-on error", "--fail-on nothing")], folder)[0] == 2
    assert run(["sh", "-c", on_node(script, node, "/no/such/program")], folder)[0] == 3
    actions = {value: rule["action"] for rule in job["spec"]["podFailurePolicy"]["rules"] if "onExitCodes" in rule
               for value in rule["onExitCodes"]["values"]}
    assert actions == {1: "FailIndex", 2: "FailJob"}
    return "statuses 1, 2 and 3"


def a_pod_of_the_daemon_set_is_ready_when_its_node_is_fit(folder):
    if no_chroot():
        return no_chroot()
    container = containers(manifest("daemonset.yaml")[0])["msprecheck"]
    node = node_folder(folder)
    (folder / "status").mkdir()
    place = lambda script: on_node(script, node).replace("/status/last", f"{folder}/status/last")
    probe = ["sh", "-c", place(container["readinessProbe"]["exec"]["command"][2])]
    assert run(probe, folder)[0] != 0  # before the first check
    for options, ready in (("--fail-on error", False), ("--fail-on never", True)):
        (folder / "status/last").unlink(missing_ok=True)
        script = place(container["args"][0]).replace("--fail-on error", options)
        with subprocess.Popen(["sh", "-c", script], env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}, cwd=folder,
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              start_new_session=True) as pod:
            until = time.monotonic() + 30
            while not (folder / "status/last").exists() or not (folder / "status/last").read_text():
                assert time.monotonic() < until and pod.poll() is None, "no status"
                time.sleep(0.1)
            os.killpg(pod.pid, signal.SIGKILL)
        assert (run(probe, folder)[0] == 0) == ready, options
    assert "msprecheck_exit_status 0" in (node / "var/lib/node_exporter/textfile_collector/msprecheck.prom").read_text()
    return "ready and not ready"


def the_service_passes_its_own_check(folder):
    deployment = manifest("init-container.yaml")[0]
    check, server = containers(deployment)["precheck"], containers(deployment)["server"]
    for part in ("image", "env", "resources"):
        assert check[part] == server[part], part
    script = check["args"][0].replace("/tools/msprecheck", str(TOOL))
    variables = {variable["name"]: variable["value"] for variable in check["env"]}
    status, told = run(["bash", "-c", script], folder, **variables)  # here, where no NPU is, or it is not known
    assert status in (1, 3), told
    host = [TOOL, "precheck", "--facts", "example:healthy-800i-a2", "--container", "server", "--env-file"]
    status, told = run(host + [MANIFESTS / "init-container.yaml", "--format", "github"], folder)
    warnings = {line.split("title=")[1].split("::")[0] for line in told.splitlines() if line.startswith("::warning")}
    assert status == 0 and warnings == {"ASCEND-ENV-SOURCED"}, told  # the script sources them; the manifest cannot say so
    broken = folder / "broken.yaml"
    broken.write_text((MANIFESTS / "init-container.yaml").read_text().replace('"0.92"', '"1.2"'))
    status, told = run(host + [broken], folder)
    assert status == 1 and "ENV-MEMORY-FRACTION-VALID" in told, told
    return "no warnings about its variables"


SCENARIOS = [the_manifests_keep_to_the_schemas, the_job_ends_with_the_status,
             a_pod_of_the_daemon_set_is_ready_when_its_node_is_fit, the_service_passes_its_own_check]


def main():
    for scenario in SCENARIOS:
        with tempfile.TemporaryDirectory(prefix="mskube.") as scratch:
            print(f"{scenario.__name__}: {scenario(pathlib.Path(scratch))}", flush=True)
    print(f"{len(SCENARIOS)} passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
