"""The container file: built by podman where it is, else its steps carried out in a folder; then run without network.

Run by ``make container-proof``. In a folder, the steps that change the machine itself are left out and named.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support.containerfile import Instruction, instructions
from tests.support.paths import ROOT

FILE = ROOT / "docs/operations/Containerfile"
# what is the machine's own: packages, users, rights
OF_THE_MACHINE = ("apt-get", "useradd", "install ", "rm -rf /var", "python3 -m formsvc.installation packages")
ASK = """
import fcntl, json, socket, struct, subprocess, sys, time, urllib.request
# the loopback of a new network is down: SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP
door = socket.socket()
flags = struct.unpack("16xH", fcntl.ioctl(door, 0x8913, struct.pack("16sH", b"lo", 0))[:18])[0]
fcntl.ioctl(door, 0x8914, struct.pack("16sH", b"lo", flags | 1))
service = subprocess.Popen(json.loads(sys.argv[1]))
for _ in range(300):
    try:
        answer = urllib.request.urlopen("http://127.0.0.1:8000/healthz", timeout=5)
        print(answer.status, answer.read().decode())
        break
    except OSError:
        time.sleep(0.2)
service.terminate()
sys.exit(service.wait(60))
"""


def build(folder: Path) -> dict[str, str]:
    """Carry out the steps in a folder; return the environment of the service."""
    place = folder / "srv/formsvc"
    env = dict(os.environ)
    env.pop("PYTHONPATH", None)
    place.mkdir(parents=True)
    for each in instructions(FILE):
        if each.word == "COPY":
            _copy(each, place)
        elif each.word == "ENV":
            for pair in each.text.split():
                name, _, value = pair.partition("=")
                env[name] = _in(folder, value).replace("$PATH", env["PATH"])
        elif each.word == "RUN":
            _run(each, folder, place, env)
    (folder / "data").mkdir()
    return env


def _copy(each: Instruction, place: Path) -> None:
    *sources, target = each.text.split()
    for source in sources:
        goal = place / (source if target == "./" else target)
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, goal, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / source, goal)


def _run(each: Instruction, folder: Path, place: Path, env: dict[str, str]) -> None:
    for command in each.commands:
        if command.startswith(OF_THE_MACHINE):
            print("left out, of the machine:", command)
            continue
        print("$", command, flush=True)
        subprocess.run(["/bin/sh", "-ec", _in(folder, command)], cwd=place, env=env, check=True)


def _in(folder: Path, text: str) -> str:
    for path in ("/srv/formsvc", "/data", "/srv/setup"):
        text = text.replace(path, f"{folder}{path}")
    return text


def serve(folder: Path, env: dict[str, str]) -> int:
    """Start the service without any network and ask it."""
    words = json.loads(next(each.text for each in instructions(FILE) if each.word == "CMD"))
    python = shutil.which("python3", path=env["PATH"]) or "python3"
    alone = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--net", "--map-root-user"]
    command = [*alone, python, "-c", ASK, json.dumps(words)]
    done = subprocess.run(
        command, cwd=folder / "srv/formsvc", env=env, capture_output=True, text=True, check=False
    )
    print(done.stdout, done.stderr)
    return 0 if done.returncode == 0 and '"status":"ok"' in done.stdout.replace(" ", "") else 1


def main() -> int:
    """Build by podman where it can, else in a folder."""
    podman = shutil.which("podman")
    if podman:
        built = subprocess.run([podman, "build", "-f", str(FILE), "-t", "formsvc", str(ROOT)], check=False)
        if built.returncode == 0:
            return 0
        print("podman could not build it here; its steps follow in a folder")
    with tempfile.TemporaryDirectory() as folder:
        return serve(Path(folder), build(Path(folder)))


if __name__ == "__main__":
    sys.exit(main())
