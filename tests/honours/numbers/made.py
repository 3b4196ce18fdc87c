"""Right numbers of each kind, and the same made wrong in one known way.

Written from the rules as printed (GB 32100, GB 11714, the notice on green-food numbers), with arithmetic of its own: a code
is right where its weighted sum, check digit and all, leaves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

OF_31 = "0123456789ABCDEFGHJKLMNPQRTUWXY"
OF_36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
COUNTIES = ("310118", "310117", "110108", "330106", "440305", "510104", "610113", "320505", "370102", "350203")
BODIES = ("91", "92", "93", "11", "12", "51", "52", "31", "81", "N2")
ON_YEAR, ON_MONTH = 2026, 11


def balance_11(signs: str) -> int:
    """What an organisation code with its check digit leaves modulo 11; 0 where it is right."""
    weights = [3, 7, 9, 10, 5, 8, 4, 2]
    last = 10 if signs[8] == "X" else int(signs[8])
    return (sum(weights[at] * OF_36.find(signs[at]) for at in range(8)) + last) % 11


def balance_31(signs: str) -> int:
    """What a USCC leaves modulo 31; 0 where it is right. The weights go by threes."""
    total, weight = OF_31.find(signs[17]), 1
    for sign in signs[:17]:
        total, weight = total + weight * OF_31.find(sign), weight * 3 % 31
    return total % 31


def organisation_code(by: Random, signs: str = OF_36) -> str:
    body = by.choice(signs) + by.choice(signs) + f"{by.randrange(10**6):06}"
    return body + "0123456789X"[(11 - balance_11(body + "0")) % 11]


def uscc(by: Random) -> str:
    body = by.choice(BODIES) + by.choice(COUNTIES) + organisation_code(by, OF_31)
    return body + OF_31[(31 - balance_31(body + "0")) % 31]


def green_food(by: Random) -> str:
    year = by.randrange(14, 27)
    month = by.randrange(1, 13 if 2000 + year < ON_YEAR else ON_MONTH + 1)
    serial = f"{by.randrange(10**4):0{by.choice((4, 5))}}"
    return f"LB-{by.randrange(1, 54):02}-{year:02}{month:02}{by.randrange(1, 31):02}{serial}{by.choice(('A', 'AA'))}"


def old_green_food(by: Random) -> str:
    year = by.choice((96, 99, 3, 7, 11))
    return f"LB-{by.randrange(1, 54):02}-{year:02}{by.randrange(1, 13):02}{by.randrange(1, 31):02}{by.randrange(10**4):04}{by.choice('12')}"


def e_licence(by: Random) -> str:
    return f"E{by.choice(COUNTIES)}{by.randrange(1, 200)}"


def organic(by: Random) -> str:
    return f"{by.randrange(1, 1000):03}{by.randrange(11, 27)}{by.randrange(10**12):012}"


def green_food_enterprise(by: Random) -> str:
    return f"GF{by.choice(COUNTIES)}{by.randrange(9, 27):02}{by.randrange(1, 10**4):04}"


def high_tech(by: Random) -> str:
    return f"GR{by.randrange(2008, 2027)}{by.choice(COUNTIES)[:2]}{by.randrange(10**6):06}"


MAKERS: dict[str, Callable[[Random], str]] = {
    "uscc": uscc,
    "organisation_code": organisation_code,
    "green_food": green_food,
    "old green_food": old_green_food,
    "e_licence": e_licence,
    "organic": organic,
    "green_food_enterprise": green_food_enterprise,
    "high_tech": high_tech,
}


def _other(by: Random, sign: str, among: str) -> str:
    return by.choice([one for one in among if one != sign])


def _put(number: str, at: int, sign: str) -> str:
    return number[:at] + sign + number[at + 1 :]


def wrong_numbers(by: Random, count: int) -> Iterator[tuple[str, str, str]]:
    """Kind, a number that was right until one thing was done to it, and the reason that must be given."""
    ways = [
        ("uscc", uscc, lambda n: n[:-1], "wrong_length"),
        ("uscc", uscc, lambda n: n + "0", "wrong_length"),
        ("uscc", uscc, lambda n: _put(n, 12, by.choice("IOSVZ")), "wrong_sign"),
        ("uscc", uscc, lambda n: _put(n, 4, by.choice("ABCX")), "wrong_sign"),
        ("uscc", uscc, lambda n: _put(n, 17, _other(by, n[17], OF_31)), "check_digit_wrong"),
        ("uscc", uscc, lambda n: _put(n, 5, _other(by, n[5], "0123456789")), "check_digit_wrong"),
        ("uscc", uscc, lambda n: _put(n, 11, _other(by, n[11], "0123456789")), "inner_check_digit_wrong"),
        ("organisation_code", organisation_code, lambda n: n[:-1], "wrong_length"),
        ("organisation_code", organisation_code, lambda n: _put(n, 8, by.choice("ABCYZ")), "wrong_sign"),
        (
            "organisation_code",
            organisation_code,
            lambda n: _put(n, 8, _other(by, n[8], "0123456789X")),
            "check_digit_wrong",
        ),
        (
            "organisation_code",
            organisation_code,
            lambda n: _put(n, 4, _other(by, n[4], "0123456789")),
            "check_digit_wrong",
        ),
        ("green_food", green_food, lambda n: "LP" + n[2:], "wrong_beginning"),
        ("green_food", green_food, lambda n: n[:6] + "2" * 3 + n[6:], "wrong_length"),
        ("green_food", green_food, lambda n: _put(n, 7, "O"), "wrong_sign"),
        ("green_food", green_food, lambda n: n[:8] + by.choice(("00", "13", "27", "99")) + n[10:], "no_such_month"),
        ("green_food", green_food, lambda n: n[:6] + by.choice(("2612", "2701", "9906")) + n[10:], "in_the_future"),
        ("green_food", green_food, lambda n: n.rstrip("A") + by.choice("BCX"), "wrong_sign_or_grade"),
        ("green_food", green_food, lambda n: f"LB-15-2507091234{by.choice('03456789')}", "no_such_grade"),
        ("e_licence", e_licence, lambda n: "F" + n[1:7] + "1", "wrong_beginning"),
        ("e_licence", e_licence, lambda n: n[:7], "wrong_length"),
        ("e_licence", e_licence, lambda n: _put(n, 3, "O"), "wrong_sign"),
        ("organic", organic, lambda n: n[1:], "wrong_length"),
        ("organic", organic, lambda n: _put(n, 9, "l"), "wrong_sign"),
        ("organic", organic, lambda n: n[:3] + str(by.randrange(27, 100)) + n[5:], "in_the_future"),
        ("organic", organic, lambda n: n[:3] + f"{by.randrange(11):02}" + n[5:], "before_the_rule"),
        ("green_food_enterprise", green_food_enterprise, lambda n: n[:-1], "wrong_length"),
        (
            "green_food_enterprise",
            green_food_enterprise,
            lambda n: n[:8] + str(by.randrange(27, 90)) + n[10:],
            "in_the_future",
        ),
        ("green_food_enterprise", green_food_enterprise, lambda n: "GD" + n[2:], "wrong_beginning"),
        ("high_tech", high_tech, lambda n: n + "1", "wrong_length"),
        ("high_tech", high_tech, lambda n: "GR" + str(by.randrange(2027, 9999)) + n[6:], "in_the_future"),
        ("high_tech", high_tech, lambda n: "GR" + str(by.randrange(1949, 2008)) + n[6:], "before_the_rule"),
        ("high_tech", high_tech, lambda n: _put(n, 10, "A"), "wrong_sign"),
    ]
    for number in range(count):
        kind, make, spoil, reason = ways[number % len(ways)]
        yield kind, spoil(make(by)), reason.replace("wrong_sign_or_grade", "no_such_grade")
