"""What files taught: which column of whose file is which, whose a word on a paper is. Shown, changed, forgotten, and back."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from hege.imports import memory, queries
from hege.imports.columns import Memory, in_words, ways
from hege.imports.kinds import KINDS
from hege.imports.layouts import FileKind
from hege.imports.memory import Lesson
from hege.imports.models import NameSort, RememberedMapping, RememberedName
from hege.kernel import clock
from hege.kernel.refused import Refused
from hege.metering.models import PointRole, SupplyPoint
from hege.metering.rules import PointRoleKind
from hege.people.models import Party, Street
from hege.places.models import Tenancy
from hege.web.access import Desk, opens
from hege.web.action_page import Act, perform, sent
from hege.web.forms import Form
from hege.web.links import where
from hege.web.pages import page, part

FORGOTTEN = "forgotten"  # in the session: the last thing forgotten, so that it can be remembered again
NOT_READ = gettext_lazy("不要")


@opens("imports.see")
def learnt(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What is remembered of this street's files, and the last thing that was forgotten."""
    context = {
        "mappings": [(m, FileKind(m.kind), _read(m)) for m in queries.remembered_mappings(desk.street)],
        "names": part(request, queries.remembered_names(desk.street).select_related("by")),
        "whose": whose,
        "forgotten": request.session.get(FORGOTTEN) if desk.may("imports.run") else None,
    }
    return page(request, "imports/learnt.html", context)


def _read(mapping: RememberedMapping) -> list[tuple[str, str]]:
    """The columns that are read, and what each is."""
    return [(head, in_words(said)) for head, said in mapping.columns.items() if said]


# -- whose a word is ---------------------------------------------------------------------------------------------------


class _Whose(forms.ModelChoiceField):  # type: ignore[type-arg]  # Django's own takes none at run time
    """A tenancy, a supply point or an agent, by what people know it by."""

    def label_from_instance(self, obj: Any) -> str:
        return whose(obj)


def whose(thing: Any) -> str:
    """A tenancy by its shop, its tenant and its first day; anything else by its code and name."""
    if isinstance(thing, Tenancy):
        who = thing.party.name if thing.party else _("未写经营者")
        told = {"unit": thing.unit.code, "sign": thing.unit.name, "who": who, "day": thing.from_on}
        return _("%(unit)s %(sign)s（%(who)s，%(day)s 起）") % told
    return f"{thing.code} {thing.name}".strip() if isinstance(thing, SupplyPoint) else str(thing.name)


class WhoseForm(Form):
    """Whose a word on a paper is."""

    whose = _Whose(label=gettext_lazy("是谁的"), queryset=Tenancy.objects.none())

    def __init__(self, *args: Any, thing: RememberedName, **kwargs: Any) -> None:
        super().__init__(*args, thing=thing, **kwargs)
        self.fields["whose"].queryset = _among(thing.street, NameSort(thing.sort))  # type: ignore[attr-defined]  # what a choice of rows has


def _among(street: Street, sort: NameSort) -> QuerySet[Any]:
    """Whom a word of a sort may belong to."""
    match sort:
        case NameSort.PAYER:
            tenancies = Tenancy.objects.filter(street=street).select_related("unit", "party")
            return tenancies.order_by("unit__code", "from_on")
        case NameSort.CUSTOMER_ACCOUNT:
            return SupplyPoint.objects.filter(street=street).order_by("code")
        case NameSort.OWNER:
            agents = PointRole.objects.filter(street=street, kind=PointRoleKind.AGENT)
            return Party.objects.filter(street=street, pk__in=agents.values("party_id")).order_by("name")


FIELD = {NameSort.PAYER: "tenancy", NameSort.CUSTOMER_ACCOUNT: "point", NameSort.OWNER: "party"}


@opens("imports.run")
def name(request: HttpRequest, desk: Desk, name_id: str) -> HttpResponse:
    """Say whose a word is instead."""
    known = get_object_or_404(queries.remembered_names(desk.street), public_id=name_id)
    sort = NameSort(known.sort)
    act = _act(desk, _("“%(word)s”是谁的") % {"word": known.shown}, _("已改好；已经登记的不变。"), str(sort.label))

    def learn(*, whose: Any, by: Any, at: Any) -> None:
        lesson = Lesson(sort, known.shown, **{FIELD[sort]: whose})
        memory.learn_name(desk.street, lesson, file_name=known.file_name, by=by, at=at)

    form = WhoseForm(sent(request), thing=known, initial={"whose": getattr(known, FIELD[sort])})
    return perform(request, act, form, learn)


@opens("imports.run")
@require_POST
def forget_name(request: HttpRequest, desk: Desk, name_id: str) -> HttpResponse:
    """Forget whose a word is; it can be taken back."""
    known = get_object_or_404(queries.remembered_names(desk.street), public_id=name_id)
    whose_id = getattr(known, f"{FIELD[NameSort(known.sort)]}_id")
    kept = {"sort": known.sort, "word": known.shown, "file_name": known.file_name, "whose": whose_id}
    memory.forget_name(known, by=desk.user, at=clock.now())
    return _forgot(request, desk, _("“%(word)s”是谁的") % {"word": known.shown}, name=kept)


# -- which column is which ---------------------------------------------------------------------------------------------


class OurColumn(forms.Select):
    """One of our columns; their names are words of Chinese files in any language."""

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(*args, **kwargs)
        option["attrs"] |= {"lang": "zh-Hans"} if option["value"] else {}
        return option


class MappingForm(Form):
    """What each column of a sender's files is."""

    def __init__(self, *args: Any, thing: RememberedMapping, **kwargs: Any) -> None:
        super().__init__(*args, thing=thing, **kwargs)
        self.heads = [*thing.columns]
        layout = KINDS[FileKind(thing.kind)].layout
        for at, (head, said) in enumerate(thing.columns.items()):
            words = dict.fromkeys([*ways(layout), *([said] if said else [])])
            self.fields[f"column_{at}"] = forms.ChoiceField(
                label=head,
                choices=[("", NOT_READ), *((word, in_words(word)) for word in words)],
                initial=said,
                required=False,
                widget=OurColumn,
            )

    @property
    def said(self) -> dict[str, Any]:
        return {"columns": {head: self.cleaned_data[f"column_{at}"] for at, head in enumerate(self.heads)}}


@opens("imports.run")
def mapping(request: HttpRequest, desk: Desk, mapping_id: str) -> HttpResponse:
    """Say what the columns of a sender's files are instead."""
    known = get_object_or_404(queries.remembered_mappings(desk.street), public_id=mapping_id)
    act = _act(desk, mapping_title(known), _("已改好，下次照这样提议；已经登记的不变。"), known.file_name)

    def keep(*, columns: dict[str, str], by: Any, at: Any) -> None:
        memory.keep_mapping(desk.street, replace(queries.memory_of(known), columns=columns), by=by, at=at)

    return perform(request, act, MappingForm(sent(request), thing=known), keep, template="imports/mapping.html")


@opens("imports.run")
@require_POST
def forget_mapping(request: HttpRequest, desk: Desk, mapping_id: str) -> HttpResponse:
    """Forget what the columns of a sender's files are; it can be taken back."""
    known = get_object_or_404(queries.remembered_mappings(desk.street), public_id=mapping_id)
    said = asdict(queries.memory_of(known))
    kept = {key: value for key, value in said.items() if key != "at"} | {"kind": known.kind}
    memory.forget_mapping(known, by=desk.user, at=clock.now())
    return _forgot(request, desk, mapping_title(known), mapping=kept)


def mapping_title(known: RememberedMapping) -> str:
    """A mapping by its sender and kind."""
    told = {"sender": known.sender or _("没写是谁填的"), "kind": FileKind(known.kind).label}
    return _("%(sender)s的%(kind)s：每列是什么") % told


# -- back again --------------------------------------------------------------------------------------------------------


def _forgot(request: HttpRequest, desk: Desk, said: str, **kept: Any) -> HttpResponse:
    request.session[FORGOTTEN] = {"street": desk.street.code, "said": said, **kept}
    return redirect("imports:learnt", desk.street.code)


@opens("imports.run")
@require_POST
def relearn(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Remember again what was forgotten last."""
    kept, at = request.session.pop(FORGOTTEN, {}), clock.now()
    if kept.get("street") != desk.street.code:
        raise Refused(_("没有刚忘掉的可以拿回来。"))
    if "mapping" in kept:
        said = kept["mapping"]
        again = Memory(**{**said, "kind": FileKind(said["kind"]), "at": at})
        memory.keep_mapping(desk.street, again, by=desk.user, at=at)
    else:
        said = kept["name"]
        sort = NameSort(said["sort"])
        end = _among(desk.street, sort).filter(pk=said["whose"]).first()
        if end is None:
            raise Refused(_("“%(word)s”原来是谁的，现在已经没有了。") % {"word": said["word"]})
        lesson = Lesson(sort, said["word"], **{FIELD[sort]: end})
        memory.learn_name(desk.street, lesson, file_name=said["file_name"], by=desk.user, at=at)
    messages.success(request, _("已拿回来：%(said)s。") % {"said": kept["said"]})
    return redirect("imports:learnt", desk.street.code)


def _act(desk: Desk, title: str, done: str, lead: str) -> Act:
    return Act(title, done, [(_("文件教会的"), where("imports:learnt", desk.street.code))], lead, _("照这样记"))
