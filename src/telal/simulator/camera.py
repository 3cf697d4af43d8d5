"""A phone's camera over a QR code: the code holds a web address, and the page behind it a link to the chat."""

import html
import re

import aiohttp

CHAT_LINK = re.compile(r"viber://pa\?[^\"'<>\s]+")
LARGEST_PAGE = 1024 * 1024


async def chat_link_on(address: str) -> str:
    """The first link to a chat on the page at ``address``, or an empty string. Never raises for what the network does."""
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as browser,
            browser.get(address) as page,
        ):
            text = (await page.content.read(LARGEST_PAGE)).decode(errors="replace")
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return ""
    found = CHAT_LINK.search(html.unescape(text))
    return found[0] if found else ""
