"""Files in forms (附件栏): a field that takes several, looked at before the transaction begins; nothing sent is lost by a refusal.

A view that takes files says so with ``takes_files``; ``FilesMiddleware`` then looks at them in a child process before
``IdempotencyMiddleware`` begins its transaction, so that nobody waits for a picture behind a lock. What was taken while the
rest of the form was refused comes back as a ticked line with a signed token in it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any, NamedTuple, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils.translation import gettext_lazy as _

from hege.attachments import store
from hege.attachments.actions import add_files
from hege.attachments.preparing import Prepared, prepare
from hege.attachments.rules import MOST_FILES, Purpose, check_count
from hege.kernel import signing
from hege.kernel.database import atomic
from hege.kernel.refused import Refused
from hege.web.middleware import Middleware

T = TypeVar("T")
View = TypeVar("View", bound=Callable[..., HttpResponse])
SALT = "hege.web.files.kept"
#: Shorter than ``hege.installation.actions.STRAYS_FOR``: what a token stands for is still there.
KEPT_SECONDS = 12 * 3600
KEPT = "_kept"
PICTURES = "image/jpeg,image/png,image/webp,image/heic,image/heif,.heic,.heif"
PAPERS = ",application/pdf,.pdf,.xlsx,.docx"


class Kept(NamedTuple):
    """A file that was taken while the rest of its form was refused."""

    token: str
    name: str


class _SeveralFiles(forms.FileInput):
    """All files sent under a name, and the tokens of those that were taken before."""

    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> tuple[list[Any], list[str]]:
        sent = files.getlist(name) if hasattr(files, "getlist") else []
        return sent, data.getlist(name + KEPT) if hasattr(data, "getlist") else []

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in files and name + KEPT not in data


class FilesField(forms.Field):
    """Pictures, and where ``papers`` are taken too, PDF and office files; cleaned to a list of ``Prepared``."""

    is_files = True
    most = MOST_FILES
    widget = _SeveralFiles

    def __init__(self, *, purpose: Purpose, papers: bool = False, required: bool = False, **kwargs: Any) -> None:
        super().__init__(required=required, **kwargs)
        self.purpose, self.papers = purpose, papers
        self.accept = PICTURES + (PAPERS if papers else "")
        self.kept: list[Kept] = []

    def clean(self, value: Any) -> list[Prepared]:
        """What was sent and what was taken before; one that is not taken is an error that names it, the others stay."""
        sent, tokens = value or ([], [])
        taken, refused = [found for token in tokens if (found := _read(token))], []
        try:
            check_count(len(sent) + len(taken))
        except Refused as no:
            refused, sent = [no], []
        for upload in sent:
            try:
                taken.append(self.look(upload))
            except Refused as no:
                refused.append(no)
        self.kept = [Kept(signing.dumps(asdict(file), salt=SALT), file.name) for file in taken]
        if refused:
            raise ValidationError([str(no) for no in refused])
        if self.required and not taken:
            raise ValidationError(self.error_messages["required"], "required")
        return taken

    def look(self, upload: Any) -> Prepared:
        """Look at a file, or say again what was found; raises ``Refused``."""
        found = getattr(upload, "found", None)
        if found is None:
            try:
                found = prepare(
                    upload.name or "", upload.size or 0, upload.read, purpose=self.purpose,
                    pictures_only=not self.papers,
                )  # fmt: skip
            except Refused as no:
                found = no
            finally:
                upload.seek(0)
            upload.found = found  # read above alone
        if isinstance(found, Refused):
            raise found
        return found


def _read(token: str) -> Prepared | None:
    """What a token stands for; None where it is none of ours, too old, or its content is gone."""
    try:
        said = signing.loads(token, salt=SALT, max_age=KEPT_SECONDS)
    except signing.BadSignature:
        return None
    found = Prepared(**{**said, "purpose": Purpose(said["purpose"])})
    contents = filter(None, (found.sha256, found.small_sha256, found.original_sha256))
    return found if all(map(store.is_there, contents)) else None


def takes_files(form: type[forms.Form], admits: Callable[..., bool] | None = None) -> Callable[[View], View]:
    """Mark a view whose form brings files: they are looked at before its transaction begins.

    ``admits``: of a page without a sign-in, whether the request and the words of its address let whoever it is send
    something; nobody else's files are looked at.
    """

    def mark(view: View) -> View:
        view.takes_files, view.admits = form, admits  # type: ignore[attr-defined]  # read by FilesMiddleware alone
        return view

    return mark


def bringing(action: Callable[..., T], about: Callable[[T], Any] = lambda made: made) -> Callable[..., T]:
    """An action that also keeps what its form brought as ``papers``, about what it answers: both or neither."""

    @atomic
    def both(*things: Any, papers: list[Prepared], by: Any, at: Any, **said: Any) -> T:
        made = action(*things, by=by, at=at, **said)
        if papers:
            add_files(papers, about=about(made), by=by, at=at)
        return made

    return both


class FilesMiddleware(Middleware):
    """Looks at the files of a form whose view takes some, for somebody who is signed in or whom the address admits."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method == "POST" and request.FILES:
            for name, field in _fields(request):
                for upload in request.FILES.getlist(name)[: field.most]:
                    try:
                        field.look(upload)
                    except Refused:
                        continue  # told by the field
        return self.get_response(request)


def _fields(request: HttpRequest) -> list[tuple[str, FilesField]]:
    try:
        found = resolve(request.path_info)
    except Resolver404:
        return []
    form, admits = getattr(found.func, "takes_files", None), getattr(found.func, "admits", None)
    if form is None or not (admits(request, **found.kwargs) if admits else request.user.is_authenticated):
        return []
    return [(name, field) for name, field in form.base_fields.items() if isinstance(field, FilesField)]


def seen(purpose: Purpose, label: Any, help_text: Any = "") -> FilesField:
    """A field for pictures of a paper that was seen, or the paper itself; the original is kept apart as evidence."""
    return FilesField(label=label, help_text=help_text, purpose=purpose, papers=True)


def photos() -> FilesField:
    """A field for some photographs of what was seen."""
    help_text = _("现场、单据都可以，一次最多 5 张；照片里的地点和时间等信息会去掉。")
    return FilesField(label=_("照片"), help_text=help_text, purpose=Purpose.PHOTO)
