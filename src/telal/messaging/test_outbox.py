"""The outbox: whose turn it is, what a send's outcome leaves behind, and how receipts lift a message up the ladder."""

from datetime import UTC, datetime, timedelta

import pytest

from telal.messaging import claims, receipts
from telal.messaging.channel import Accepted, Receipt, Stopped, TryLater, Uncertain, Unreachable
from telal.messaging.claims import Ended, record
from telal.messaging.models import ChannelState, Contact, Lane, Message, Scope, Sender, Stop, StrayReceipt
from telal.messaging.outbox import Cause, Echo, Owed, cancel_open, owe, prove_arrival
from telal.messaging.recovery import latest_known, recover, turn_back

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
TOKEN = 5741311803571721087


@pytest.fixture
def ivana():
    return Contact.objects.create(channel="viber", address="ivana==", reachable=True)


@pytest.fixture
def sender():
    return Sender.objects.create(host="here", expires_at=NOW + timedelta(seconds=6)).pk


def say(contact, text, lane=Lane.NOTICE):
    (id_,) = owe([Owed(contact.pk, lane, text, [], Cause(None, NOW))], NOW)
    return Message.objects.get(pk=id_)


def claim(sender, limit, now, kind=claims.ANY):
    return claims.claim(sender, limit, now, unanswered_an_hour=100, kind=kind)


def try_all(sender, outcome, now=NOW):
    ended = [Ended(claimed, outcome, timedelta(milliseconds=80)) for claimed in claim(sender, 100, now)]
    if ended:
        record(ended, now, sender)
    return [one.claimed.outgoing.text for one in ended]


def state(message):
    message.refresh_from_db()
    return message.state


def receipt(kind, *, token=TOKEN, address="ivana==", at=NOW):
    return Receipt(address=address, at=at, token=token, kind=kind)


def test_one_at_a_time_in_order_and_answers_first(ivana, sender):
    for text, lane in (("first", Lane.NOTICE), ("second", Lane.NOTICE), ("answer", Lane.ANSWER)):
        say(ivana, text, lane)
    assert [try_all(sender, Accepted(n)) for n in range(4)] == [["answer"], ["first"], ["second"], []]


def test_a_retried_message_keeps_its_place_in_the_line(ivana, sender):
    say(ivana, "first")
    say(ivana, "second")
    assert try_all(sender, TryLater("12")) == ["first"]
    assert try_all(sender, Accepted(1)) == []
    later = NOW + timedelta(minutes=1)
    assert [try_all(sender, Accepted(n), later) for n in range(2)] == [["first"], ["second"]]


def test_one_citizens_trouble_is_not_anothers(ivana, sender):
    petar = Contact.objects.create(channel="viber", address="petar==", reachable=True)
    say(ivana, "to Ivana")
    assert try_all(sender, TryLater("12")) == ["to Ivana"]
    say(petar, "to Petar")
    assert try_all(sender, Accepted(1)) == ["to Petar"]


def test_a_64_bit_token_and_the_cost_signal_are_kept_exactly(ivana, sender):
    message = say(ivana, "x")
    try_all(sender, Accepted(TOKEN, billing=5))
    message.refresh_from_db()
    assert (message.token, message.billing, message.state) == (TOKEN, 5, "sent")
    assert message.attempts.get().outcome == "accepted"


@pytest.mark.parametrize(("heard_ago", "free"), [(timedelta(hours=1), True), (timedelta(hours=25), False)])
def test_whether_the_citizen_had_just_written_is_noted(ivana, sender, heard_ago, free):
    Contact.objects.update(heard_at=NOW - heard_ago)
    message = say(ivana, "x")
    try_all(sender, Accepted(TOKEN))
    message.refresh_from_db()
    assert message.in_session is free


def test_receipts_climb_the_ladder_and_never_go_down(ivana, sender):
    message = say(ivana, "x")
    try_all(sender, Accepted(TOKEN))
    for kind in ("seen", "delivered", "delivered", "failed"):
        receipts.apply("viber", [receipt(kind)], NOW)
        assert state(message) == "seen"
    assert message.delivered_at == NOW


def test_a_receipt_before_the_answer_to_the_send_is_not_lost(ivana, sender):
    message = say(ivana, "x")
    (claimed,) = claim(sender, 1, NOW)
    receipts.apply("viber", [receipt("delivered", at=NOW)], NOW)
    record([Ended(claimed, Accepted(TOKEN), timedelta())], NOW, sender)
    assert state(message) == "delivered"
    assert not StrayReceipt.objects.exists()


def test_a_receipt_that_names_another_person_changes_nothing(ivana, sender):
    message = say(ivana, "x")
    try_all(sender, Accepted(TOKEN))
    receipts.apply("viber", [receipt("delivered", address="somebody else")], NOW)
    assert state(message) == "sent"


def test_seen_covers_what_was_on_the_screen_before(ivana, sender):
    earlier, later = say(ivana, "earlier"), say(ivana, "later")
    try_all(sender, Accepted(1))
    try_all(sender, Accepted(2))
    receipts.apply("viber", [receipt("seen", token=2)], NOW)
    assert (state(earlier), state(later)) == ("seen", "seen")


def test_two_screens_seen_at_once_cover_all_that_was_on_both(ivana, sender):
    messages = []
    for token in range(1, 6):
        messages.append(say(ivana, str(token)))
        try_all(sender, Accepted(token))
    receipts.apply("viber", [receipt("seen", token=4), receipt("seen", token=2)], NOW)
    assert [state(message) for message in messages] == ["seen"] * 4 + ["sent"]


def test_a_device_that_cannot_show_it_says_so(ivana, sender):
    message = say(ivana, "x")
    try_all(sender, Accepted(TOKEN))
    receipts.apply("viber", [Receipt("ivana==", NOW, TOKEN, "failed", "keyboard is not valid")], NOW)
    assert state(message) == "failed"
    assert message.error_detail == "keyboard is not valid"


def test_an_uncertain_send_is_settled_by_a_receipt_for_an_unknown_message(ivana, sender):
    message = say(ivana, "x")
    try_all(sender, Uncertain("timeout"))
    assert state(message) == "uncertain"
    receipts.apply("viber", [receipt("delivered", at=NOW + timedelta(seconds=1))], NOW)
    assert (state(message), message.token, message.due_at) == ("delivered", TOKEN, None)


def test_a_receipt_that_may_be_of_an_answer_under_way_settles_no_notice(ivana, sender):
    notice = say(ivana, "notice")
    try_all(sender, Uncertain("timeout"))
    answer = say(ivana, "answer", Lane.ANSWER)
    (under_way,) = claim(sender, 100, NOW)
    receipts.apply("viber", [receipt("delivered")], NOW)
    recover(NOW + timedelta(seconds=6))
    assert state(notice) == "queued", "it is sent again"
    record([Ended(under_way, Accepted(TOKEN), timedelta(seconds=1))], NOW, sender)
    assert state(answer) == "delivered"


def test_a_receipt_whose_message_is_written_down_in_that_moment_settles_no_other(ivana, sender, monkeypatch):
    """Another process notes the answer's number after we have looked for it and before we think of the notice in doubt."""
    notice = say(ivana, "notice")
    try_all(sender, Uncertain("timeout"))
    answer = say(ivana, "answer", Lane.ANSWER)
    later = NOW + timedelta(seconds=1)
    (under_way,) = claim(sender, 100, later)
    keep = receipts._keep

    def keep_late(*what):
        record([Ended(under_way, Accepted(TOKEN), timedelta(seconds=1))], later, sender)
        keep(*what)

    monkeypatch.setattr(receipts, "_keep", keep_late)
    receipts.apply("viber", [receipt("delivered", at=later)], later)
    recover(NOW + timedelta(seconds=6))
    assert (state(notice), state(answer)) == ("queued", "delivered")


def test_one_receipt_for_two_in_doubt_settles_neither(ivana, sender):
    doubted = [say(ivana, "notice"), say(ivana, "answer", Lane.ANSWER)]
    Message.objects.update(state="uncertain", started_at=NOW, due_at=NOW + timedelta(seconds=5))
    for message in doubted:
        message.attempts.create(started_at=NOW, ended_at=NOW, outcome="uncertain")
    receipts.apply("viber", [receipt("delivered")], NOW)
    assert [state(message) for message in doubted] == ["uncertain", "uncertain"]


def test_a_late_receipt_of_a_first_copy_does_not_settle_the_next_message(ivana, sender):
    first = say(ivana, "first")
    try_all(sender, Uncertain("timeout"))
    recover(NOW + timedelta(seconds=6))
    try_all(sender, Accepted(TOKEN + 1), NOW + timedelta(seconds=6))
    second = say(ivana, "second")
    try_all(sender, Uncertain("timeout"), NOW + timedelta(seconds=7))
    receipts.apply("viber", [receipt("delivered", at=NOW + timedelta(seconds=8))], NOW)
    assert (state(first), state(second)) == ("sent", "uncertain")


def test_a_late_receipt_of_a_first_copy_does_not_settle_an_older_message_still_in_doubt(ivana, sender):
    notice = say(ivana, "notice")
    try_all(sender, Uncertain("timeout"))
    say(ivana, "answer", Lane.ANSWER)
    try_all(sender, Uncertain("timeout"), NOW + timedelta(seconds=1))
    recover(NOW + timedelta(seconds=7))
    assert try_all(sender, Accepted(TOKEN + 1), NOW + timedelta(seconds=7)) == ["answer"]
    receipts.apply("viber", [receipt("delivered", at=NOW + timedelta(seconds=1))], NOW)
    assert state(notice) == "queued"


def test_a_receipt_that_crossed_the_note_of_its_own_message_does_not_settle_the_next(ivana, sender):
    """It was told while its token was being written down: neither saw the other, and the next was taken in hand at once."""
    first = say(ivana, "first")
    try_all(sender, Accepted(TOKEN))
    second = say(ivana, "second")
    try_all(sender, Uncertain("http_503", answered=True))
    StrayReceipt.objects.create(
        channel="viber", address="ivana==", token=TOKEN, kind="delivered", at=NOW, received_at=NOW
    )
    recover(NOW + timedelta(seconds=6))
    assert (state(first), state(second)) == ("delivered", "queued")


def test_a_receipt_older_than_the_send_proves_nothing(ivana, sender):
    message = say(ivana, "x")
    try_all(sender, Uncertain("timeout"))
    receipts.apply("viber", [receipt("delivered", at=NOW - timedelta(minutes=1))], NOW)
    assert state(message) == "uncertain"


def test_a_reply_that_carries_our_reference_proves_arrival(ivana, sender):
    message = say(ivana, "x")
    try_all(sender, Uncertain("timeout"))
    for nonsense in ("", "menu", "٣", "9" * 30, "-1"):
        prove_arrival([Echo(ivana.pk, nonsense, NOW)])
    prove_arrival([Echo(ivana.pk + 1, str(message.pk), NOW)])
    assert state(message) == "uncertain"
    prove_arrival([Echo(ivana.pk, str(message.pk), NOW)])
    assert state(message) == "delivered"


def test_an_uncertain_send_is_repeated_once_and_then_left_to_a_human(ivana, sender):
    message = say(ivana, "x")
    moment = NOW
    for _ in range(2):
        assert try_all(sender, Uncertain("timeout"), moment) == ["x"]
        recover(moment)
        assert state(message) == "uncertain"
        moment += timedelta(seconds=5)
        recover(moment)
    assert (state(message), message.due_at) == ("uncertain", None)
    assert try_all(sender, Accepted(1), moment + timedelta(days=1)) == []


def test_a_late_receipt_settles_even_what_was_left_to_a_human(ivana, sender):
    message = say(ivana, "x")
    for moment in (NOW, NOW + timedelta(seconds=6)):
        try_all(sender, Uncertain("timeout"), moment)
        recover(moment + timedelta(seconds=5))
    assert (state(message), message.due_at) == ("uncertain", None)
    receipts.apply("viber", [receipt("delivered", at=NOW + timedelta(days=3))], NOW)
    assert state(message) == "delivered"


def test_what_the_dead_held_becomes_uncertain_and_goes_on(ivana, sender):
    message = say(ivana, "x")
    claim(sender, 1, NOW)
    recover(NOW + timedelta(seconds=5))
    assert state(message) == "sending"
    recover(NOW + timedelta(seconds=6))
    assert (state(message), message.error) == ("uncertain", "crashed")
    recover(NOW + timedelta(seconds=11))
    assert state(message) == "queued"


def test_when_the_clock_goes_back_what_was_to_wait_a_minute_does_not_wait_for_hours(ivana, sender):
    say(ivana, "retried")
    try_all(sender, TryLater("12"))
    back = NOW - timedelta(hours=5)
    turn_back(back)
    ours = Sender.objects.create(host="here", expires_at=back + timedelta(hours=1)).pk
    assert try_all(ours, Accepted(TOKEN), back + timedelta(seconds=4)) == []
    assert try_all(ours, Accepted(TOKEN), back + timedelta(seconds=5)) == ["retried"]


def test_when_the_clock_goes_back_the_dead_are_found_out_as_soon_as_ever(ivana, sender):
    message = say(ivana, "in the hands of the dead")
    claim(sender, 1, NOW)
    back = NOW - timedelta(hours=5)
    turn_back(back)
    recover(back + timedelta(seconds=6))
    assert state(message) == "uncertain"


def test_after_the_clock_went_back_an_old_stop_can_end_and_an_old_pace_is_one():
    Stop.objects.create(
        channel="viber", scope=Scope.ALL, because="2", needs_human=True, began_at=NOW, probe_at=NOW
    )
    ChannelState.objects.create(channel="viber", pace=50, slowed_at=NOW)
    back = NOW - timedelta(hours=5)
    turn_back(back)
    assert (Stop.objects.get().began_at, ChannelState.objects.get().slowed_at) == (back, back)


def test_how_far_the_clock_has_been_is_known_after_a_restart_too(ivana, sender):
    assert latest_known() is None
    say(ivana, "x")
    assert latest_known() == NOW
    try_all(sender, TryLater("12"), NOW + timedelta(hours=5))
    assert latest_known() == NOW + timedelta(hours=5)


def test_what_the_dead_took_into_hand_after_they_were_buried_is_not_left_there(ivana, sender):
    message = say(ivana, "x")
    Sender.objects.all().delete()
    claim(sender, 1, NOW)
    assert recover(NOW) == 1
    assert state(message) == "uncertain"


def test_what_was_sent_counts_though_its_sender_goes_by_another_id_now(ivana, sender):
    message = say(ivana, "x")
    (claimed,) = claim(sender, 1, NOW)
    next_id = Sender.objects.create(host="here", expires_at=NOW + timedelta(seconds=6)).pk
    record([Ended(claimed, Accepted(TOKEN), timedelta(seconds=1))], NOW, next_id)
    assert (state(message), message.token) == ("sent", TOKEN)


def test_an_answer_that_comes_after_others_lost_hope_still_counts(ivana, sender):
    message = say(ivana, "x")
    (claimed,) = claim(sender, 1, NOW)
    recover(NOW + timedelta(seconds=6))
    record([Ended(claimed, Accepted(TOKEN), timedelta(seconds=7))], NOW, sender)
    assert (state(message), message.token) == ("sent", TOKEN)


def test_a_message_taken_over_by_another_worker_is_not_ours_to_fail(ivana, sender):
    message = say(ivana, "x")
    (claimed,) = claim(sender, 1, NOW)
    other = Sender.objects.create(host="there", expires_at=NOW + timedelta(hours=1))
    Message.objects.update(sender=other)
    record([Ended(claimed, Unreachable("6"), timedelta())], NOW, sender)
    assert (state(message), message.sender) == ("cancelled", other)
    record([Ended(claimed, Accepted(TOKEN), timedelta())], NOW, other.pk)
    assert (state(message), message.token) == ("sent", TOKEN)


def test_who_cannot_be_reached_is_left_in_peace(ivana, sender):
    first, second = say(ivana, "first"), say(ivana, "second")
    try_all(sender, Unreachable("6", "not subscribed"))
    ivana.refresh_from_db()
    assert (ivana.reachable, state(first), state(second)) == (False, "failed", "cancelled")


def test_what_was_called_back_does_not_leave(ivana, sender):
    message = say(ivana, "x")
    assert cancel_open(ivana.pk, "left", NOW) == 1
    assert try_all(sender, Accepted(1)) == []
    assert state(message) == "cancelled"


@pytest.mark.parametrize("outcome", [Uncertain("timeout"), TryLater("19"), Stopped("2")])
def test_what_was_called_back_in_mid_send_is_not_tried_again(ivana, sender, outcome):
    message = say(ivana, "x")
    (claimed,) = claim(sender, 1, NOW)
    cancel_open(ivana.pk, "unsubscribed", NOW)
    record([Ended(claimed, outcome, timedelta(seconds=1))], NOW, sender)
    recover(NOW + timedelta(hours=1))
    assert (state(message), message.error, message.due_at) == ("cancelled", "unsubscribed", None)


def test_what_was_called_back_too_late_is_known_to_be_sent(ivana, sender):
    message = say(ivana, "x")
    (claimed,) = claim(sender, 1, NOW)
    cancel_open(ivana.pk, "unsubscribed", NOW)
    record([Ended(claimed, Accepted(TOKEN), timedelta(seconds=1))], NOW, sender)
    assert (state(message), message.token, message.ended_at) == ("sent", TOKEN, None)


def test_what_was_never_begun_goes_back_without_a_trace(ivana, sender):
    message = say(ivana, "x")
    (claimed,) = claim(sender, 1, NOW)
    record([Ended(claimed, None, timedelta())], NOW, sender)
    assert (state(message), message.attempts_count, message.attempts.count()) == ("queued", 0, 0)


def test_who_does_not_answer_hears_a_hundred_times_an_hour_and_no_more(ivana, sender):
    for n in range(101):
        say(ivana, str(n))
    heard = sum(len(try_all(sender, Accepted(n))) for n in range(101))
    assert heard == 100
    assert claim(sender, 1, NOW + timedelta(minutes=59)) == []
    waiting = Message.objects.get(state="queued")
    assert (waiting.error, waiting.attempts_count) == ("crowded", 0)
    assert try_all(sender, Accepted(1000), NOW + timedelta(minutes=61)) == ["100"]


def test_a_word_from_the_citizen_begins_a_new_hundred(ivana, sender):
    for n in range(101):
        say(ivana, str(n))
    for n in range(101):
        try_all(sender, Accepted(n))
    Contact.objects.update(heard_at=NOW + timedelta(seconds=30))
    assert try_all(sender, Accepted(1000), NOW + timedelta(minutes=2)) == ["100"]
