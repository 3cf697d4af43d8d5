"""The endpoints: each translates one request and leaves the rest to ``recording`` and ``answers``."""

# ruff: noqa: ARG001, ARG002 (the framework decides what a view and a handler are given)

from typing import Annotated, Any

import orjson
from django.http import HttpRequest, HttpResponse
from ninja import Header, NinjaAPI, Path
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.renderers import BaseRenderer
from ninja.responses import Status
from ninja.security import HttpBearer
from pydantic import TypeAdapter
from pydantic import ValidationError as PydanticError

from telal.api import keys
from telal.api.models import ApiKey
from telal.api.v1 import answers, batches, bodies, examples, fields, recording, refusals
from telal.api.v1.problems import Problem, invalid, our_fault
from telal.api.v1.schemas import (
    CaseIn,
    CaseWithInvitation,
    CaseWithTimeline,
    EventIn,
    EventOut,
    InvitationAnswer,
    LineResult,
    ProblemDocument,
)


class Json(BaseRenderer):
    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return orjson.dumps(data)


class Key(HttpBearer):
    """``Authorization: Bearer <key>``."""

    def authenticate(self, request: HttpRequest, token: str) -> ApiKey | None:
        return keys.recognise(token.strip())


_ABOUT = """\
Your system stays the master of the case. It tells Telal of each case (PUT) and of everything that happens to it (events);
Telal tells the citizen. Repeating a request does no harm, so after a time-out or a 5xx simply send it again.

JSON in UTF-8, in both directions. Every error is a problem document (RFC 9457) whose detail says what to do and whose errors
name the fields.

Dates are YYYY-MM-DD. Moments are YYYY-MM-DDThh:mm:ss+01:00; without an offset they are Sarajevo time, and a date alone is the
start of that day. They are answered in Sarajevo time.
"""

api = NinjaAPI(
    title="Telal: API for the document management system",
    version="1",
    auth=Key(),
    renderer=Json(),
    parser=bodies.StrictParser(),
    openapi_url=None,
    docs_url=None,
    urls_namespace="telal",
    description=_ABOUT,
)


def _may_fail(*statuses: int) -> dict[int, type[ProblemDocument]]:
    return dict.fromkeys((400, 401, *statuses, 500, 503), ProblemDocument)


Ref = Annotated[fields.Ref, Path(description=fields.REF, examples=[examples.REF])]


def _who(request: HttpRequest) -> str:
    holder: ApiKey = request.auth  # type: ignore[attr-defined]
    return holder.name


# The longer addresses first: a ref may contain slashes.


@api.post(
    "/cases/{ref:ref}/events",
    response={201: EventOut, 200: EventOut, **_may_fail(404, 405, 409, 410, 413, 415, 422)},
    summary="Tell what has happened to a case",
    operation_id="recordEvent",
    tags=["Events"],
)
def record_event(
    request: HttpRequest,
    ref: Ref,
    sent: EventIn,
    idempotency_key: Annotated[
        str,
        Header(
            alias="Idempotency-Key",
            description=fields.KEY,
            examples=[examples.KEY],
            min_length=1,
        ),
    ],
) -> Status[EventOut]:
    """Writes one line of the timeline; the citizen hears of it within seconds.

    The same key again gets the first answer, with 200.
    """
    key, fingerprint = _key(idempotency_key), bodies.fingerprint(bodies.parse(request.body))
    try:
        case, event, created = recording.record(
            ref, sent, key=key, fingerprint=fingerprint, actor=_who(request)
        )
    except Problem as problem:
        if refusals.is_for_staff(problem.status):
            refused = refusals.of_event(
                problem.status, ref, sent, key=key, fingerprint=fingerprint, said=request.body
            )
            refusals.keep_one(refused, sender=_who(request))
        raise
    return Status(201 if created else 200, answers.event(case, event))


@api.post(
    "/cases/{ref:ref}/invitation",
    response={201: InvitationAnswer, **_may_fail(404, 405, 409, 422)},
    summary="Make a new slip for the citizen",
    operation_id="newInvitation",
    tags=["Citizens"],
)
def new_invitation(request: HttpRequest, ref: Ref) -> Status[InvitationAnswer]:
    """For a slip that was lost or has expired. The one given before ends."""
    slip = recording.new_invitation(ref)
    return Status(201, InvitationAnswer(ref=ref, invitation=answers.invitation(slip)))


@api.delete(
    "/cases/{ref:ref}/consent",
    response={204: None, **_may_fail(404, 405, 422)},
    summary="Withdraw the consent",
    operation_id="withdrawConsent",
    tags=["Citizens"],
)
def withdraw_consent(request: HttpRequest, ref: Ref) -> Status[None]:
    """Nobody hears of the case any more. Where nobody has consented, nothing changes."""
    recording.withdraw_consent(ref, actor=_who(request))
    return Status(204, None)


@api.put(
    "/cases/{ref:ref}",
    response={
        201: CaseWithInvitation,
        200: CaseWithInvitation,
        **_may_fail(405, 410, 413, 415, 422),
    },
    exclude_unset=True,
    summary="Create or update a case",
    operation_id="putCase",
    tags=["Cases"],
)
def put_case(request: HttpRequest, ref: Ref, sent: CaseIn) -> Status[CaseWithInvitation]:
    """A new case starts with the status received. The answer that records a consent carries the invitation, once.

    A change of department, officer or deadline by PUT corrects the case silently: to tell the citizen, record an event.
    """
    case, slip, created = recording.put(ref, sent, actor=_who(request))
    return Status(201 if created else 200, answers.case_with_invitation(case, slip))


@api.get(
    "/cases/{ref:ref}",
    response={200: CaseWithTimeline, **_may_fail(404, 405, 422)},
    summary="Read a case, its timeline and how far each message got",
    operation_id="getCase",
    tags=["Cases"],
)
def get_case(request: HttpRequest, ref: Ref) -> CaseWithTimeline:
    """Each event with its messages (state, times, attempts, error, billing), or the reason why nobody was told."""
    return answers.case_with_timeline(recording.find(ref))


@api.post(
    "/events",
    response={200: LineResult, **_may_fail(405, 413, 415)},
    summary="Tell many events at once",
    operation_id="recordEvents",
    tags=["Events"],
)
def record_events(request: HttpRequest) -> HttpResponse:
    """An event a line, with the case it belongs to and its idempotency key; a result a line, in the same order.

    A bad line never spoils a good one. Empty lines are skipped. At most 20,000 lines, 16 MiB together and 64 kB each.
    """
    body = bodies.read(request, batches.MEDIA_TYPE, bodies.LARGEST_BATCH)
    results = batches.record_lines(body, actor=_who(request))
    lines = (orjson.dumps(result.model_dump(exclude_unset=True)) + b"\n" for result in results)
    return HttpResponse(b"".join(lines), content_type=batches.MEDIA_TYPE)


_key_type: TypeAdapter[str] = TypeAdapter(fields.Key)


def _key(header: str) -> str:
    """The Idempotency-Key. Headers arrive as latin-1; the key may be any UTF-8. Raises Problem 400."""
    try:
        return _key_type.validate_python(header.encode("latin-1").decode("utf-8"))
    except (UnicodeError, PydanticError):
        raise Problem(400, _NO_KEY) from None


_NO_KEY = "Send the header Idempotency-Key: your own id of this event, 1 to 200 printable characters, the same when you repeat it."


# ── Errors ──────────────────────────────────────────────────────────────────────────────────────────────────


def _refused(request: HttpRequest, problem: Problem) -> HttpResponse:
    """An event that could not even be read is kept for the staff, as a line of many is; one that was read, by its endpoint."""
    match = request.resolver_match
    if match and match.url_name == record_event.__name__ and problem.status in (400, 422):
        refused = refusals.unread(
            problem.status, refusals.fields_of(problem), request.body, ref=match.kwargs["ref"]
        )
        refusals.keep_one(refused, sender=_who(request))
    return problem.response()


@api.exception_handler(Problem)
def _problem(request: HttpRequest, error: Problem) -> HttpResponse:
    return _refused(request, error)


@api.exception_handler(ValidationError)
def _validation(request: HttpRequest, error: ValidationError) -> HttpResponse:
    if any(each["loc"][0] == "header" for each in error.errors):
        return _refused(request, Problem(400, _NO_KEY))
    if any(each["loc"] == ("body", "sent") and each["type"] == "missing" for each in error.errors):
        return _refused(request, Problem(400, "The body is empty: send a JSON object."))
    # In front of a field of the body stand "body" and the name of our argument; in front of the ref, "path".
    problem = invalid(
        {**each, "loc": each["loc"][2:] if each["loc"][0] == "body" else each["loc"][1:]}
        for each in error.errors
    )
    return _refused(request, problem)


@api.exception_handler(AuthenticationError)
def _no_valid_key(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    sent = request.headers.get("Authorization", "")
    detail = (
        "The key is not valid: it was revoked, or never existed."
        if sent
        else "The header Authorization is missing: send Authorization: Bearer <key>."
    )
    return Problem(401, detail, headers={"WWW-Authenticate": 'Bearer realm="Telal"'}).response()


@api.exception_handler(HttpError)
def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    # What the parser raised comes wrapped.
    cause = error.__cause__
    return _refused(request, cause) if isinstance(cause, Problem) else _our_fault(request, error)


@api.exception_handler(Exception)
def _our_fault(request: HttpRequest, error: Exception) -> HttpResponse:
    return our_fault(error).response()
