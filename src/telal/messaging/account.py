"""Our account on the channel: which channel there is, where its chat is, and whether the platform is content with us."""

import asyncio
from dataclasses import dataclass
from typing import cast

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from telal.messaging.channel import Account, Channel
from telal.messaging.models import ChannelState


def open_channel() -> Channel:
    """The configured channel, ready to use. Whoever opens it closes it."""
    return cast(Channel, import_string(settings.TELAL_CHANNEL["class"])(**settings.TELAL_CHANNEL["options"]))


def callback_url(channel: Channel) -> str:
    """Where the platform's callbacks should come."""
    return f"{settings.TELAL_PUBLIC_URL}/hooks/{channel.name}/"


def chat_link(context: str = "") -> str:
    """The link that opens our chat, or an empty string while its address is not known (see ``telal check``)."""
    channel = open_channel()
    uri = (
        settings.TELAL_VIBER_URI
        or ChannelState.objects.filter(pk=channel.name).values_list("uri", flat=True).first()
    )
    return channel.chat_link(uri, context) if uri else ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be, and what to do about it."""

    what: str
    remedy: str


def examine(account: Account, channel: Channel) -> list[Finding]:
    """Compare the platform's picture of us with ours."""
    findings = []
    if account.problem:
        findings.append(
            Finding(
                account.problem, "Check TELAL_VIBER_TOKEN and TELAL_VIBER_API, and whether the bot is active."
            )
        )
        return findings
    wanted = callback_url(channel)
    if account.webhook.rstrip("/") != wanted.rstrip("/"):
        told = account.webhook or "nowhere"
        findings.append(Finding(f"Callbacks go to {told}, not to {wanted}.", "Run: telal viber register"))
    if account.missing_events:
        findings.append(
            Finding(f"Not subscribed to: {', '.join(account.missing_events)}.", "Run: telal viber register")
        )
    return findings


def remember(account: Account, channel: Channel) -> None:
    """Keep what the platform said, for those who cannot ask it themselves. An unanswered question forgets nothing."""
    state, _ = ChannelState.objects.get_or_create(pk=channel.name)
    state.problem, state.checked_at = account.problem[:300], timezone.now()
    state.uri = account.uri or state.uri
    if not account.problem:
        state.webhook = account.webhook[:300]
        state.missing_events = ", ".join(account.missing_events)[:200]
    state.save(update_fields=["problem", "checked_at", "uri", "webhook", "missing_events"])


def ask() -> list[Finding]:
    """What the platform says of our account now; remembered. It may take some seconds."""
    channel = open_channel()

    async def do() -> Account:
        account = await channel.account()
        await channel.aclose()
        return account

    account = asyncio.run(do())
    remember(account, channel)
    return examine(account, channel)
