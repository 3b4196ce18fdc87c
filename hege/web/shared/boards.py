"""How the four boards of the programme are shown (四大板块): their words, and what they are good for, in few words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hege.programme.seasons.rules import Board


@dataclass(frozen=True, slots=True)
class BoardMark:
    """A board as pages draw it (``ui.board``). ``mark`` names its shape, edge and colour; ``about`` says what one gets."""

    board: Board
    mark: str
    about: str | Promise

    @property
    def label(self) -> str:
        return str(self.board.label)


BOARDS: Mapping[Board, BoardMark] = {
    Board.RED: BoardMark(Board.RED, "red", _("来这里：服务站、热饭、歇脚")),
    Board.VITAL: BoardMark(Board.VITAL, "vital", _("一起玩：电影、球赛、合唱")),
    Board.GROWTH: BoardMark(Board.GROWTH, "growth", _("学本事：安全、保险、手艺")),
    Board.WARM: BoardMark(Board.WARM, "warm", _("得关照：体检、能量券、返乡包")),
}
