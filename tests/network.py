"""Machines of a test's own: each a network namespace, joined by two wires that can be cut.

``inner`` leads to the database, ``outer`` to the world. A cut wire swallows what is sent, as a pulled cable does: nobody is told.
"""

import os
import shutil
import subprocess
from contextlib import suppress
from functools import cache

WIRES = {"inner": "198.19", "outer": "198.18"}


@cache
def why_not() -> str:
    """Why there can be no such network here; empty when there can."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    if not shutil.which("ip"):
        return "ip is missing (Debian: iproute2)"
    trial = f"telal-trial-{os.getpid()}"
    made = subprocess.run(["ip", "netns", "add", trial], capture_output=True, text=True)
    subprocess.run(["ip", "netns", "delete", trial], capture_output=True)
    return made.stderr.strip()


class Network:
    """``with Network(["north", "south"]) as network: …``; the tests themselves are on both wires."""

    def __init__(self, machines: list[str]) -> None:
        self._name = f"telal{os.getpid()}"
        self._subnet = os.getpid() % 256
        self._machines = machines
        self._namespaces = {name: f"{self._name}-{name}" for name in ("switch", *machines)}

    def __enter__(self) -> "Network":
        try:
            self._build()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for wire in WIRES:
            with suppress(subprocess.CalledProcessError):
                _ip(f"link delete {self._own_end(wire)}")
        for namespace in self._namespaces.values():
            with suppress(subprocess.CalledProcessError):
                _ip(f"netns delete {namespace}")

    def _build(self) -> None:
        for namespace in self._namespaces.values():
            _ip(f"netns add {namespace}")
        switch = self._namespaces["switch"]
        for wire in WIRES:
            _ip(f"-n {switch} link add {wire} type bridge", f"-n {switch} link set {wire} up")
            _ip(f"link add {self._own_end(wire)} type veth peer name tests-{wire} netns {switch}")
            _ip(
                f"address add {self._address(1, wire)}/24 dev {self._own_end(wire)}",
                f"link set {self._own_end(wire)} up",
            )
            _ip(f"-n {switch} link set tests-{wire} master {wire} up")
            for machine in self._machines:
                self._connect(machine, wire)
        for machine in self._machines:
            _ip(f"-n {self._namespaces[machine]} link set lo up")

    def _connect(self, machine: str, wire: str) -> None:
        switch, here = self._namespaces["switch"], self._namespaces[machine]
        _ip(
            f"link add {wire} netns {here} type veth peer name {machine}-{wire} netns {switch}",
            f"-n {here} address add {self.address(machine, wire)}/24 dev {wire}",
            f"-n {here} link set {wire} up",
            f"-n {switch} link set {machine}-{wire} master {wire} up",
        )

    def address(self, machine: str, wire: str) -> str:
        return self._address(self._machines.index(machine) + 2, wire)

    def at(self, machine: str) -> list[str]:
        """What to put before a command so that it runs there."""
        return ["ip", "netns", "exec", self._namespaces[machine]]

    def cut(self, machine: str, *wires: str) -> None:
        for wire in wires:
            _ip(f"-n {self._namespaces['switch']} link set {machine}-{wire} nomaster")

    def mend(self, machine: str, *wires: str) -> None:
        for wire in wires:
            _ip(f"-n {self._namespaces['switch']} link set {machine}-{wire} master {wire}")

    def _own_end(self, wire: str) -> str:
        return f"{self._name}{wire[0]}"

    def _address(self, number: int, wire: str) -> str:
        return f"{WIRES[wire]}.{self._subnet}.{number}"


def _ip(*commands: str) -> None:
    for command in commands:
        subprocess.run(["ip", *command.split()], check=True, capture_output=True)
