"""The files an office copies: units that are guarded alike, settings that are read, limits that fit Hege's own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hege.web.body import MOST_BYTES
from tests.test_docs import settings_read

ROOT = Path(__file__).resolve().parents[2]
PACKAGING = ROOT / "packaging"
SERVICES = sorted((PACKAGING / "systemd").glob("*.service"))
HANDBOOKS = ["operate.md", "operate.zh-CN.md"]


def guards(unit: Path) -> str:
    """What a service may do: from the line that says so to the next section."""
    return unit.read_text(encoding="utf-8").partition("# -- what it may do")[2].partition("\n[")[0].strip()


def test_every_service_is_guarded_like_every_other():
    assert len(SERVICES) == 4
    assert len({guards(unit) for unit in SERVICES}) == 1
    assert "ProtectSystem=strict" in guards(SERVICES[0])


@pytest.mark.parametrize("page", HANDBOOKS)
def test_the_handbook_names_every_unit_and_no_other(page: str):
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    units = {unit.name for unit in (PACKAGING / "systemd").iterdir()}
    assert set(re.findall(r"\bhege(?:-\w+)?\.(?:service|timer)\b", text)) == units


def test_every_setting_of_the_samples_is_one_that_is_read():
    read = settings_read()
    samples = [PACKAGING / "hege.env", PACKAGING / "owner.env", PACKAGING / "compose.yaml"]
    said = {
        name
        for sample in samples
        for name in re.findall(r"^\s*(HEGE_[A-Z_]+)[=:]", sample.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert said - read == set()
    assert "HEGE_DATABASE_URL" in said


@pytest.mark.parametrize(
    ("file", "limit"), [("nginx/hege.conf", r"client_max_body_size (\d+)m;"), ("caddy/Caddyfile", r"max_size (\d+)MiB")]
)
def test_a_proxy_takes_as_much_as_hege(file: str, limit: str):
    found = re.search(limit, (PACKAGING / file).read_text(encoding="utf-8"))
    assert found is not None
    assert int(found[1]) * 1024 * 1024 == MOST_BYTES


def test_caddy_refuses_by_the_length_that_is_said_what_it_would_cut():
    found = re.search(r"Content-Length\}\) > (\d+)`", (PACKAGING / "caddy/Caddyfile").read_text(encoding="utf-8"))
    assert found is not None
    assert int(found[1]) == MOST_BYTES


@pytest.mark.parametrize("file", ["Containerfile", "compose.yaml"])
def test_what_nobody_could_try_says_so_on_top(file: str):
    text = (PACKAGING / file).read_text(encoding="utf-8")
    assert "Nobody has built" in text.splitlines()[0]


def test_the_containers_of_hege_are_guarded_alike_and_end_as_the_account_of_the_picture():
    compose = (PACKAGING / "compose.yaml").read_text(encoding="utf-8")
    ours, services = compose.partition("\nservices:\n")[0], re.split(r"^  (?=\w+:$)", compose, flags=re.MULTILINE)[1:]
    (number,) = set(re.findall(r"--[ug]id (\d+)", (PACKAGING / "Containerfile").read_text(encoding="utf-8")))
    assert all(line in ours for line in ["read_only: true", "cap_drop: [ALL]", f'user: "{number}:{number}"'])
    guarded = [service.partition(":")[0] for service in services if "<<: *hege" in service]
    assert guarded == ["site", "worker", "tool", "owner"]
