"""A quarter of a minute of trouble on each database, and the proof. ``make soak`` does the same for longer."""

from tests.faults.run import SHORT, run


def test_everybody_hears_everything_whatever_happens(house):
    verdict = run(house, SHORT)
    assert not verdict.problems
    assert verdict.counts["changes told to somebody"] > 10, (
        "every code has its turn, and some stop everything; a little is told all the same"
    )
    assert verdict.counts["questions answered"] > 10
