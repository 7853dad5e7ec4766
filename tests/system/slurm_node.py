"""A Slurm of one node for a test: its daemons run on loopback with their own ports, keys and files. The test starts and ends them."""
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time

NEEDED = ("munged", "slurmctld", "slurmd", "sbatch", "sinfo", "squeue", "scancel")
SKIPPED = 77

# Nothing of it needs systemd, cgroups, a database or another user. The cgroup plugin that slurmd insists on gets an empty folder to look at.
CONFIGURATION = """\
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller}
SlurmdPort={daemon}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket={folder}/munge.socket
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
MpiDefault=none
ReturnToService=2
KillWait=2
EnforcePartLimits=ALL
SlurmdParameters=config_overrides
SchedulerParameters=batch_sched_delay=0,sched_interval=1
NodeName=node NodeHostname={host} NodeAddr=127.0.0.1 CPUs=4 RealMemory=4096 State=UNKNOWN
PartitionName=all Nodes=node Default=YES MaxTime=60 State=UP
"""
CGROUP = "CgroupPlugin=cgroup/v1\nCgroupMountpoint={folder}/cgroup\nCgroupAutomount=no\n"


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIPPED)


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


class SlurmNode:
    """`with SlurmNode(folder) as node:` an idle node; node.environment is what its commands need. Ends as skipped, and says why, where Slurm
    is not installed or does not start."""

    def __init__(self, folder, seconds=30):
        self.folder, self.seconds, self.daemons = pathlib.Path(folder), seconds, []

    def __enter__(self):
        path = os.environ["PATH"] + ":/usr/sbin:/sbin"
        missing = [name for name in NEEDED if shutil.which(name, path=path) is None]
        if missing:
            skip(f"{', '.join(missing)} not found (scripts/install-deps test installs them)")
        for folder in (self.folder, self.folder / "state", self.folder / "spool", self.folder / "cgroup"):
            folder.mkdir(mode=0o700)
        self.environment = {"PATH": path, "SLURM_CONF": str(self.folder / "slurm.conf"), "LC_ALL": "C.UTF-8"}
        controller, daemon = free_ports(2)
        (self.folder / "slurm.conf").write_text(CONFIGURATION.format(
            host=socket.gethostname().split(".")[0], controller=controller, daemon=daemon,
            user=pwd.getpwuid(os.geteuid()).pw_name, folder=self.folder))
        (self.folder / "cgroup.conf").write_text(CGROUP.format(folder=self.folder))
        key = self.folder / "munge.key"
        key.touch(mode=0o600)
        key.write_bytes(os.urandom(128))
        try:
            # Only who may enter the folder can ask munged for a credential: hence --force.
            self.start("munged", "--foreground", "--force", f"--key-file={key}", f"--socket={self.folder}/munge.socket",
                       f"--pid-file={self.folder}/munged.pid", f"--seed-file={self.folder}/munged.seed")
            self.wait_until_up(lambda: (self.folder / "munge.socket").exists())
            self.start("slurmctld", "-D", "-f", self.folder / "slurm.conf")
            self.start("slurmd", "-D", "-f", self.folder / "slurm.conf", "-N", "node")
            self.wait_until_up(lambda: self.ask("sinfo", "--noheader", "--format=%T") == "idle")
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, fault, *_):
        try:
            if fault is not None:
                print(self.logs())
        finally:
            self.stop()

    def start(self, *words):
        """A daemon. It ends with this test, however that ends."""
        with open(self.folder / f"{words[0]}.log", "w", encoding="utf-8") as log:
            self.daemons.append((words[0], subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", *map(str, words)], env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)))

    def ask(self, *words):
        """What a command answers; nothing where it fails."""
        try:
            done = subprocess.run(words, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=10, check=False)
        except subprocess.TimeoutExpired:
            return None
        return done.stdout.strip() if done.returncode == 0 else None

    def wait_until_up(self, condition):
        until = time.monotonic() + self.seconds
        while not condition():
            ended = [name for name, process in self.daemons if process.poll() is not None]
            if ended or time.monotonic() > until:
                print(self.logs())
                skip(f"{ended[0]} does not start here" if ended else f"Slurm is not up after {self.seconds} s")
            time.sleep(0.05)

    def wait_for_jobs(self, seconds):
        """Whether all jobs have ended by then."""
        until = time.monotonic() + seconds
        while self.ask("squeue", "--noheader") != "":
            if time.monotonic() > until:
                return False
            time.sleep(0.1)
        return True

    def logs(self):
        return "\n".join(f"--- {name}\n" + "\n".join((self.folder / f"{name}.log").read_text(errors="replace").splitlines()[-12:])
                         for name, _ in self.daemons)

    def stop(self):
        """Ends the jobs, then the daemons, the last started first."""
        if len(self.daemons) == 3 and all(process.poll() is None for _, process in self.daemons):
            self.ask("scancel", "--full", "--user", str(os.geteuid()))
            self.wait_for_jobs(15)
        for _, process in reversed(self.daemons):
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.daemons = []
        for process in self.left():  # what runs jobs outlives the daemons
            os.kill(process, signal.SIGKILL)

    def left(self):
        """The processes that were started for this Slurm and still run, known by the file that all of them are told of."""
        mark, found = f"SLURM_CONF={self.folder}/slurm.conf".encode(), []
        for environment in pathlib.Path("/proc").glob("[0-9]*/environ"):
            try:
                if mark in environment.read_bytes().split(b"\0"):
                    found.append(int(environment.parent.name))
            except OSError:  # it has ended, or is somebody else's
                pass
        return found
