#!/usr/bin/env python3
"""Runs deploy/slurm/ on a real Slurm of three nodes, all on this machine: munged, slurmctld and a slurmd for each node, in
a temporary folder, on ports and a socket of their own. A node is a recorded host (--root): breaking one of its files
breaks the node, and putting the file back mends it.

    tests/deploy/slurm.py BIN_DIR            status 77 where Slurm is not installed or this is not root
    KEEP_LOG=file tests/deploy/slurm.py ...  also writes what happened, for docs/deploy.md
"""
import ctypes
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOL = pathlib.Path(sys.argv[1]).resolve() / "msprecheck"
NODES = ["n1", "n2", "n3"]
PROGRAMS = ["munged", "slurmctld", "slurmd", "scontrol", "sinfo", "srun"]
HOST = socket.gethostname().split(".")[0]
LIMIT = 240  # seconds, of the whole run
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}

CONFIG = """\
ClusterName=test
{confined}
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ctld_port}
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/linear
SchedulerType=sched/builtin
SchedulerParameters=nohold_on_prolog_fail
MpiDefault=none
SwitchType=switch/none
ReturnToService=2
MailProg=/bin/true
HealthCheckProgram={folder}/msprecheck/healthcheck
HealthCheckInterval={interval}
HealthCheckNodeState=IDLE,CYCLE
{prolog}
{nodes}
PartitionName=all Nodes=ALL Default=YES MaxTime=5 State=UP
"""


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def adopt_orphans():
    """Makes this process the parent of what its daemons leave behind: a slurmstepd is in a session of its own."""
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER


def end_orphans():
    until = time.monotonic() + 10
    while time.monotonic() < until:
        children = pathlib.Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
        if not children:
            return
        for child in children:
            os.kill(int(child), signal.SIGKILL)
            os.waitpid(int(child), 0)


def confined():
    """The option that keeps the daemons off all addresses but that of this host's name, where that is 127.0.0.1."""
    try:
        own = socket.gethostbyname(socket.gethostname()) == "127.0.0.1"
    except OSError:
        own = False
    return "CommunicationParameters=NoInAddrAny,NoCtldInAddrAny" if own else ""


class Cluster:
    """The daemons of one Slurm, and the commands that a person types."""

    def __init__(self, folder):
        self.folder = folder
        self.daemons = []
        self.environment = {**ENVIRONMENT, "SLURM_CONF": str(folder / "slurm.conf")}
        self.ports = free_ports(1 + len(NODES))
        self.began = time.monotonic()
        self.log = []

    def prepare(self):
        for node in NODES:
            shutil.copytree(ROOT / "tests/data/hosts/healthy-800i-a2", self.folder / "hosts" / node)
        shutil.copytree(ROOT / "deploy/slurm", self.folder / "msprecheck")
        settings = self.folder / "msprecheck/msprecheck.conf"
        settings.write_text(settings.read_text() + f"""
MSPRECHECK={TOOL}
MSPRECHECK_OPTIONS="--root {self.folder}/hosts/$SLURMD_NODENAME"
export SLURM_CONF={self.folder}/slurm.conf
""")
        # What gather runs on a node: as the tool on its PATH would judge that node.
        wrapper = self.folder / "msprecheck-on-node"
        wrapper.write_text(f'#!/bin/sh\nexec {TOOL} "$@" --root {self.folder}/hosts/$SLURMD_NODENAME\n')
        wrapper.chmod(0o755)
        # Named, so that slurmd does not look for one that it may write to; none of its parts is used.
        (self.folder / "cgroup.conf").write_text("CgroupPlugin=cgroup/v1\n")
        self.configure(interval=0, prolog=False)

    def configure(self, interval, prolog):
        """Writes slurm.conf; an interval of 0 never runs the health check."""
        nodes = "\n".join(f"NodeName={node} NodeHostname={HOST} NodeAddr=127.0.0.1 Port={port} CPUs=1 "
                          "RealMemory=64" for node, port in zip(NODES, self.ports[1:]))
        (self.folder / "slurm.conf").write_text(CONFIG.format(
            confined=confined(), host=HOST, ctld_port=self.ports[0], folder=self.folder, nodes=nodes, interval=interval,
            prolog=f"Prolog={self.folder}/msprecheck/prolog\nPrologFlags=Alloc" if prolog else ""))

    def start(self):
        key = self.folder / "munge.key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o400)
        self.daemon("munged", "munged", "--foreground", "--force", f"--key-file={key}",
                    f"--socket={self.folder}/munge.socket", f"--pid-file={self.folder}/munged.pid",
                    f"--seed-file={self.folder}/munge.seed", f"--log-file={self.folder}/munged.log", "--num-threads=1",
                    "--origin=127.0.0.1")
        wait("munged listens", lambda: (self.folder / "munge.socket").exists(), 20)
        self.daemon("slurmctld", "slurmctld", "-D", "-f", self.folder / "slurm.conf")
        for node in NODES:
            self.daemon(f"slurmd-{node}", "slurmd", "-D", "-f", self.folder / "slurm.conf", "-N", node)
        wait("all nodes are idle", lambda: all(self.state(node)[0] == "IDLE" for node in NODES), 60)

    def daemon(self, name, *command):
        output = open(self.folder / f"{name}.out", "wb")
        self.daemons.append(subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=output,
                                             stderr=output, env=self.environment, start_new_session=True))

    def stop(self):
        """Ends the daemons, the last started first, and whatever is left of their process groups."""
        for daemon in reversed(self.daemons):
            daemon.terminate()
        for daemon in reversed(self.daemons):
            try:
                daemon.wait(timeout=10)
            except subprocess.TimeoutExpired:
                pass
            try:
                os.killpg(daemon.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            daemon.wait(timeout=10)
        end_orphans()

    def run(self, *command, status=0, **environment):
        """What a command printed; it must end with the status."""
        status_told, told = self.run_bounded(command, environment)
        assert status_told == status, f"{command}: status {status_told}\n{told}"
        return told

    def run_bounded(self, command, environment=None, seconds=60):
        """Status and output of a command, which is ended with all that it started when the time is up."""
        with subprocess.Popen([str(word) for word in command], env={**self.environment, **(environment or {})},
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              start_new_session=True) as process:
            try:
                told = process.communicate(timeout=seconds)[0]
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                raise AssertionError(f"{command}: not done within {seconds} s\n{process.communicate()[0]}") from None
        return process.returncode, told

    def state(self, node):
        """State and reason of a node, as slurmctld knows them."""
        line = self.run_bounded(["scontrol", "--oneliner", "show", "node", node])[1].strip()
        state = line.split(" State=")[1].split()[0] if " State=" in line else "not known"
        reason = line.split(" Reason=")[1].rsplit(" [", 1)[0] if " Reason=" in line else ""
        return state.removesuffix("*"), reason

    def note(self, what):
        seconds = time.monotonic() - self.began
        shown = self.run("sinfo", "--Node", "--format=%N  %12T  %E")
        self.log.append(f"[{seconds:5.1f} s] {what}\n{shown}")
        print(f"[{seconds:5.1f} s] {what}", flush=True)

    def npu_health(self, node, word):
        """Records a word for the health of NPU 3 of a node."""
        table = self.folder / "hosts" / node / "commands/npu-smi_info.txt"
        lines = (ROOT / "tests/data/hosts/healthy-800i-a2/commands/npu-smi_info.txt").read_text().splitlines(True)
        at = next(i for i, line in enumerate(lines) if line.startswith("| 3 "))
        lines[at] = lines[at].replace("OK   ", f"{word:5}", 1)
        table.write_text("".join(lines))


def wait(what, condition, seconds):
    """Waits until the condition holds; fails when it does not in time."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, f"not within {seconds} s: {what}"
        time.sleep(0.2)


def drained_for(cluster, node, reason):
    wait(f"{node} is drained: {reason}", lambda: cluster.state(node) == ("IDLE+DRAIN", reason), 40)


def idle(cluster, node):
    wait(f"{node} is idle", lambda: cluster.state(node) == ("IDLE", ""), 40)


def gather_brings_one_report_of_each_node(cluster):
    cluster.npu_health("n2", "Alarm")
    reports = cluster.folder / "reports"
    told = cluster.run(cluster.folder / "msprecheck/gather", "-o", reports, "-n", "--exclusive", "--", "--lang", "en", status=1,
                       MSPRECHECK=str(cluster.folder / "msprecheck-on-node"))
    assert sorted(path.name for path in reports.iterdir()) == [f"{node}.json" for node in NODES], told
    statuses = {path.stem: json.loads(path.read_text())["exit"]["status"] for path in reports.iterdir()}
    assert statuses == {"n1": 0, "n2": 1, "n3": 0}, statuses
    assert "n2: status 1\n3 nodes asked, 2 fit" in told, told
    cluster.log.append(f"$ gather -o reports -n --exclusive -- --lang en\n{told.replace(str(cluster.folder) + '/', '')}")
    again = cluster.run(cluster.folder / "msprecheck/gather", "-o", reports, status=2)
    assert "holds reports already" in again, again
    cluster.npu_health("n2", "OK")


def gather_fails_closed(cluster):
    cluster.run("scontrol", "update", "NodeName=n3", "State=DRAIN", "Reason=new fan")
    wait("n3 is drained", lambda: cluster.state("n3")[0] == "IDLE+DRAIN", 20)
    gather = cluster.folder / "msprecheck/gather"
    told = cluster.run(gather, "-o", cluster.folder / "two", status=3,
                       MSPRECHECK=str(cluster.folder / "msprecheck-on-node"))
    assert "not asked: n3 drained new fan" in told and "2 nodes asked, 2 fit" in told, told
    told = cluster.run(gather, "-o", cluster.folder / "none", status=3, MSPRECHECK="/no/such/program")
    assert "n1: status 127" in told and "0 fit" in told, told
    told = cluster.run(gather, "-o", cluster.folder / "wrong", "--", "--fail-on", "nothing", status=2,
                       MSPRECHECK=str(cluster.folder / "msprecheck-on-node"))
    assert "n1: status 2" in told and not list((cluster.folder / "wrong").iterdir()), told
    cluster.run("scontrol", "update", "NodeName=n3", "State=RESUME")
    idle(cluster, "n3")


def an_unfit_node_is_drained_and_resumed(cluster):
    cluster.configure(interval=2, prolog=False)
    cluster.run("scontrol", "reconfigure")
    cluster.note("all nodes are fit")
    cluster.npu_health("n2", "Alarm")
    drained_for(cluster, "n2", "msprecheck: NPU-HEALTH")
    cluster.note("n2: one NPU reports Alarm")
    (cluster.folder / "hosts/n2/environ").write_text("NPU_MEMORY_FRACTION=1.2\n")
    drained_for(cluster, "n2", "msprecheck: ENV-MEMORY-FRACTION-VALID, NPU-HEALTH")
    cluster.note("n2: and NPU_MEMORY_FRACTION is 1.2")
    shutil.copy(ROOT / "tests/data/hosts/healthy-800i-a2/environ", cluster.folder / "hosts/n2/environ")
    cluster.npu_health("n2", "OK")
    idle(cluster, "n2")
    cluster.note("n2: both mended")
    assert cluster.state("n1")[0] == cluster.state("n3")[0] == "IDLE"


def a_node_that_cannot_be_judged_is_drained(cluster):
    table = cluster.folder / "hosts/n1/commands/npu-smi_info.txt"
    table.rename(table.with_suffix(".away"))
    wait("n1 is drained", lambda: cluster.state("n1")[0] == "IDLE+DRAIN", 40)
    assert cluster.state("n1")[1].startswith("msprecheck: cannot tell "), cluster.state("n1")
    cluster.note("n1: npu-smi does not answer")
    table.with_suffix(".away").rename(table)
    idle(cluster, "n1")


def who_drained_a_node_resumes_it(cluster):
    cluster.run("scontrol", "update", "NodeName=n3", "State=DRAIN", "Reason=new fan")
    health_checked(cluster, "n3", times=2)
    assert cluster.state("n3") == ("IDLE+DRAIN", "new fan")
    cluster.npu_health("n3", "Alarm")
    health_checked(cluster, "n3", times=2)
    assert cluster.state("n3") == ("IDLE+DRAIN", "new fan")
    cluster.note("n3: drained by somebody else, fit or not")
    cluster.npu_health("n3", "OK")
    cluster.run("scontrol", "update", "NodeName=n3", "State=RESUME")
    idle(cluster, "n3")


def a_check_that_hangs_drains(cluster):
    """By a time-out of the health check itself, shorter than msprecheck's own."""
    settings = cluster.folder / "msprecheck/msprecheck.conf"
    good = settings.read_text()
    hangs = cluster.folder / "hangs"
    hangs.write_text("#!/bin/sh\nexec sleep 60\n")
    hangs.chmod(0o755)
    settings.write_text(good + f"[ $SLURMD_NODENAME != n1 ] || MSPRECHECK={hangs} MSPRECHECK_TIMEOUT=1\n")
    drained_for(cluster, "n1", "msprecheck: no answer within 1 s")
    settings.write_text(good)
    idle(cluster, "n1")


def a_wrong_option_drains_nobody(cluster):
    settings = cluster.folder / "msprecheck/msprecheck.conf"
    good = settings.read_text()
    settings.write_text(good + 'MSPRECHECK_OPTIONS="--fail-on nothing"\n')
    health_checked(cluster, "n1", times=2)
    assert all(cluster.state(node)[0] == "IDLE" for node in NODES)
    settings.write_text(good)


def health_checked(cluster, node, times):
    """Runs the health check of a node now, as slurmd does, besides those that slurmd runs itself."""
    for _ in range(times):
        cluster.run(cluster.folder / "msprecheck/healthcheck", SLURMD_NODENAME=node)


def the_prolog_keeps_jobs_away(cluster):
    """With no health check that would find it before the job does."""
    cluster.configure(interval=0, prolog=True)
    cluster.run("scontrol", "reconfigure")
    assert cluster.run("srun", "--nodelist=n2", "--time=1", "echo", "served").startswith("served")
    cluster.npu_health("n2", "Alarm")
    status, told = cluster.run_bounded(["srun", "--nodelist=n2", "--time=1", "--immediate=20", "echo", "served"])
    assert status != 0 and "served" not in told, told
    drained_for(cluster, "n2", "msprecheck: NPU-HEALTH")
    cluster.note("n2: one NPU reports Alarm, no health check; srun on n2 was refused by the prolog")
    cluster.npu_health("n2", "OK")
    health_checked(cluster, "n2", times=1)
    idle(cluster, "n2")
    assert cluster.run("srun", "--nodelist=n2", "--time=1", "echo", "served").startswith("served")


SCENARIOS = [gather_brings_one_report_of_each_node, gather_fails_closed, an_unfit_node_is_drained_and_resumed,
             a_node_that_cannot_be_judged_is_drained, who_drained_a_node_resumes_it, a_check_that_hangs_drains,
             a_wrong_option_drains_nobody, the_prolog_keeps_jobs_away]


def main():
    missing = [program for program in PROGRAMS if not shutil.which(program, path=ENVIRONMENT["PATH"])]
    if missing or os.geteuid() != 0:
        print("skipped: " + (f"not installed: {', '.join(missing)}" if missing else "slurmd and munged are run as root"))
        return 77
    signal.signal(signal.SIGALRM, lambda *_: sys.exit(f"not done within {LIMIT} s"))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("terminated"))
    signal.alarm(LIMIT)
    with tempfile.TemporaryDirectory(prefix="msslurm.") as scratch:
        cluster = Cluster(pathlib.Path(scratch))
        adopt_orphans()
        done = False
        try:
            cluster.prepare()
            cluster.start()
            for scenario in SCENARIOS:
                scenario(cluster)
            done = True
        finally:
            signal.alarm(0)
            cluster.stop()
            if not done:
                for output in sorted(cluster.folder.glob("*.out")):
                    print(f"--- {output.name}\n{output.read_text(errors='replace')[-3000:]}")
        if os.environ.get("KEEP_LOG"):
            pathlib.Path(os.environ["KEEP_LOG"]).write_text("\n".join(cluster.log))
    print(f"{len(SCENARIOS)} passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
