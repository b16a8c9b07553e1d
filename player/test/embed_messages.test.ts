import fc from "fast-check";
import { expect, test } from "vitest";
import { RATES, readMessage } from "../app/embed/messages";

test("commands are read as they are described", () => {
  for (const command of ["hello", "play", "pause"])
    expect(readMessage({ viewbox: 1, command })).toEqual({ kind: "command", command: { command } });
  expect(readMessage({ viewbox: 1, command: "seek", toS: 12.5 })).toEqual({
    kind: "command",
    command: { command: "seek", toS: 12.5 },
  });
  expect(readMessage({ viewbox: 1, command: "loop", fromS: null })).toMatchObject({ command: { fromS: null } });
  expect(readMessage({ viewbox: 1, command: "loop", fromS: 1, toS: 2 })).toMatchObject({ kind: "command" });
});

test("whatever is posted, a command that comes out is within its bounds", () => {
  const field = fc.oneof(fc.double(), fc.constant(null), fc.string(), fc.boolean(), fc.integer());
  const message = fc.record(
    {
      viewbox: fc.constantFrom(1, 1, 1, 2, "1"),
      command: fc.constantFrom("hello", "play", "pause", "seek", "setRate", "mute", "loop", "__proto__", 7),
      toS: field,
      fromS: field,
      rate: field,
      muted: field,
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.oneof(message, fc.anything()), (data) => {
      const heard = readMessage(data);
      if (heard.kind !== "command") return;
      const { command } = heard;
      if (command.command === "seek") expect(command.toS).toBeGreaterThanOrEqual(0);
      if (command.command === "setRate") {
        expect(command.rate).toBeGreaterThanOrEqual(RATES.min);
        expect(command.rate).toBeLessThanOrEqual(RATES.max);
      }
      if (command.command === "mute") expect(typeof command.muted).toBe("boolean");
      if (command.command === "loop" && command.fromS !== null) expect(command.toS).toBeGreaterThan(command.fromS);
      for (const value of Object.values(command)) if (typeof value === "number") expect(value).toBeLessThan(Infinity);
    }),
    { numRuns: 1000 },
  );
});
