import { describe, expect, test } from "vitest";
import { Stage } from "./fakes";

function playing(): Stage {
  const stage = new Stage();
  stage.run(500);
  stage.play();
  stage.run(300);
  return stage;
}

describe("start", () => {
  test("view_start, play, playing; start-up ends when the playhead leaves its place", () => {
    const stage = new Stage();
    stage.run(1000);
    stage.starved = true;
    stage.play();
    stage.run(400);
    stage.starved = false;
    stage.run(300);
    expect(stage.types()).toEqual(["view_start", "play", "playing"]);
    const startupMs = stage.one("playing").t_ms - stage.one("play").t_ms;
    expect(startupMs).toBeGreaterThanOrEqual(390);
    expect(startupMs).toBeLessThanOrEqual(410);
  });

  test("a presented frame dates `playing` exactly", () => {
    const stage = new Stage();
    stage.media.drawsFrames = true;
    stage.play();
    stage.run(80);
    expect(stage.all("playing")).toEqual([]);
    stage.recorder.frame(stage.time.nowMs - 7);
    expect(stage.one("playing").t_ms).toBe(73);
  });

  test.each([
    { betweenMs: 130, startupMs: 500, what: "the first of two close pictures, though nothing was known to follow it" },
    { betweenMs: 400, startupMs: 900, what: "the second, when the first stood still" },
  ])("playing is dated by $what", ({ betweenMs, startupMs }) => {
    const stage = new Stage();
    stage.media.drawsFrames = true;
    stage.play();
    stage.starved = true;
    stage.media.canMove = false;
    stage.run(500);
    expect(stage.recorder.frame(stage.time.nowMs)).toBe(false);
    stage.run(betweenMs);
    stage.media.canMove = true;
    expect(stage.recorder.frame(stage.time.nowMs)).toBe(true);
    expect(stage.one("playing").t_ms - stage.one("play").t_ms).toBe(startupMs);
  });

  test("without a frame the moving playhead is believed", () => {
    const stage = new Stage();
    stage.media.drawsFrames = true;
    stage.play();
    stage.run(600);
    expect(stage.one("playing").t_ms).toBeLessThanOrEqual(20);
  });

  test("a long start-up is no stall", () => {
    const stage = new Stage();
    stage.play();
    stage.starve(4000);
    stage.run(500);
    stage.pause();
    expect(stage.all("stall")).toEqual([]);
  });

  test("a refused start is asked for and blocked, and the watch clock stands", () => {
    const stage = new Stage();
    stage.recorder.autoplayBlocked();
    stage.run(15_000);
    expect(stage.types()).toEqual(["view_start", "play", "autoplay_blocked"]);
  });

  test("a resume jump comes before play and waits for nobody", () => {
    const stage = new Stage();
    stage.recorder.announceJump("resume");
    stage.seek(120, 300);
    stage.play();
    stage.run(300);
    expect(stage.types()).toEqual(["view_start", "seek", "play", "playing"]);
    expect(stage.one("seek")).toMatchObject({ from_s: 0, to_s: 120, wait_ms: 0, cause: "resume" });
  });

  test("the engine's small correction before the first frame is not the person's", () => {
    const stage = new Stage();
    stage.play();
    stage.starved = true;
    stage.run(100);
    stage.seek(0.08, 50);
    stage.starved = false;
    stage.run(1000);
    expect(stage.types()).toEqual(["view_start", "play", "seek", "playing"]);
    expect(stage.one("seek")).toMatchObject({ from_s: 0, to_s: 0.08, cause: "program" });
  });
});

describe("intervals", () => {
  test("a pause closes the interval before it is told", () => {
    const stage = playing();
    stage.run(3700);
    stage.pause();
    expect(stage.types()).toEqual(["view_start", "play", "playing", "interval", "pause"]);
    expect(stage.one("interval")).toMatchObject({
      from_s: 0,
      to_s: 4,
      rate: 1,
      wall_ms: 4000,
      visible: true,
      muted: false,
    });
    expect(stage.one("pause").position_s).toBe(4);
  });

  test("every 10 s one is closed, and a heartbeat follows it", () => {
    const stage = playing();
    stage.run(24_700);
    stage.pause();
    expect(stage.types()).toEqual([
      "view_start",
      "play",
      "playing",
      "interval",
      "heartbeat",
      "interval",
      "heartbeat",
      "interval",
      "pause",
    ]);
    const intervals = stage.all("interval");
    expect(intervals.map(({ from_s }) => from_s)).toEqual([0, 10, 20]);
    expect(intervals.reduce((sum, { wall_ms }) => sum + wall_ms, 0)).toBe(25_000);
    expect(stage.all("heartbeat")[0]).toMatchObject({ buffer_s: 12, total_frames: 100, bandwidth_bps: 5_000_000 });
  });

  test("a new rate closes it first; media time then runs at that rate", () => {
    const stage = playing();
    stage.run(1700);
    stage.media.rate = 2;
    stage.recorder.rateChanged();
    stage.run(3000);
    stage.pause();
    expect(stage.types().slice(3)).toEqual(["interval", "rate", "interval", "pause"]);
    expect(stage.all("interval").map(({ from_s, to_s, rate, wall_ms }) => [from_s, to_s, rate, wall_ms])).toEqual([
      [0, 2, 1, 2000],
      [2, 8, 2, 3000],
    ]);
  });

  test("hiding the page, muting, full screen and a new rendition each split it", () => {
    const stage = playing();
    stage.run(700);
    stage.change({ visible: false });
    stage.run(1000);
    stage.change({ visible: true, muted: true });
    stage.run(1000);
    stage.change({ mode: "fullscreen" });
    stage.run(1000);
    stage.recorder.rendition({ width: 1280, height: 720, bitrate_bps: 2_500_000, codec: "avc1", cause: "auto" });
    stage.run(1000);
    stage.pause();
    expect(stage.types().slice(3)).toEqual([
      "interval",
      "interval",
      "setting",
      "interval",
      "setting",
      "interval",
      "rendition",
      "interval",
      "pause",
    ]);
    expect(stage.all("interval").map(({ visible, muted, mode, height }) => [visible, muted, mode, height])).toEqual([
      [true, false, "inline", undefined],
      [false, false, "inline", undefined],
      [true, true, "inline", undefined],
      [true, true, "fullscreen", undefined],
      [true, true, "fullscreen", 720],
    ]);
    expect(stage.all("interval").at(-1)).toMatchObject({ from_s: 4, to_s: 5, bitrate_bps: 2_500_000 });
  });

  test("the same rendition twice is told once", () => {
    const stage = playing();
    const rendition = { width: 640, height: 360, bitrate_bps: 800_000, codec: null, cause: "auto" as const };
    stage.recorder.rendition(rendition);
    stage.recorder.rendition({ ...rendition });
    expect(stage.all("rendition")).toHaveLength(1);
  });
});

describe("stalls", () => {
  test.each([260, 300, 1000, 5000])("one of %i ms is found and dated to 20 ms", (waitMs) => {
    const stage = playing();
    stage.run(1730);
    stage.starve(waitMs);
    stage.run(970);
    stage.pause();
    expect(stage.types().slice(3)).toEqual(["interval", "stall", "playing", "interval", "pause"]);
    expect(Math.abs(stage.one("stall").wait_ms - waitMs)).toBeLessThanOrEqual(20);
    expect(stage.one("stall").cause).toBe("network");
    const playedMs = stage.all("interval").reduce((sum, { wall_ms }) => sum + wall_ms, 0);
    expect(Math.abs(playedMs - 3000)).toBeLessThanOrEqual(20);
    expect(stage.all("interval")[0]?.to_s).toBeCloseTo(2.03, 2);
  });

  test("hesitations below a quarter second are none", () => {
    const stage = playing();
    for (let i = 0; i < 5; i++) {
      stage.starve(150);
      stage.run(1000);
    }
    stage.pause();
    expect(stage.all("stall")).toEqual([]);
  });

  test("one that the person ends by pausing is told before the pause", () => {
    const stage = playing();
    stage.run(700);
    stage.starved = true;
    stage.media.canMove = false;
    stage.run(2000);
    stage.pause();
    expect(stage.types().slice(3)).toEqual(["interval", "stall", "pause"]);
    expect(stage.one("stall").wait_ms).toBeCloseTo(2000, -2);
  });

  test("one that the end of the view cuts off is told before view_end", () => {
    const stage = playing();
    stage.starved = true;
    stage.media.canMove = false;
    stage.run(1000);
    stage.recorder.end("unload");
    expect(stage.types().slice(3)).toEqual(["interval", "stall", "view_end"]);
  });

  test("a currentTime that is told late after a busy moment is none", () => {
    const stage = playing();
    stage.run(700);
    const { positionS } = stage.media;
    stage.time.nowMs += 600; // the page did something else, the video played on
    stage.recorder.look(); // and is still told to be where it was
    stage.media.positionS = positionS + 0.6;
    stage.run(2000);
    stage.pause();
    expect(stage.all("stall")).toEqual([]);
    expect(stage.one("interval")).toMatchObject({ from_s: 0, wall_ms: 3600 });
    expect(stage.one("interval").to_s).toBeCloseTo(3.6, 2);
  });

  test("a playhead that runs ahead after one, and then waits, is dated by the pace it finds", () => {
    const stage = playing();
    stage.run(700);
    stage.starve(1000);
    stage.media.positionS += 0.06; // ahead of its time
    stage.starved = true;
    stage.run(60);
    stage.starved = false;
    stage.run(1000);
    stage.pause();
    expect(Math.abs(stage.one("stall").wait_ms - 1000)).toBeLessThanOrEqual(20);
    expect(stage.all("interval").map(({ wall_ms }) => Math.round(wall_ms / 50) * 50)).toEqual([1000, 1050]);
  });

  test("what is told in the middle of one comes after the interval that it closed, at that interval's time", () => {
    const stage = playing();
    stage.run(700);
    stage.starved = true;
    stage.media.canMove = false;
    stage.run(1000);
    stage.recorder.error(false, "bufferStalledError", null);
    stage.starve(500);
    stage.run(500);
    expect(stage.types().slice(3)).toEqual(["interval", "error", "stall", "playing"]);
    expect(stage.one("interval").t_ms).toBeCloseTo(1500, -2);
    expect(stage.one("interval").wall_ms).toBeCloseTo(1000, -2);
  });

  test("one that ends in a pause a moment later is dated all the same", () => {
    const stage = playing();
    stage.run(700);
    stage.starve(1000);
    stage.run(100);
    stage.pause();
    expect(stage.types().slice(3)).toEqual(["interval", "stall", "playing", "interval", "pause"]);
    expect(Math.abs(stage.one("stall").wait_ms - 1000)).toBeLessThanOrEqual(20);
  });

  test("throttled looks, once a second, find it too", () => {
    const stage = playing();
    stage.throttledMs = 1000;
    stage.run(5000);
    stage.starve(3000);
    stage.run(5000);
    stage.pause();
    expect(stage.one("stall").wait_ms).toBeGreaterThan(2900);
    expect(stage.one("stall").wait_ms).toBeLessThan(3100);
  });

  test("running dry right after a pause is a stall, not start-up", () => {
    const stage = playing();
    stage.pause();
    stage.run(1000);
    stage.media.canMove = false;
    stage.starved = true;
    stage.play();
    stage.run(1500);
    stage.starved = false;
    stage.media.canMove = true;
    stage.run(500);
    expect(stage.types().slice(5)).toEqual(["play", "stall", "playing"]);
  });
});

describe("jumps", () => {
  test("interval, seek, playing; the wait belongs to the seek and is no stall", () => {
    const stage = playing();
    stage.run(4700);
    stage.seek(100, 800);
    stage.run(2000);
    stage.pause();
    expect(stage.types().slice(3)).toEqual(["interval", "seek", "playing", "interval", "pause"]);
    expect(stage.one("seek")).toMatchObject({ from_s: 5, to_s: 100, cause: "user", position_s: 100 });
    expect(stage.one("seek").wait_ms).toBeCloseTo(800, -2);
    expect(stage.all("interval").map(({ from_s, to_s }) => [from_s, to_s])).toEqual([
      [0, 5],
      [100, 102],
    ]);
    expect(stage.all("stall")).toEqual([]);
  });

  test("jumps less than 500 ms apart are one, from the first place to the last", () => {
    const stage = playing();
    stage.run(1700);
    for (const toS of [12, 22, 32]) {
      stage.seek(toS, 50);
      stage.run(300);
    }
    stage.run(1000);
    stage.pause();
    expect(stage.one("seek")).toMatchObject({ from_s: 2, to_s: 32 });
    expect(stage.types().filter((type) => type === "playing")).toHaveLength(2);
    const seconds = stage.all("interval").reduce((sum, { from_s, to_s }) => sum + to_s - from_s, 0);
    expect(seconds).toBeCloseTo(2 + 0.3 + 0.3 + 1.3, 1); // what was seen between the jumps counts
  });

  test("jumps farther apart are two", () => {
    const stage = playing();
    stage.run(700);
    stage.seek(50, 100);
    stage.run(700);
    stage.seek(20, 100);
    stage.run(700);
    stage.pause();
    expect(stage.all("seek").map(({ from_s, to_s }) => [from_s, to_s])).toEqual([
      [1, 50],
      [50.7, 20],
    ]);
  });

  test("one while paused is told once it has settled", () => {
    const stage = playing();
    stage.pause();
    stage.run(1000);
    stage.seek(200, 150);
    stage.run(600);
    expect(stage.types().slice(-2)).toEqual(["pause", "seek"]);
    expect(stage.one("seek")).toMatchObject({ to_s: 200, wait_ms: 150 });
  });

  test("a second one while the first still loads is its own after half a second", () => {
    const stage = playing();
    stage.run(700);
    stage.media.seeking = true;
    stage.media.positionS = 50;
    stage.recorder.seeking();
    stage.run(2000);
    stage.seek(90, 100);
    stage.run(1000);
    expect(stage.all("seek").map(({ from_s, to_s }) => [from_s, to_s])).toEqual([
      [1, 50],
      [50, 90],
    ]);
    expect(stage.all("seek").map(({ wait_ms }) => wait_ms)).toEqual([2000, expect.closeTo(100, -2)]);
  });

  test("pausing in the middle tells the jump first", () => {
    const stage = playing();
    stage.run(700);
    stage.media.seeking = true;
    stage.media.positionS = 90;
    stage.recorder.seeking();
    stage.run(400);
    stage.pause();
    stage.media.seeking = false;
    stage.recorder.seeked();
    stage.run(1000);
    expect(stage.types().slice(3)).toEqual(["interval", "seek", "pause"]);
    expect(stage.one("seek").wait_ms).toBe(400);
  });

  test("announced causes are kept; a replay after the end is a loop", () => {
    const stage = playing();
    stage.recorder.announceJump("chapter");
    stage.seek(599, 100);
    stage.run(1000);
    stage.media.positionS = 600;
    stage.finish();
    stage.run(1000);
    stage.media.ended = false;
    stage.media.paused = false;
    stage.media.seeking = true;
    stage.media.positionS = 0;
    stage.recorder.seeking();
    stage.recorder.play();
    stage.run(50);
    stage.media.seeking = false;
    stage.recorder.seeked();
    stage.run(1500);
    expect(stage.all("seek").map(({ cause }) => cause)).toEqual(["chapter", "loop"]);
  });

  test("a looping element jumps by itself", () => {
    const stage = playing();
    stage.media.loop = true;
    stage.media.durationS = 1;
    stage.run(700);
    stage.seek(0, 20);
    stage.run(800);
    stage.pause();
    expect(stage.one("seek")).toMatchObject({ from_s: 1, to_s: 0, cause: "loop" });
  });
});

describe("ends", () => {
  test("the pause before `ended` is not told", () => {
    const stage = playing();
    stage.run(700);
    stage.finish();
    stage.recorder.end("source_change");
    expect(stage.types().slice(3)).toEqual(["interval", "ended", "view_end"]);
  });

  test("leaving closes the interval", () => {
    const stage = playing();
    stage.run(2040);
    stage.recorder.end("unload");
    expect(stage.types().slice(3)).toEqual(["interval", "view_end"]);
    expect(stage.one("interval").to_s).toBe(2.34);
    stage.play();
    expect(stage.types().at(-1)).toBe("view_end"); // nothing after it
  });

  test("a fatal error stops the watch clock, another does not", () => {
    const stage = playing();
    stage.recorder.error(false, "fragLoadError", null);
    stage.run(700);
    stage.recorder.error(true, "bufferAppendError", "broken");
    stage.run(20_000);
    expect(stage.types().slice(3)).toEqual(["error", "interval", "error"]);
  });

  test("a device that slept watched nothing meanwhile", () => {
    const stage = playing();
    stage.run(1700);
    stage.time.nowMs += 3_600_000;
    stage.run(2000);
    stage.pause();
    const playedMs = stage.all("interval").reduce((sum, { wall_ms }) => sum + wall_ms, 0);
    expect(playedMs).toBeGreaterThan(3850);
    expect(playedMs).toBeLessThanOrEqual(4100);
    expect(stage.all("stall")).toEqual([]);
  });

  test("a sleep that stops the monotonic clock is seen by the wall clock", () => {
    const stage = playing();
    stage.run(1700);
    stage.time.wallOffsetMs += 3_600_000;
    stage.run(2000);
    stage.pause();
    expect(stage.all("interval")).toHaveLength(2);
  });

  test("timers that sleep while the video plays on lose nothing", () => {
    const stage = playing();
    stage.throttledMs = 60_000;
    stage.run(119_700);
    stage.pause();
    const seconds = stage.all("interval").reduce((sum, { from_s, to_s }) => sum + to_s - from_s, 0);
    expect(seconds).toBeCloseTo(120, 1);
  });
});

test("seq has no gaps and t_ms never goes back, whatever happens", () => {
  const stage = playing();
  stage.run(1230);
  stage.starve(700);
  stage.seek(40, 120);
  stage.run(333);
  stage.change({ muted: true });
  stage.seek(10, 90);
  stage.media.rate = 1.5;
  stage.recorder.rateChanged();
  stage.run(12_000);
  stage.pause();
  stage.play();
  stage.starve(900);
  stage.run(500);
  stage.recorder.end("destroy");
  expect(stage.events.map(({ seq }) => seq)).toEqual(stage.events.map((_, index) => index));
  const times = stage.events.map(({ t_ms }) => t_ms);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  for (const { from_s, to_s } of stage.all("interval")) expect(to_s).toBeGreaterThanOrEqual(from_s);
});
