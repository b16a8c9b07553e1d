import { describe, expect, test } from "vitest";
import { playing } from "./fakes";

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
    stage.media.readyState = 2;
    stage.run(2000);
    stage.pause();
    expect(stage.types().slice(3)).toEqual(["interval", "stall", "pause"]);
    expect(stage.one("stall").wait_ms).toBeCloseTo(2000, -2);
  });

  test("one that the end of the view cuts off is told before view_end", () => {
    const stage = playing();
    stage.starved = true;
    stage.media.readyState = 2;
    stage.run(1000);
    stage.recorder.end("unload");
    expect(stage.types().slice(3)).toEqual(["interval", "stall", "view_end"]);
  });

  test("a currentTime that is told late after a busy moment is none", () => {
    const stage = playing();
    stage.run(700);
    const positionS = stage.media.currentTime;
    stage.time.nowMs += 600; // the page did something else, the video played on
    stage.recorder.look(); // and is still told to be where it was
    stage.media.currentTime = positionS + 0.6;
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
    stage.media.currentTime += 0.06; // ahead of its time
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
    stage.media.readyState = 2;
    stage.run(1000);
    stage.recorder.error({ fatal: false, code: "bufferStalledError", message: null });
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
    stage.media.readyState = 2;
    stage.starved = true;
    stage.play();
    stage.run(1500);
    stage.starved = false;
    stage.media.readyState = 4;
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
    stage.media.currentTime = 50;
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
    stage.media.currentTime = 90;
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
    stage.media.currentTime = 600;
    stage.finish();
    stage.run(1000);
    stage.media.ended = false;
    stage.media.paused = false;
    stage.media.seeking = true;
    stage.media.currentTime = 0;
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
    stage.media.duration = 1;
    stage.run(700);
    stage.seek(0, 20);
    stage.run(800);
    stage.pause();
    expect(stage.one("seek")).toMatchObject({ from_s: 1, to_s: 0, cause: "loop" });
  });
});
