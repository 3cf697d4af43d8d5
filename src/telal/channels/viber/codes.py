"""What an answer of Viber's means for the message, for the person and for the queue. Tables, one row a code.

Meanings: Viber's error codes; which of them end a message, a person or the queue is our reading. Details are
for a human and never quote Viber's own ``status_message``, which may repeat the message's text.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from telal.messaging.channel import Refused, Stopped, TryLater, Uncertain, Unreachable

Failure = TryLater | Refused | Unreachable | Uncertain | Stopped

OK = 0
API_VERSION_NOT_SUPPORTED = 13
INCOMPATIBLE_WITH_VERSION = 14

STATUSES: dict[int, Failure] = {
    1: Stopped("1", "invalidUrl: Viber could not reach our webhook, or did not trust its certificate."),
    2: Stopped("2", "invalidAuthToken: Viber does not know our token. Check TELAL_VIBER_TOKEN."),
    3: Refused("3", "badData: Viber found a mistake in the message."),
    4: Refused("4", "missingData: the message lacked something that Viber requires."),
    5: Unreachable("5", "receiverNotRegistered: this person no longer has Viber."),
    6: Unreachable(
        "6", "receiverNotSubscribed: this person has never written to us, or turned our messages off."
    ),
    7: Stopped("7", "publicAccountBlocked: Viber has blocked our bot. Write to Viber or to the partner."),
    8: Stopped("8", "publicAccountNotFound: no bot belongs to our token. Check TELAL_VIBER_TOKEN."),
    9: Stopped("9", "publicAccountSuspended: Viber has suspended our bot. Write to Viber or to the partner."),
    10: Stopped("10", "webhookNotSet: no webhook is registered. Run telal viber register."),
    11: Unreachable("11", "receiverNoSuitableDevice: this person's phone or Viber cannot show our messages."),
    12: TryLater(
        "12",
        "tooManyRequests: too many messages at once, or 100 in an hour to a person who does not answer.",
        slower=True,
    ),
    13: Unreachable("13", "apiVersionNotSupported: this person's Viber is too old for our messages."),
    14: Refused("14", "incompatibleWithVersion: the message uses more of Viber than it declares."),
    15: Stopped(
        "15", "publicAccountNotAuthorized: our bot is not allowed to send. Write to Viber or to the partner."
    ),
    16: Refused("16", "inchatReplyMessageNotAllowed: the message may not be sent inside another chat."),
    17: Refused("17", "publicAccountIsNotInline: our bot may not send inside other chats."),
    18: Refused("18", "noPublicChat: our bot has no public chat."),
    19: TryLater("19", "cannotSendBroadcast: Viber could not send it this time."),
    20: Refused("20", "broadcastNotAllowed: our bot may not send to many at once."),
    21: Unreachable("21", "unsupportedCountry: Viber does not let us write to this person's country."),
    22: Refused("22", "paymentUnsupported: our bot may not take payments."),
    23: Stopped("23", "freeMessagesExceeded: this month's free messages are used up.", only_paid=True),
    24: Stopped("24", "noBalance: the balance with Viber is used up. Top it up.", only_paid=True),
}

# By the exact HTTP status, else by its class (the hundreds).
HTTP: dict[int, Failure] = {
    401: Stopped("", "Viber refused our token. Check TELAL_VIBER_TOKEN."),
    403: Stopped(
        "", "Viber, or something on the way to it, refused us. Check TELAL_VIBER_TOKEN and the firewall."
    ),
    408: TryLater("", "Viber did not get the whole request in time."),
    429: TryLater("", "Viber asks us to send more slowly.", slower=True),
    3: TryLater("", "The address of Viber's API leads elsewhere. Check TELAL_VIBER_API.", alarm=True),
    4: Refused("", "Viber's server refused the request."),
    5: Uncertain("", "Viber's server failed while it dealt with the request.", answered=True),
}
_STRANGE = Uncertain("", "Viber's server answered in a way we do not know.", answered=True)

_LONGEST_WAIT = timedelta(days=1)


def of_status(status: int) -> Failure:
    """What a non-zero ``status`` means. One we do not know is Viber's *general error*: try again later."""
    return STATUSES.get(status) or TryLater(str(status), "Viber reported an error without saying more.")


def of_http(status: int, retry_after: str | None, now: datetime) -> Failure:
    """What an HTTP status other than success means; ``Retry-After`` counts where we are to try later."""
    failure = HTTP.get(status) or HTTP.get(status // 100) or _STRANGE
    if isinstance(failure, TryLater):
        failure = replace(failure, after=wait(retry_after, now))
    return replace(failure, code=f"http_{status}")


def wait(retry_after: str | None, now: datetime) -> timedelta | None:
    """How long ``Retry-After`` (RFC 9110: seconds or a date) asks us to wait, at most a day."""
    if not retry_after:
        return None
    value = retry_after.strip()
    asked = _seconds(value) if value.isascii() and value.isdigit() else _until(value, now)
    return None if asked is None else min(max(asked, timedelta()), _LONGEST_WAIT)


def _seconds(digits: str) -> timedelta:
    return timedelta(seconds=int(digits[:9]))  # nine digits are thirty years


def _until(date: str, now: datetime) -> timedelta | None:
    try:
        moment = parsedate_to_datetime(date)
    except (ValueError, TypeError, OverflowError):
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC) - now
