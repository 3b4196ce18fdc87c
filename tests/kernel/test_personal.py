"""Personal numbers are found however they are typed; figures and numbers of papers stay."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hege.kernel.personal import hide, mask


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("打我电话13912345678。", "打我电话［电话已隐去］。"),
        ("139 1234 5678 找我", "［电话已隐去］ 找我"),
        ("139-1234-5678", "［电话已隐去］"),
        ("+86 139 1234 5678", "［电话已隐去］"),
        ("１３９１２３４５６７８", "［电话已隐去］"),
        ("021-5976 1234 转 3", "［电话已隐去］ 转 3"),
        ("(0571)87654321", "［电话已隐去］"),
        ("400-820-8820", "［电话已隐去］"),
        ("联系电话：59761234", "联系电话：［电话已隐去］"),
        ("身份证310117199003074518", "身份证［证件号已隐去］"),
        ("31011719900307451X，姓王", "［证件号已隐去］，姓王"),
        ("310117 19900307 451x", "［证件号已隐去］"),
        ("旧证 310117900307451", "旧证 ［证件号已隐去］"),
        ("写信 wang.li@example.com 给我", "写信 ［邮箱已隐去］ 给我"),
        ("ｗang＠example．com", "［邮箱已隐去］"),
        ("我13912345678，他18600001111", "我［电话已隐去］，他［电话已隐去］"),
    ],
)
def test_a_personal_number_is_hidden_however_it_is_typed(text: str, hidden: str):
    assert hide(text) == hidden


@pytest.mark.parametrize(
    "text",
    [
        "9月的 320 元我付过，微信有记录。",
        "账单 2026031100001 欠 13,912.34 元",
        "交易单号 4200001139123456781234567890",
        "表号 0317，读数 16393，2026-11-25 抄的",
        "一共 99931.73 元",
        "ZB-1391234567",
        "营业执照 91310117MA1J2K3L4X",
    ],
)
def test_sums_days_and_numbers_of_papers_stay(text: str):
    assert hide(text) == text


@given(st.text(max_size=20), st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.text(max_size=20))
def test_no_mobile_number_is_left_whatever_stands_around_it(before: str, number: str, after: str):
    lines = f"{before}\n{number}\n{after}"
    assert number not in re.split(r"\n", hide(lines))


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("13912345678", "139****5678"),
        ("联系人老王 139 1234 5678，晚上打", "联系人老王 139****5678，晚上打"),
        ("021-59761234", "021****1234"),
        ("310117199003074518", "310****4518"),
        ("账单 2026031100001 欠 13,912.34 元", "账单 2026031100001 欠 13,912.34 元"),
        ("12345", "12345"),
    ],
)
def test_of_a_personal_number_the_ends_alone_are_shown(text: str, masked: str):
    assert mask(text) == masked
