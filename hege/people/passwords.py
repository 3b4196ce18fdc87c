"""What a password must be, where Django says it in English only."""

from __future__ import annotations

from django.contrib.auth.password_validation import MinimumLengthValidator
from django.utils.translation import gettext as _


class LongEnough(MinimumLengthValidator):
    """Django's own rule, in words of ours: its Chinese catalogue has none for this sentence."""

    def get_error_message(self) -> str:
        return _("密码太短，至少要 %(n)d 位。") % {"n": self.min_length}

    def get_help_text(self) -> str:
        return self.get_error_message()
