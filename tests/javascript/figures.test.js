// What a page's charts show: columns, named values and sentences.
import assert from "node:assert/strict";
import { test } from "node:test";
import { AUTH, FACTS, load, TLS, words } from "./parts.js";

const smtpauth = load("cube", "figures");
const facts = smtpauth.readCube(FACTS);
const { figures } = smtpauth;
const [en, nl] = [words("en"), words("nl")];
const ALL = { domains: null, start: "2026-11-16", end: "2026-11-23" };
const TITLES = { "1.0": "TLS 1.0", 1.2: "TLS 1.2" };
const VERSIONS = { column: "tls_version", values: TLS, which: facts.tls };
const volume = (choice = ALL) => figures.volumeIn(facts, smtpauth.volumeOf(facts, ALL), choice);

test("volume is a row of periods for each domain that sent, and says who sent most", () => {
  assert.deepEqual(volume({ ...ALL, end: "2026-11-17" }), [
    { name: "contoso.com", row: [7, 7 + 2 ** 40, 0], count: 14 + 2 ** 40 },
  ]);
  assert.equal(
    figures.volumeFinding(
      [
        { name: "b.example", row: [3], count: 3 },
        { name: "a.example", row: [3], count: 3 },
      ],
      en,
    ),
    "2 sender domains; most messages from a.example: 3.",
  );
  assert.equal(figures.volumeFinding([], nl), "Geen berichten gevonden.");
});

test("a domain keeps its colour while others leave, and the eighth is one of the others", () => {
  const names = "abcdefgh".split("");
  const of = (shown) =>
    figures.volumeValues(
      shown.map((name, n) => ({ name, row: [9 - n], count: 9 - n })),
      names,
      ALL,
      en,
    );
  assert.deepEqual(of(names).shown, [0, 1, 2, 3, 4, 5, 6, 7]); // places in `series`
  assert.deepEqual(of(["h", "a"]).series, ["a", "b", "c", "d", "e", "f", "h", "Other domains"]);
  assert.deepEqual(of(["h", "a"]).shown, [0, 6]);
});

test("days without a word of the source are gaps, and covered days without mail are zeros", () => {
  assert.deepEqual(figures.gapsIn(["2026-11-17", "2026-11-20"], ALL), [
    ["2026-11-16", "2026-11-16"],
    ["2026-11-18", "2026-11-19"],
    ["2026-11-21", "2026-11-23"],
  ]);
  const chosen = volume({ ...ALL, domains: ["contoso.com"], end: "2026-11-16" });
  const columns = figures.volumeColumns(facts, chosen, { series: ["contoso.com"], others: "Other domains" }, [
    "2026-11-16",
    "2026-11-17",
  ]);
  assert.deepEqual(columns, {
    period_start: ["2026-11-16", "2026-11-17"],
    period_end: ["2026-11-16", "2026-11-17"],
    sender_domain: ["contoso.com", "contoso.com"],
    message_count: [7, 0],
  });
});

test("usage adds up to one, and a version that nobody used is in no sentence", () => {
  const found = figures.usage(facts, { ...ALL, end: "2026-11-16" }, VERSIONS, []);
  assert.deepEqual(found.message_count, [0, 2, 0, 5, 0, 0]);
  assert.equal(figures.sum(found.share), 1);
  assert.equal(figures.usageFinding(found, "tls_version", TITLES, en), "TLS 1.0: 28.57 % (2), TLS 1.2: 71.43 % (5).");
  assert.equal(figures.usageFinding(found, "tls_version", TITLES, nl), "TLS 1.0: 28,57% (2), TLS 1.2: 71,43% (5).");
});

test("by day a version is a row where it was used, and the sentence compares first and last", () => {
  const contoso = { ...ALL, domains: ["contoso.com"] };
  const days = figures.byDay(facts, contoso, VERSIONS);
  assert.deepEqual(days, {
    period_start: ["2026-11-16", "2026-11-16", "2026-11-17"],
    period_end: ["2026-11-16", "2026-11-16", "2026-11-17"],
    tls_version: ["1.0", "1.2", "1.2"],
    message_count: [2, 5, 7 + 2 ** 40],
  });
  assert.deepEqual(
    figures.breakdownValues(days, VERSIONS, ["2026-11-16"], { start: "2026-11-16", end: "2026-11-17" }),
    {
      first_day: "2026-11-16",
      last_day: "2026-11-17",
      gaps: [["2026-11-17", "2026-11-17"]],
      shown: ["1.0", "1.2"],
    },
  );
  assert.equal(
    figures.overTimeFinding(days, VERSIONS, TITLES, en),
    "From Nov 16, 2026 to Nov 17, 2026: TLS 1.0 from 28.57 % (2) to 0.00 % (0), TLS 1.2 from 71.43 % (5) to 100.00 % (1,099,511,627,783).",
  );
});

test("a ranking ends in one row of all others", () => {
  const found = figures.ranking("sender_address", ["a@x.example", "b@x.example", "c@x.example"], [6, 3, 1], 2, en);
  assert.deepEqual(found, {
    sender_address: ["a@x.example", "b@x.example", null],
    sender_count: [1, 1, 1],
    message_count: [6, 3, 1],
    share: [0.6, 0.3, 0.1],
    label: ["a@x.example", "b@x.example", "1 other sender"],
    written: ["a@x.example", "b@x.example", "1 other sender"],
  });
  assert.equal(figures.rankingFinding(found, en), "Most from a@x.example: 60.00 % (6); 1 other sender: 10.00 % (1).");
  const whole = figures.ranking("sender_domain", ["x.example"], [6], 2, en);
  assert.equal(figures.rankingFinding(whole, en), "Most from x.example: 100.00 % (6).");
});

test("a sender that used two versions counts for each", () => {
  const rows = smtpauth.sendersOf(facts, ALL, { tls_versions: TLS, auth_protocols: AUTH, whole: true, untold: [] });
  const found = figures.sendersByTls(rows, TLS, []);
  assert.deepEqual(found.sender_count, [0, 1, 0, 3, 0, 0]);
  assert.equal(
    figures.sendersByTlsFinding(found, TITLES, en),
    "TLS 1.0: 1 sender (33.33 %), TLS 1.2: 3 senders (100.00 %). One that used several counts for each.",
  );
});
