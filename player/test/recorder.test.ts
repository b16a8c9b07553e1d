import { describe, expect, test } from "vitest";
import { playing, Stage } from "./fakes";

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
    stage.drawsFrames = true;
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
    stage.drawsFrames = true;
    stage.play();
    stage.starved = true;
    stage.media.readyState = 2;
    stage.run(500);
    expect(stage.recorder.frame(stage.time.nowMs)).toBe(false);
    stage.run(betweenMs);
    stage.media.readyState = 4;
    expect(stage.recorder.frame(stage.time.nowMs)).toBe(true);
    expect(stage.one("playing").t_ms - stage.one("play").t_ms).toBe(startupMs);
  });

  test("a rendition that is told between the first picture and its successor does not put `playing` off", () => {
    const stage = new Stage();
    stage.drawsFrames = true;
    stage.play();
    stage.starved = true;
    stage.media.readyState = 2;
    stage.run(500);
    stage.recorder.frame(stage.time.nowMs);
    stage.run(60);
    stage.recorder.rendition({ width: 1280, height: 720, bitrate_bps: 2_500_000, codec: null, cause: "auto" });
    stage.media.readyState = 4;
    stage.run(60);
    stage.recorder.frame(stage.time.nowMs);
    expect(stage.types()).toEqual(["view_start", "play", "rendition", "playing"]);
    expect(stage.one("playing").t_ms).toBe(500);
  });

  test("`play` is dated by its own time, not by the moment it is heard", () => {
    const stage = new Stage();
    stage.run(1000);
    stage.media.paused = false;
    stage.recorder.play(stage.time.nowMs - 90);
    stage.run(200);
    expect(stage.one("play").t_ms).toBe(910);
    expect(stage.one("playing").t_ms).toBeLessThanOrEqual(1010);
  });

  test("without a frame the moving playhead is believed", () => {
    const stage = new Stage();
    stage.drawsFrames = true;
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
    stage.media.playbackRate = 2;
    stage.recorder.ratechange();
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
    stage.recorder.error({ fatal: false, code: "fragLoadError", message: null });
    stage.run(700);
    stage.recorder.error({ fatal: true, code: "bufferAppendError", message: "broken" });
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
  stage.media.playbackRate = 1.5;
  stage.recorder.ratechange();
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
