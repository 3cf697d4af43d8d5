"""How many examples Hypothesis makes up for a property: a few each time, many in ``make soak``. A pytest plugin."""

from hypothesis import settings

settings.register_profile("few", settings(), max_examples=30)
settings.register_profile("many", settings(), max_examples=1000)
settings.load_profile("few")
