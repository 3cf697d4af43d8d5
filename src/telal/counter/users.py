"""Users: who may sign in, as what, in which departments."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from django import forms
from django.contrib.auth.models import User
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from telal.cases.models import Department, Officer
from telal.counter.access import may
from telal.counter.fields import REQUIRED, show_first_error
from telal.counter.page import page
from telal.counter.paging import a_page
from telal.staff import users as staff
from telal.staff.permissions import ROLES

ROLE_NAMES = {
    "counter": _("Šalter"),
    "officer": _("Službenik"),
    "head": _("Rukovodilac službe"),
    "secretary": _("Sekretar"),
    "administrator": _("Administrator"),
    "auditor": _("Revizor (samo gleda)"),
}
_LAST = _("Ovo je jedini administrator: prvo imenujte drugog.")
_OFFICER_TAKEN = _("Ovaj službenik već ima drugog korisnika.")


class UserForm(forms.Form):
    """``name`` only when the user is new: it stands in timelines and in the audit log."""

    name = forms.CharField(label=_("Korisničko ime"), max_length=150, validators=[UnicodeUsernameValidator()])
    role = forms.ChoiceField(label=_("Uloga"), choices=[(role, ROLE_NAMES[role]) for role in ROLES])
    officer = forms.ModelChoiceField(
        label=_("Vodi predmete kao"),
        queryset=Officer.objects.all(),
        required=False,
        empty_label=_("ne vodi predmete"),
    )
    departments = forms.ModelMultipleChoiceField(
        label=_("Službe"),
        queryset=Department.objects.all(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, user: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": _present(user) if user else None, **kwargs})
        if user:
            del self.fields["name"]
        else:
            self.fields["name"].widget.attrs["autofocus"] = True
        for field in self.fields.values():
            field.error_messages["required"] = REQUIRED

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if User.objects.filter(username__iexact=name).exists():
            raise forms.ValidationError(_("Ovo ime već ima neko, možda i neko čiji je pristup ukinut."))
        return name


def _present(user: User) -> dict[str, Any]:
    role = user.groups.values_list("name", flat=True).first()
    member = getattr(user, "member", None)
    return {
        "role": role,
        "officer": member and member.officer_id,
        "departments": list(member.departments.values_list("pk", flat=True)) if member else [],
    }


def _listed() -> QuerySet[User]:
    second = Authenticator.objects.filter(user=OuterRef("pk")).exclude(type=Authenticator.Type.RECOVERY_CODES)
    users = User.objects.annotate(has_second_factor=Exists(second)).select_related("member__officer")
    return users.prefetch_related("groups", "member__departments").order_by("username")


@require_safe
@may("users.manage")
def users(request: HttpRequest) -> HttpResponse:
    shown, later = a_page(_listed(), request.GET.get("after", ""))
    rows = [(user, [ROLE_NAMES.get(group.name, group.name) for group in user.groups.all()]) for user in shown]
    return page(request, "users.html", {"rows": rows, "later": later})


@require_http_methods(["GET", "HEAD", "POST"])
@may("users.manage")
def new_user(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _show(request, UserForm())
    form = UserForm(request.POST)
    if not form.is_valid():
        return _show(request, form)
    try:
        with transaction.atomic():
            user, password = staff.create(**form.cleaned_data)
    except IntegrityError:
        form.add_error("officer", _OFFICER_TAKEN)
        return _show(request, form)
    return page(request, "user_password.html", {"whose": user, "password": password})


@require_http_methods(["GET", "HEAD", "POST"])
@may("users.manage")
def user(request: HttpRequest, pk: int) -> HttpResponse:
    whose = get_object_or_404(_listed(), pk=pk)
    if request.method != "POST":
        return _show(request, UserForm(user=whose), whose)
    form = UserForm(request.POST, user=whose)
    if not form.is_valid():
        return _show(request, form, whose)
    try:
        with transaction.atomic():
            staff.change(whose, **form.cleaned_data)
    except staff.LastAdministrator:
        form.add_error("role", _LAST)
    except IntegrityError:
        form.add_error("officer", _OFFICER_TAKEN)
    return _show(request, form, whose) if form.errors else redirect("counter:users")


@require_POST
@may("users.manage")
def reset_password(request: HttpRequest, pk: int) -> HttpResponse:
    """The password is shown in this answer, and never again."""
    whose = get_object_or_404(User, pk=pk)
    return page(request, "user_password.html", {"whose": whose, "password": staff.reset_password(whose)})


@require_POST
@may("users.manage")
def remove_second_factor(_request: HttpRequest, pk: int) -> HttpResponse:
    staff.remove_second_factor(get_object_or_404(User, pk=pk))
    return redirect("counter:user", pk)


def _letting_in(*, active: bool) -> Callable[..., HttpResponseBase]:
    @require_POST
    @may("users.manage")
    def let_in(request: HttpRequest, pk: int) -> HttpResponse:
        whose = get_object_or_404(_listed(), pk=pk)
        try:
            staff.let_in(whose, active=active)
        except staff.LastAdministrator:
            return _show(request, UserForm(user=whose), whose, trouble=_LAST)
        return redirect("counter:user", pk)

    return let_in


deactivate, activate = _letting_in(active=False), _letting_in(active=True)


def _show(request: HttpRequest, form: UserForm, whose: User | None = None, **more: Any) -> HttpResponse:
    show_first_error(form)
    return page(request, "user.html", {"form": form, "whose": whose, **more})
