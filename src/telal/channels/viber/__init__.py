"""Viber's Bot REST API, as one of our channels.

``callbacks`` reads what Viber tells us, ``messages`` writes what we tell it, ``client`` carries requests,
``codes`` says what an answer means, ``wire`` forgives what Viber's JSON does beyond its documentation.
Nothing else in Telal knows Viber's words.
"""

from telal.channels.viber.channel import Viber

__all__ = ["Viber"]
