"""A quarter of a minute of trouble on each database, and the proof. ``make soak`` does the same for longer."""

from tests.faults.run import SHORT, run


def test_everybody_hears_everything_whatever_happens(house):
    verdict = run(house, SHORT)
    assert not verdict.problems
    assert verdict.counts["changes told to somebody"] > 50, "a busy machine does less, but not so little"
    assert verdict.counts["questions answered"] > 30
