"""Who hears what: consents, invitations, subscriptions, and what was told or why not."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from telal.cases.models import Case, CaseEvent
from telal.messaging.models import Contact, Message
from telal.sealing.fields import KeyedHashField, SealedTextField


class GivenAs(models.TextChoices):
    """Whose case somebody wants to hear of: their own, or that of whom they represent."""

    APPLICANT = "applicant", _("stranka")
    ATTORNEY = "attorney", _("punomoćnik")
    GUARDIAN = "guardian", _("zakonski zastupnik")


class Consent(models.Model):
    """Saglasnost: the evidence that a person asked to be told. Never edited; a withdrawal is a row of its own.

    ``person`` is who signed: the applicant, or who represents them (``given_as``); the phone is theirs. ``medium`` says how it was
    given (``paper``, ``api``); ``text_hash`` is the SHA-256 of the statement in that version.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="consents")
    person = models.CharField(max_length=200)
    given_as = models.CharField(max_length=10, choices=GivenAs.choices, default=GivenAs.APPLICANT)
    phone = SealedTextField(blank=True)
    phone_hash = KeyedHashField(of="phone", db_index=True)
    language = models.CharField(max_length=2, default="bs")
    given_at = models.DateTimeField()
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = models.CharField(max_length=150)
    medium = models.CharField(max_length=10)
    text_version = models.CharField(max_length=40)
    text_hash = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return f"{self.case_id} {self.given_at:%Y-%m-%d}"


class Withdrawal(models.Model):
    """The consent stands no longer. ``medium`` is how it was taken back (``chat``, ``paper``, ``api``), or what else ended it:
    another number took its place (``number``), it was written down wrongly (``correction``), who gave it represents the applicant
    no longer (``mandate``), or their data was erased (``erasure``).
    """

    consent = models.OneToOneField(Consent, on_delete=models.CASCADE, related_name="withdrawal")
    withdrawn_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)
    medium = models.CharField(max_length=10)

    def __str__(self) -> str:
        return str(self.consent_id)


class Invitation(models.Model):
    """The slip: a one-time token (only its hash is kept) and a PIN that connect a chat to a case.

    The first contact that opens the link owns it (``opened_by``); it is used up when that contact writes or taps.
    """

    consent = models.ForeignKey(Consent, on_delete=models.CASCADE, related_name="invitations")
    token_hash = models.CharField(max_length=64, unique=True)
    pin_hash = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    opened_by = models.ForeignKey(
        Contact, on_delete=models.SET_NULL, null=True, blank=True, related_name="invitations"
    )
    opened_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.pk)


class NewConsent(models.Model):
    """A consent that has just been recorded: whoever has proven its number is still to be connected. Gone when that is done."""

    consent = models.OneToOneField(Consent, on_delete=models.CASCADE, primary_key=True, related_name="news")

    def __str__(self) -> str:
        return str(self.consent_id)


class Unbound(models.Model):
    """A consent that no chat hears by, ``since`` when. Gone when one does, and when there is nothing more to tell.

    ``dropped_at`` and ``dropped_by``: somebody of the staff has taken it off the list.
    """

    consent = models.OneToOneField(Consent, on_delete=models.CASCADE, related_name="unbound")
    since = models.DateTimeField()
    dropped_at = models.DateTimeField(null=True, blank=True)
    dropped_by = models.CharField(max_length=150, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["id"], name="unbound_open", condition=Q(dropped_at__isnull=True))
        ]

    def __str__(self) -> str:
        return str(self.consent_id)


class PhoneRequest(models.Model):
    """A button on this contact's keyboard asks for their number, with a one-time token (only its hash is kept).

    A newer one ends the one before; a used one is gone. ``moves``: they have said that their number changed.
    """

    contact = models.OneToOneField(Contact, on_delete=models.CASCADE, related_name="phone_request")
    token_hash = models.CharField(max_length=64)
    moves = models.BooleanField(default=False)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.contact_id)


class ProvenPhone(models.Model):
    """Behind this chat is this number: shared from it by the button that we had sent there.

    It connects the chat to every case whose consent names the number, also to those to come. Families share a number, so several
    contacts may have proven it.
    """

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="proven_phones")
    phone = SealedTextField()
    phone_hash = KeyedHashField(of="phone", db_index=True)
    proven_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["contact", "phone_hash"], name="proven_phone_once")
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Doubt(models.Model):
    """Is it still the same person behind this chat? They have been asked; until they say yes, they are told nothing of a case."""

    class Because(models.TextChoices):
        SILENCE = "silence", _("dugo se nije javljao")
        SHARED = "shared", _("isti broj potvrđen je i iz drugog razgovora")
        NUMBER = "number", _("stranka je na šalteru prijavila drugi broj")

    contact = models.OneToOneField(Contact, on_delete=models.CASCADE, primary_key=True, related_name="doubt")
    because = models.CharField(max_length=10, choices=Because.choices)
    asked_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.contact_id} {self.because}"


class Guess(models.Model):
    """A PIN that was refused: in the chat or at the counter (``place``), by whom and for what, as codes that are only compared.

    ``held``: it came during a pause, and nobody has looked whether it was right.
    """

    place = models.CharField(max_length=10)
    guesser = models.CharField(max_length=40)
    target = models.CharField(max_length=40)
    held = models.BooleanField()
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.place} {self.pk}"


class LinkTrouble(models.Model):
    """A link that did not work for this contact, and why; explained when they may be written to."""

    contact = models.OneToOneField(
        Contact, on_delete=models.CASCADE, primary_key=True, related_name="link_trouble"
    )
    reason = models.CharField(max_length=10)

    def __str__(self) -> str:
        return self.reason


class Way(models.TextChoices):
    """How a contact has shown that a case concerns it."""

    LINK = "link", _("kodom s potvrde")
    PHONE = "phone", _("svojim brojem telefona")
    PIN = "pin", _("brojem predmeta i PIN-om")


class Subscription(models.Model):
    """A contact hears about a case. Ends by itself or with the consent; a contact that left is only not reachable.

    ``told_through`` is the number of the last event that the first status, sent at binding, already included. ``ended_by`` is the
    clerk who took the contact off the case, if one did.
    """

    consent = models.ForeignKey(Consent, on_delete=models.CASCADE, related_name="subscriptions")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="subscriptions")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="subscriptions")
    created_at = models.DateTimeField()
    way = models.CharField(max_length=5, choices=Way.choices, default=Way.LINK)
    told_through = models.PositiveIntegerField(default=0)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=150, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case", "contact"], name="subscription_once", condition=Q(ended_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.contact_id}"


class Reason(models.TextChoices):
    """Why an event was not told to somebody."""

    NO_CONSENT = "no_consent", _("nema saglasnosti")
    WITHDRAWN = "withdrawn", _("saglasnost je povučena")
    NOT_BOUND = "not_bound", _("građanin još nije otvorio chat")
    UNREACHABLE = "unreachable", _("građanin je isključio poruke ili više nije na Viberu")
    UNCONFIRMED = "unconfirmed", _("građanin još nije potvrdio da je to i dalje njegov razgovor")
    NO_NEWS = "no_news", _("ništa novo za građanina")
    NOT_ANNOUNCED = "not_announced", _("ovaj status se ne objavljuje")
    TAKEN_BACK = "taken_back", _("poništeno prije slanja")
    IN_FIRST_STATUS = "in_first_status", _("već rečeno u prvoj poruci nakon povezivanja")


class Notice(models.Model):
    """An event dealt with: told to a subscriber by ``message``, or not told because of ``reason``. Once for each pair."""

    event = models.ForeignKey(CaseEvent, on_delete=models.CASCADE, related_name="notices")
    subscription = models.ForeignKey(
        Subscription, on_delete=models.CASCADE, null=True, blank=True, related_name="notices"
    )
    message = models.OneToOneField(
        Message, on_delete=models.SET_NULL, null=True, blank=True, related_name="notice"
    )
    reason = models.CharField(max_length=20, choices=Reason.choices, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["event", "subscription"], name="notice_once"),
            models.UniqueConstraint(
                fields=["event"], name="notice_to_nobody_once", condition=Q(subscription__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} {self.reason or self.message_id}"
