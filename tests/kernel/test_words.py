"""The word for a choice is looked up, in the language of who asks."""

from __future__ import annotations

from django.utils import translation

from hege.people.models import Membership, Party, Role


def test_the_word_for_a_choice_is_the_one_its_list_has_in_the_language_of_who_asks():
    member = Membership(role=Role.MEDIATOR)
    for language in ("zh-hans", "en"):
        with translation.override(language):
            assert member.get_role_display() == str(Role.MEDIATOR.label)
    with translation.override("zh-hans"):
        assert member.get_role_display() == "调解员"


def test_what_no_list_has_is_said_as_it_is():
    assert (Membership(role="nobody").get_role_display(), Party(kind="").get_kind_display()) == ("nobody", "")
