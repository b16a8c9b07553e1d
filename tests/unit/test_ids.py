"""Identifiers: what is inside them, and what is no identifier."""

from __future__ import annotations

from datetime import date

import pytest

from viewbox.ids import new_video_id, new_view_id, uuid7, view_date, view_epoch_ms

MIDNIGHT_MS = 1_767_225_600_000  # 2026-01-01T00:00:00Z


def test_the_same_time_and_bytes_give_the_uuid_of_the_standards_example():
    """RFC 9562, appendix A.6: 2022-02-22T19:22:22Z, rand_a 0xCC3, rand_b 0x18C4DC0C0C07398F."""
    rand = 0xCC3 << 68 | 0x18C4DC0C0C07398F
    assert uuid7(0x017F22E279B0, rand.to_bytes(10, "big")) == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"


def test_a_view_belongs_to_the_day_inside_its_id():
    assert view_date(new_view_id(MIDNIGHT_MS)) == date(2026, 1, 1)
    assert view_date(new_view_id(MIDNIGHT_MS - 1)) == date(2025, 12, 31)
    assert view_epoch_ms(new_view_id(MIDNIGHT_MS + 7)) == MIDNIGHT_MS + 7


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not-an-id",
        "017F22E2-79B0-7CC3-98C4-DC0C0C07398F",  # upper case
        "017f22e279b07cc398c4dc0c0c07398f",  # no dashes
        "550e8400-e29b-41d4-a716-446655440000",  # version 4
    ],
)
def test_what_is_no_canonical_uuid7_is_refused(text: str):
    with pytest.raises(ValueError, match=r"UUID|badly formed"):
        view_epoch_ms(text)


def test_a_video_id_carries_at_least_96_random_bits():
    ids = {new_video_id() for _ in range(1_000)}
    assert len(ids) == 1_000
    assert {len(video_id) for video_id in ids} == {20}
    assert len(set("".join(ids))) == 32  # 20 letters of 32: 100 bits
