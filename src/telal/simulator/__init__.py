"""A fake Viber: its HTTP API and a page full of phones, for the demo, development and tests.

It knows nothing of whoever talks to it; it could stand in front of any bot. How to drive it: ``server``.
"""

from telal.simulator.server import Simulator
from telal.simulator.settings import Settings
from telal.simulator.thread import SimulatorThread

__all__ = ["Settings", "Simulator", "SimulatorThread"]
