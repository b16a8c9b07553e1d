"""The crowd follows from its seed, comes as the model says, and each story has the effect it was given."""

import numpy as np
import pytest

from viewbox.errors import InvalidInput
from viewbox.ids import view_date, view_epoch_ms
from viewbox.testing.crowd import KINDS, Crowd, Stories, Story, parse_story
from viewbox.testing.crowd.arrays import DAY_MS, MINUTE_MS
from viewbox.testing.crowd.chunk import live, make
from viewbox.testing.crowd.habits import Act
from viewbox.testing.crowd.library import invented_library, known_library
from viewbox.testing.crowd.plan import PART_VIEWS, parts
from viewbox.testing.crowd.rows import seq_ranges, view_ids
from viewbox.testing.crowd.stories import BROWSER, FEW, bot_hours, outage_span
from viewbox.testing.crowd.truth import seconds_of, truth_of, view_truths
from viewbox.testing.crowd.visits import MACHINES
from viewbox.testing.devices import HOMES

UNTIL_MS = 1_763_899_200_000  # 2025-11-23T12:00:00Z, a Sunday
HOUR_MS = 3_600_000
LENGTH_MS = 200_000


def crowd(views=20_000, *stories, library=None, seed=7, days=7.0, loss=0.0):
    return Crowd(
        seed, library or known_library(1, "v", LENGTH_MS / 1000), views, UNTIL_MS, days, Stories(stories), loss
    )


def lives(whole):
    """All of a crowd that fits into one chunk a part, as one."""
    return [live(chunk) for part in parts(whole) for chunk in part.chunks()]


def joined(pieces, column):
    return np.concatenate([column(piece) for piece in pieces])


def test_the_same_seed_gives_the_same_rows_and_another_seed_others():
    def rows(seed):
        return [make(chunk).rows() for part in parts(crowd(300, seed=seed)) for chunk in part.chunks()]

    assert all(one.equals(other) for one, other in zip(rows(1), rows(1), strict=True))
    assert not rows(1)[0].equals(rows(2)[0])


def test_parts_share_out_every_view_once_and_stay_within_their_day():
    whole = crowd(1_000_000, days=3.5)
    found = parts(whole)
    assert sum(part.views for part in found) == 1_000_000
    assert max(part.views for part in found) <= PART_VIEWS
    assert [part.number for part in found] == list(range(len(found)))
    for part, following in zip(found, [*found[1:], None], strict=True):
        assert part.day * DAY_MS <= part.from_ms < part.to_ms <= (part.day + 1) * DAY_MS
        assert following is None or part.to_ms <= following.from_ms
        assert sum(chunk.views for chunk in part.chunks()) == part.views
    assert (found[0].from_ms, found[-1].to_ms) == (whole.from_ms, UNTIL_MS)


def test_ids_ascend_and_carry_the_start():
    for piece in lives(crowd(3000, days=2.0)):
        ids = view_ids(piece.visits).to_pylist()
        assert ids == sorted(set(ids))
        assert [view_epoch_ms(view_id) for view_id in ids] == piece.visits.start_ms.tolist()
        assert {view_date(view_id).toordinal() - 719_163 for view_id in ids} == {piece.chunk.part.day}


def test_evenings_are_busier_than_nights():
    hours = joined(lives(crowd()), lambda piece: piece.visits.start_ms // HOUR_MS % 24)
    counts = np.bincount(hours, minlength=24)
    assert counts[19:21].mean() > 10 * counts[1:5].mean()  # 15.5 : 1 by the weights
    assert counts.min() > 0


def test_the_most_watched_of_many_videos_has_a_tenth_of_all_views():
    library = invented_library(1, 1000)
    assert library.share[0] == pytest.approx(0.10)
    assert library.share.sum() == pytest.approx(1)
    assert (np.diff(library.share) < 0).all()
    watched = joined(lives(crowd(library=library)), lambda piece: piece.visits.video)
    assert 0.09 < np.mean(watched == 0) < 0.11  # 0.10 ± 5 standard errors
    lengths = np.sort(library.duration_ms)
    assert (lengths[0] >= 30_000, lengths[-2] <= 1_200_000, lengths[-1]) == (True, True, 36_000_000)


def test_few_videos_have_no_marathon_among_them():
    assert invented_library(1, 99).duration_ms.max() <= 1_200_000


def test_viewers_return_with_the_same_device_home_and_id():
    pieces = lives(crowd(days=2.0))
    rows = np.stack([
        joined(pieces, lambda piece: piece.visits.viewer),
        joined(pieces, lambda piece: piece.visits.device),
        joined(pieces, lambda piece: piece.visits.home),
        joined(pieces, lambda piece: piece.visits.viewer_id[0]).astype(np.int64),
    ])  # fmt: skip
    viewers = len(np.unique(rows[0]))
    assert viewers == np.unique(rows, axis=1).shape[1]
    assert 0.4 < viewers / rows.shape[1] < 0.7


def test_only_pages_have_viewers_who_never_return():
    pieces = lives(crowd(days=2.0))
    viewer, kind = (joined(pieces, lambda piece, name=name: getattr(piece.visits, name)) for name in ("viewer", "kind"))
    page = viewer[kind == 0]
    assert len(np.unique(page)) == len(page)
    assert 0.15 < len(page) / len(viewer) < 0.25


def test_slow_lines_starve():
    """Stalls are tied to bandwidth: a line below 2 Mbit/s starves at least five times as often as one above 8."""
    pieces = lives(crowd())
    line = joined(pieces, lambda piece: piece.visits.line_bps)
    stalls = joined(pieces, lambda piece: view_truths(piece)["stalls"])
    assert stalls[line < 2e6].mean() > 5 * stalls[line > 8e6].mean()


def test_nobody_is_still_there_when_the_simulated_time_is_over():
    library = invented_library(1, 100)  # with one of ten hours
    for part in parts(crowd(library=library, days=1.0)):
        for piece in map(make, part.chunks()):
            ended = piece.visits.start_ms[piece.tape.view] + piece.tape.t_ms
            assert ended.max() < UNTIL_MS + HOUR_MS  # a pause or a sleep may outlast it


def test_truth_counts_a_view_by_hand():
    """Two views: one watched through, one that leaves; the curve is what both passed."""
    library = known_library(1, "v", 5.28)
    piece = make(next(iter(parts(crowd(40, library=library, days=1.0)))).chunks()[0])
    _video, second = seconds_of(library)
    assert second.tolist() == [0, 1, 2, 3, 4]  # 5 slices, the last one reaches the end
    truth = truth_of(piece)
    stretches, valid = piece.play.stretches, view_truths(piece)["is_valid"]
    expected = [0] * 5
    for view, from_ms, to_ms in zip(stretches.view, stretches.from_ms, stretches.to_ms, strict=True):
        for k in range(5):
            expected[k] += bool(valid[view] and from_ms <= k * 1000 + 500 < to_ms)
    assert truth.curves["plays"].tolist() == expected
    assert expected[0] >= 20


@pytest.mark.parametrize(
    ("view", "seq", "ranges"),
    [
        ([3, 3, 3], [0, 1, 2], ["[0, 2]"]),
        ([3, 3, 5], [0, 2, 0], ["[0, 0, 2, 2]", "[0, 0]"]),
        ([3, 4], [1, 2], ["[1, 1]", "[2, 2]"]),
    ],
)
def test_stored_seqs_become_ranges(view, seq, ranges):
    assert seq_ranges(np.array(view), np.array(seq)) == ranges


# --- stories: what was planted is there, at its effect ------------------------------------------------------


def test_the_intro_is_skipped_by_the_share_that_was_asked_for():
    pieces = lives(crowd(20_000, Story("skipped-intro", 0.4)))
    jumps = sum(
        int(np.sum((s.act == Act.SEEK) & (s.to_ms < 4000) & (abs(s.value - 13_000) < 2000)))
        for s in (piece.play.stretches for piece in pieces)
    )
    shown = sum(int(piece.play.shown.sum()) for piece in pieces)
    assert jumps / shown == pytest.approx(0.4, abs=0.03)  # those who left or resumed skip nothing


def test_the_highlight_is_watched_again_by_the_share_of_those_who_reach_it():
    again = reached = 0
    for piece in lives(crowd(20_000, Story("highlight", 0.3))):
        s = piece.play.stretches
        reached += len(np.unique(s.view[(s.from_ms < 108_000) & (s.to_ms >= 108_000)]))  # 100 … 110 s, ± 1 s
        again += int(np.sum((s.act == Act.SEEK) & (abs(s.to_ms - 110_000) < 2000) & (abs(s.value - 100_000) < 2500)))
    assert again / reached == pytest.approx(0.3, abs=0.03)


def test_the_segment_stalls_in_720p_for_the_share_of_those_who_come_by_and_drives_some_away():
    stalled = passed = elsewhere = left = 0
    for piece in lives(crowd(40_000, Story("stalling-segment", 0.25))):
        s = piece.play.stretches
        inside = (s.from_ms < 66_000) & (s.to_ms > 60_000)
        stalls = (s.act == Act.STALL) & (s.to_ms >= 60_000) & (s.to_ms <= 66_000)
        passed += len(np.unique(s.view[inside & (s.rendition == 1)]))
        stalled += int(np.sum(stalls & (s.rendition == 1)))
        elsewhere += int(np.sum(stalls & (s.rendition != 1)))
        gone = s.view[(s.act == Act.LEAVE) & (s.to_ms >= 60_000) & (s.to_ms < 70_000)]
        left += len(np.intersect1d(gone, s.view[stalls & (s.rendition == 1)]))
    assert stalled / passed == pytest.approx(0.25, abs=0.03)
    assert elsewhere < 0.2 * stalled
    assert left / stalled == pytest.approx(0.4, abs=0.06)


def test_the_browser_fails_at_its_share_and_others_do_not():
    pieces = lives(crowd(20_000, Story("failing-browser", 0.2)))
    failed, attempted = (
        joined(pieces, lambda piece, name=name: view_truths(piece)[name]) for name in ("startup_failed", "attempted")
    )
    device = joined(pieces, lambda piece: piece.visits.device)
    struck = np.array([machine.browser == BROWSER for machine in MACHINES])[device]
    assert failed[struck & attempted].mean() == pytest.approx(0.2, abs=0.03)
    assert failed[~struck & attempted].mean() < 0.02


def test_bots_come_in_two_hours_and_are_no_people():
    whole = crowd(5000, Story("bot-spike", 0.3))
    pieces = lives(whole)
    robot, start = (
        joined(pieces, lambda piece, name=name: getattr(piece.visits, name)) for name in ("robot", "start_ms")
    )
    assert (robot.sum(), (~robot).sum()) == (1500, 5000)
    low, high = bot_hours(whole.from_ms, whole.until_ms)
    assert high - low == 2 * HOUR_MS
    assert (low <= start[robot].min(), start[robot].max() < high) == (True, True)
    valid = joined(pieces, lambda piece: view_truths(piece)["is_valid"])
    assert not valid[robot].any()


def test_the_cliff_takes_its_share_of_those_who_come_by():
    left = passed = 0
    for piece in lives(crowd(20_000, Story("cliff", 0.5))):
        s = piece.play.stretches
        passed += len(np.unique(s.view[(s.from_ms < 120_000) & (s.to_ms >= 120_000)]))
        left += int(np.sum((s.act == Act.LEAVE) & (s.to_ms >= 120_000) & (s.to_ms < 122_000)))
    assert left / passed == pytest.approx(0.5, abs=0.04)


def test_the_country_waits_so_much_longer():
    pieces = lives(crowd(20_000, Story("slow-country", 2.0)))
    startup, shown = (
        joined(pieces, lambda piece: piece.plans.startup_ms),
        joined(pieces, lambda piece: piece.play.shown),
    )
    india = np.array([home.country == "IN" for home in HOMES])[joined(pieces, lambda piece: piece.visits.home)]
    assert np.median(startup[shown & india]) - np.median(startup[shown & ~india]) == pytest.approx(2000, abs=60)


def test_the_variant_lifts_completion_by_so_many_points():
    pieces = lives(crowd(40_000, Story("experiment", 0.2)))
    completed, valid = (
        joined(pieces, lambda piece, name=name: view_truths(piece)[name]) for name in ("completed", "is_valid")
    )
    variant = joined(pieces, lambda piece: piece.plans.variant)
    lift = completed[valid & (variant == 1)].mean() - completed[valid & (variant == 0)].mean()
    # A little less than 0.2: who stays may still skip a part, and nobody stays with more than certainty.
    assert 0.14 < lift < 0.21


def test_the_section_is_played_fast_by_the_share_of_those_who_come_by():
    fast = passed = 0
    for piece in lives(crowd(20_000, Story("fast-section", 0.3))):
        s = piece.play.stretches
        through = (s.from_ms <= 95_000) & (s.to_ms > 95_000)  # the middle of 80 … 110 s
        passed += int(through.sum())
        fast += int((through & (s.rate == 200)).sum())
    assert fast / passed == pytest.approx(0.3 + 0.7 * 0.04, abs=0.04)  # some are that fast anyway


def test_twelve_views_see_the_third_variant_and_watch_on():
    pieces = lives(crowd(4000, Story("small-variant", 1.0)))
    variant = joined(pieces, lambda piece: piece.plans.variant)
    assert int((variant == 2).sum()) == FEW
    assert (joined(pieces, lambda piece: piece.plans.variant) < 2).sum() == 4000 - FEW


def test_in_the_outage_nothing_arrives_and_all_of_it_comes_afterwards():
    whole = crowd(40_000, Story("outage", 40.0))
    begin, end = outage_span(whole.from_ms, whole.until_ms, 40.0)
    assert end - begin == 40 * MINUTE_MS
    held = 0
    for piece in (make(chunk) for part in parts(whole) for chunk in part.chunks()):
        start = piece.visits.start_ms
        arrived = start[piece.messages.view] + piece.messages.received_ms
        happened = start[piece.tape.view] + piece.tape.t_ms
        assert not ((arrived > begin + 2000) & (arrived < end)).any()  # what was on its way still came
        during = (happened > begin + 2000) & (happened < end - 2000)
        held += int((arrived[piece.messages.owner][during] >= end).sum())
        assert (arrived[piece.messages.owner][during] >= end).all()
    assert held > 1000


@pytest.mark.parametrize("text", ["skip=0.4", "cliff", "cliff=much", "cliff=1.5", "cliff=nan", "slow-country=61"])
def test_a_story_that_makes_no_sense_is_refused_with_the_list(text):
    with pytest.raises(InvalidInput) as refused:
        parse_story(text)
    assert refused.value.hint


def test_stories_are_read_from_text():
    assert parse_story("slow-country=2.5") == Story("slow-country", 2.5)
    assert len(KINDS) == 11
