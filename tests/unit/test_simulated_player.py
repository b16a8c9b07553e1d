"""The simulated player keeps the books that a person would keep: the golden cases of the contract, by hand."""

import pytest

from viewbox.testing import SimulatedPlayer


def intervals(player: SimulatedPlayer) -> list[tuple[float, float]]:
    return [(event["from_s"], event["to_s"]) for event in player.events if event["type"] == "interval"]


def kinds(player: SimulatedPlayer) -> list[str]:
    return [event["type"] for event in player.events]


def test_sixty_seconds_played_with_a_stall_and_a_pause():
    player = SimulatedPlayer(60.0)
    player.play()
    player.watch_to(20)
    player.stall(10_000)
    player.watch_to(40)
    player.pause()
    player.wait(30_000)
    player.play()
    player.watch_to(60)
    player.end()
    player.leave("ended")
    truth = player.truth
    assert (truth.watch_ms, truth.playing_ms, truth.stall_ms, truth.paused_ms) == (70_000, 60_000, 10_000, 30_000)
    assert truth.rebuffer_ratio == pytest.approx(1 / 7)
    assert player.t_ms == 100_000


def test_double_speed_halves_the_playing_time_of_the_same_media():
    player = SimulatedPlayer(60.0)
    player.set_rate(2.0)
    player.play()
    player.watch_to(60)
    assert player.truth.playing_ms == 30_000
    player.end()
    assert player.truth.media_s == pytest.approx(60)
    assert player.truth.mean_rate == pytest.approx(2.0)
    assert player.truth.rate_changes == 0, "a speed chosen before the first frame is no change"


def test_rewatched_seconds_count_twice_in_media_and_once_in_unique():
    player = SimulatedPlayer(60.0)
    player.play()
    player.watch_to(30)
    player.seek(10)
    player.watch_to(30)
    player.leave()
    truth = player.truth
    assert (truth.media_s, truth.unique_s, truth.rewatched_s) == (50, 30, 20)
    assert truth.passes()[5:35:5] == [1, 2, 2, 2, 2, 0]
    assert truth.seeks_back == 1


def test_a_skip_leaves_a_hole():
    player = SimulatedPlayer(60.0)
    player.play()
    player.watch_to(20)
    player.seek(50)
    player.watch_to(60)
    player.end()
    truth = player.truth
    assert (truth.skipped_s, truth.coverage) == (30, 0.5)
    assert truth.skips() == [0] * 20 + [1] * 30 + [0] * 10


def test_a_resume_is_no_behaviour():
    player = SimulatedPlayer(3600.0)
    player.seek(1200, cause="resume")
    player.play()
    player.watch(60_000)
    player.leave()
    truth = player.truth
    assert (truth.skipped_s, truth.seeks_forward, truth.first_position_s) == (0, 0, 1200)
    assert sum(truth.skips()) == 0


def test_a_loop_of_three_rounds_is_one_view_without_seeks():
    player = SimulatedPlayer(20.0)
    player.play()
    for _ in range(2):
        player.watch_to(20)
        player.loop()
    player.watch_to(20)
    player.end()
    assert player.truth.passes() == [3] * 20
    assert player.truth.seeks_forward + player.truth.seeks_back == 0
    assert player.truth.coverage == 1.0


def test_intervals_are_cut_every_ten_seconds_and_precede_what_closes_them():
    player = SimulatedPlayer(60.0)
    player.play(400)
    player.watch_to(25)
    player.pause()
    assert intervals(player) == [(0, 10), (10, 20), (20, 25)]
    assert kinds(player)[-2:] == ["interval", "pause"]


def test_heartbeats_run_with_the_watch_clock_through_a_stall_and_not_through_a_pause():
    player = SimulatedPlayer(60.0)
    player.play(1000)
    player.watch_to(5)
    player.stall(10_000)
    player.pause()
    player.wait(50_000)
    assert [event["t_ms"] for event in player.events if event["type"] == "heartbeat"] == [10_000]
    assert kinds(player)[-3:] == ["stall", "playing", "pause"]


def test_a_blocked_autoplay_starts_no_clock():
    player = SimulatedPlayer(60.0)
    player.block_autoplay()
    player.wait(59_980)
    player.play(400)
    player.watch(2000)
    player.leave()
    assert player.truth.startup_ms == 400
    assert player.truth.watch_ms == 2400


def test_leaving_before_the_first_frame_is_an_exit_and_has_no_start_up_time():
    player = SimulatedPlayer(60.0)
    player.request_play()
    player.wait(4000)
    player.leave()
    assert player.truth.exit_before_start
    assert player.truth.startup_ms is None
    assert player.truth.watch_ms == 4000


def test_an_error_before_the_first_frame_is_a_failed_start():
    player = SimulatedPlayer(60.0)
    player.request_play()
    player.wait(900)
    player.fail("manifest_load_timeout")
    player.leave()
    assert (player.truth.failed, player.truth.startup_failed) == (True, True)
    assert not player.truth.exit_before_start


def test_a_device_that_dies_loses_what_it_had_not_reported():
    player = SimulatedPlayer(60.0)
    player.play()
    player.watch_to(17)
    player.vanish()
    truth = player.truth
    assert (truth.playing_ms, truth.watch_ms, truth.media_s) == (10_000, 10_000, 10)
    assert truth.closed_by == "timeout"


def test_a_player_refuses_what_no_player_can_do():
    player = SimulatedPlayer(60.0)
    with pytest.raises(RuntimeError, match="idle"):
        player.pause()


def test_the_last_slice_reaches_the_end():
    player = SimulatedPlayer(5.28)
    player.play()
    player.watch_to(5.28)
    player.end()
    assert player.truth.passes() == [1] * 5
