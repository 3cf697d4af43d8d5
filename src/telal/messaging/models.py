"""What we owe people, what they said, and how far each message got.

A message is *open* while ``due_at`` is set: it says when to act on it next. Its state climbs a ladder and never goes down:
queued → sending → (uncertain →) sent → delivered → seen, or ends as failed, cancelled or, for good, uncertain.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from telal.sealing.fields import SealedTextField

# Where the hot paths, which do without the ORM, find what is sealed.
MESSAGE_TEXT = "messaging_message.text"
INBOUND_BODY = "messaging_inbound.body"
CONTACT_NAME = "messaging_contact.name"


class Contact(models.Model):
    """A person on a channel. ``address`` is the channel's id for them.

    ``reachable`` says that we may write; ``presence_at`` is the channel's time of the event that said so last, so that an older one
    arriving late changes nothing. ``heard_at`` is when they last wrote (the channel's time): it opens the free session.
    ``language_chosen``: they have said themselves in which language and script they want to read. ``discreet``: what comes unasked
    tells only that there is news. Until ``with_human_until`` what a computer does not understand is for the staff.

    ``said_in_while`` is how much they have written in the while that ends at ``while_ends``, ``rights_in_while`` how many of it
    were their right; ``said_times``, how often the same: that whose keyed hash begins with ``said_mark``. It is lately until
    ``said_until``.
    """

    channel = models.CharField(max_length=20)
    address = models.CharField(max_length=200)
    name = SealedTextField(blank=True)
    language = models.CharField(max_length=7, default="bs")
    language_chosen = models.BooleanField(default=False)
    discreet = models.BooleanField(default=False)
    with_human_until = models.DateTimeField(null=True, blank=True)
    while_ends = models.DateTimeField(null=True, blank=True)
    said_in_while = models.PositiveIntegerField(default=0)
    rights_in_while = models.PositiveIntegerField(default=0)
    said_mark = models.CharField(max_length=16, blank=True)
    said_times = models.PositiveIntegerField(default=0)
    said_until = models.DateTimeField(null=True, blank=True)
    reachable = models.BooleanField(default=False)
    unreachable_because = models.CharField(max_length=100, blank=True)
    presence_at = models.DateTimeField(null=True, blank=True)
    heard_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["channel", "address"], name="contact_once")]
        indexes: ClassVar = [
            models.Index(fields=["id"], name="contact_unreachable", condition=~Q(unreachable_because=""))
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.pk}"


class Lane(models.IntegerChoices):
    """Which queue of a contact a message waits in. A lower one goes first."""

    ANSWER = 0
    NOTICE = 1
    BULK = 2


class State(models.TextChoices):
    QUEUED = "queued"
    SENDING = "sending"
    UNCERTAIN = "uncertain"
    SENT = "sent"
    DELIVERED = "delivered"
    SEEN = "seen"
    FAILED = "failed"
    CANCELLED = "cancelled"


class ToldBy(models.TextChoices):
    """How somebody heard what a message could not tell them."""

    CALL = "call", _("telefonom")
    LETTER = "letter", _("dopisom")
    IN_PERSON = "person", _("lično")
    NOBODY = "nobody", _("nije potrebno")


class Message(models.Model):
    """One thing to say to one person: the outbox. Messages of one contact and lane leave in the order of their ids.

    ``token`` is the channel's number of the message, ``billing`` its cost signal; ``in_session`` tells whether the citizen had
    written within the last day when it was sent (such a message is free). ``answered`` belongs to an uncertain send: the platform
    did answer, with an error of its own. ``resent`` says that the one repetition of an unanswered send has been spent.
    ``caused_at`` is when that which we tell or answer came in, and ``trace`` the id of its path. ``settled_at`` and ``settled_by``:
    it did not get through, and a human has told the person in another way (``told_by``), or has found that nothing is to be told.

    The busiest table: that ``sender`` exists is not checked for each row, nor for an attempt its message (a third of the database's
    work when sending); the statements that write them are few and take them from rows in hand.
    """

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="messages", db_index=False)
    lane = models.SmallIntegerField(choices=Lane.choices)
    text = SealedTextField()
    buttons = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    sender = models.ForeignKey(
        "Sender", on_delete=models.DO_NOTHING, null=True, blank=True, db_index=False, db_constraint=False
    )
    attempts_count = models.PositiveSmallIntegerField(default=0)
    resent = models.BooleanField(default=False)
    started_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    token = models.BigIntegerField(null=True, blank=True)
    billing = models.SmallIntegerField(null=True, blank=True)
    in_session = models.BooleanField(null=True, blank=True)
    error = models.CharField(max_length=40, blank=True)
    error_detail = models.CharField(max_length=300, blank=True)
    answered = models.BooleanField(default=False)
    caused_at = models.DateTimeField(null=True, blank=True)
    trace = models.UUIDField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.CharField(max_length=150, blank=True)
    told_by = models.CharField(max_length=10, choices=ToldBy.choices, blank=True)

    class Meta:
        indexes: ClassVar = [
            # Of queued ones only: so nobody is tempted to look here for the line of a contact, which has an index of its own.
            models.Index(
                fields=["lane", "id"], name="message_open", condition=Q(due_at__isnull=False, state="queued")
            ),
            models.Index(
                fields=["contact", "lane", "id"], name="message_line", condition=Q(due_at__isnull=False)
            ),
            models.Index(fields=["contact", "-id"], name="message_by_contact"),
            models.Index(fields=["token"], name="message_by_token", condition=Q(token__isnull=False)),
            models.Index(
                fields=["-id"],
                name="message_unsettled",
                condition=Q(ended_at__isnull=False, settled_at__isnull=True),
            ),
            models.Index(
                fields=["contact", "sent_at"], name="message_lately", condition=Q(sent_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"


class Attempt(models.Model):
    """One try to send a message, and what came of it."""

    message = models.ForeignKey(
        Message, on_delete=models.CASCADE, related_name="attempts", db_constraint=False
    )
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    outcome = models.CharField(max_length=12)
    code = models.CharField(max_length=40, blank=True)
    detail = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return f"{self.message_id} {self.outcome}"


class StrayReceipt(models.Model):
    """A receipt whose message is not known (yet): it came before the answer to the send, or is not for us."""

    channel = models.CharField(max_length=20)
    address = models.CharField(max_length=200)
    token = models.BigIntegerField(db_index=True)
    kind = models.CharField(max_length=10)
    at = models.DateTimeField()
    detail = models.CharField(max_length=300, blank=True)
    received_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["channel", "address", "token", "kind"], name="stray_receipt_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.token}"


class Inbound(models.Model):
    """A callback, stored before it was acknowledged. ``key`` is unique for ever: a repetition changes nothing. So it names
    nobody.

    ``body`` is the JSON as received; it is emptied when it has been dealt with and holds nothing worth keeping.
    """

    channel = models.CharField(max_length=20)
    key = models.CharField(max_length=300)
    kind = models.CharField(max_length=40)
    address = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    body = SealedTextField()
    received_at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)
    trace = models.UUIDField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["channel", "key"], name="inbound_once")]
        indexes: ClassVar = [
            models.Index(fields=["id"], name="inbound_waiting", condition=Q(handled_at__isnull=True)),
            models.Index(fields=["trace"], name="inbound_by_trace", condition=Q(trace__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Sender(models.Model):
    """A worker that may hold messages. It is alive while it renews ``expires_at``; what a dead one held becomes uncertain."""

    host = models.CharField(max_length=200)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.host} {self.pk}"


class ChannelState(models.Model):
    """What the installation knows of a channel: its chat address, what the platform said of our account, and its pace.

    ``webhook`` is where it calls us, ``missing_events`` what it would not call for, in its own words.
    ``pace`` is the messages a second that were allowed at ``slowed_at``, when the platform last complained of our speed.
    """

    channel = models.CharField(max_length=20, primary_key=True)
    uri = models.CharField(max_length=200, blank=True)
    problem = models.CharField(max_length=300, blank=True)
    webhook = models.CharField(max_length=300, blank=True)
    missing_events = models.CharField(max_length=200, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    pace = models.FloatField(null=True, blank=True)
    slowed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.channel


class Day(models.Model):
    """What became of the messages that were written on one day: totals that outlive them (see ``promise``). No personal data.

    ``taken_back`` counts those that could not be handed over because of the person; no other total includes them.
    """

    day = models.DateField(primary_key=True)
    notices = models.PositiveIntegerField(default=0)
    notices_in_time = models.PositiveIntegerField(default=0)
    answers = models.PositiveIntegerField(default=0)
    answers_in_time = models.PositiveIntegerField(default=0)
    delivered = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    taken_back = models.PositiveIntegerField(default=0)
    counted_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.day}"


class Scope(models.TextChoices):
    """What is held back: everything, or what costs money."""

    ALL = "all"
    PAID = "paid"


class Stop(models.Model):
    """A time in which nothing (or nothing paid) was sent, and ``because`` of what. Over when ``ended_at`` is set.

    Meanwhile one message is tried at ``probe_at``, to see whether the cause has gone; ``probes`` were. ``needs_human`` tells a stop
    that waits for somebody to act from a mere pause.
    """

    channel = models.CharField(max_length=20)
    scope = models.CharField(max_length=4, choices=Scope.choices)
    because = models.CharField(max_length=300)
    needs_human = models.BooleanField()
    began_at = models.DateTimeField()
    probe_at = models.DateTimeField()
    probes = models.PositiveIntegerField(default=0)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["channel", "scope"], name="stop_once", condition=Q(ended_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.scope} {self.began_at:%Y-%m-%d}"


class Pump(models.Model):
    """A loop that must not run twice at the same time. Whoever has locked the row is it, for one transaction."""

    name = models.CharField(max_length=20, primary_key=True)

    def __str__(self) -> str:
        return self.name
