// Whatever happens on the way (contract: events.md, player.md "Nothing lost"): each (view_id, seq) once, after the
// server's dedupe. Courier, shelves and keeper are the real ones; server and storage stand in.
import fc from "fast-check";
import { expect, test } from "vitest";
import { FakeStorage, FakeTime } from "./fakes";
import { Page, Server } from "./visits";

const STEPS = [
  "add",
  "addUrgent",
  "burst",
  "pass",
  "passLong",
  "open",
  "ack",
  "refuse",
  "break",
  "storeAndBreak",
  "socketsShut",
  "socketsOpen",
  "postsTaken",
  "postsAnswerLost",
  "postsRefused",
  "postsUnreachable",
  "beaconsArrive",
  "beaconsLost",
  "wake",
  "hide",
  "backForwardCache",
  "crash",
  "reload",
  "newTab",
  "otherTab",
] as const;

/** `stays`: in the end the pages are still there and the server comes back to them. */
async function live(steps: readonly (typeof STEPS)[number][], stays = false) {
  const time = new FakeTime();
  const server = new Server();
  const storage = new FakeStorage();
  const added: string[] = [];
  let names = 0;
  const visit = () => new Page(`page-${names++}`, time, server, storage);
  let pages = [visit()];
  const add = (value?: string, urgent?: boolean) => {
    const page = pages[0] as Page;
    added.push(`${page.view.view_id} ${page.seq}`);
    page.add(value, urgent);
  };
  const acts: Record<(typeof STEPS)[number], (page: Page) => unknown> = {
    add: () => add(),
    addUrgent: () => add("", true),
    burst() {
      for (let i = 0; i < 40; i++) add("x".repeat(700)); // more than one message holds
    },
    pass: () => time.pass(150),
    passLong: () => time.pass(20_000),
    open: (page) => page.open(),
    ack: (page) => page.answer(),
    refuse: (page) => page.answer(true),
    break: (page) => page.break(1006),
    storeAndBreak: (page) => page.break(1012, true),
    socketsShut: () => (server.socketsOpen = false),
    socketsOpen: () => (server.socketsOpen = true),
    postsTaken: () => (server.posts = "taken"),
    postsAnswerLost: () => (server.posts = "answerLost"),
    postsRefused: () => (server.posts = "refused"),
    postsUnreachable: () => (server.posts = "unreachable"),
    beaconsArrive: () => (server.beaconsArrive = true),
    beaconsLost: () => (server.beaconsArrive = false),
    wake: (page) => page.courier.wake(),
    hide: (page) => page.goodbye(),
    async backForwardCache(page) {
      page.goodbye();
      page.courier.park();
      await time.pass(3000);
      page.courier.wake();
    },
    crash(page) {
      page.crash();
      pages[0] = visit();
    },
    reload(page) {
      page.leave();
      pages[0] = visit();
    },
    newTab: () => pages.length < 3 && pages.unshift(visit()),
    otherTab: () => pages.push(pages.shift() as Page),
  };
  for (const step of steps) await acts[step](pages[0] as Page);

  server.socketsOpen = true;
  const waiting = () => pages.flatMap(({ shelves }) => [...shelves.values()].flatMap(({ texts }) => texts)).length;
  /** A minute of POST, half a minute of back-off and a socket that never answers may lie before the server is found. */
  const recover = async () => {
    for (let i = 0; i < 240 && (i < 20 || waiting() > 0); i++) {
      await time.pass(1000);
      for (const page of pages) {
        page.courier.notify(false);
        page.open();
        for (let k = 0; k < 40; k++) page.answer();
      }
    }
    return waiting();
  };
  const unanswered = stays ? await recover() : 0;
  // The person closes everything and comes back another day, to a server that is well.
  for (const page of pages) page.crash();
  for (let visits = 0; visits < 2; visits++) {
    pages = [visit()];
    await recover();
    pages[0]?.leave();
  }
  return { server, storage, added, unanswered };
}

test("after any interleaving of sends, answers, failures, crashes and reloads, each event is there once", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...STEPS), { minLength: 5, maxLength: 60 }),
      fc.boolean(),
      async (steps, stays) => {
        const { server, storage, added, unanswered } = await live(steps, stays);
        expect(unanswered).toBe(0);
        expect(server.conflicts).toEqual([]);
        expect([...server.stored.keys()].sort()).toEqual(added.sort());
        expect(Object.keys(storage)).toEqual([]); // answered for = forgotten
      },
    ),
    { numRuns: 2500 },
  );
}, 120_000);

test("without any answer nothing is forgotten: a crash after ten minutes offline loses none", async () => {
  const offline = ["socketsShut", "beaconsLost"] as const;
  const minutes = Array.from({ length: 30 }, () => ["add", "add", "passLong"] as const).flat();
  const { server, added } = await live([...offline, ...minutes, "crash"]);
  expect(added).toHaveLength(60);
  expect(server.stored.size).toBe(60);
});
