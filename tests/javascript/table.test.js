// Words and cells of a table, in both languages; what hides in a text is shown.
import assert from "node:assert/strict";
import { test } from "node:test";
import { load, words } from "./parts.js";

const smtpauth = load("table");
const [en, nl] = [words("en"), words("nl")];

test("a share of nearly nothing is not nothing, and of nearly all not all", () => {
  const shares = [0, 1e-9, 1 / 3, 1 - 1e-9, 1];
  assert.deepEqual(
    shares.map((share) => en.percent(share)),
    ["0%", "<0.01%", "33.33%", ">99.99%", "100%"],
  );
  assert.deepEqual(
    shares.map((share) => nl.percent(share, 2)),
    ["0,00%", "<0,01%", "33,33%", ">99,99%", "100,00%"],
  );
});

test("counts, days and plurals are written as the language writes them", () => {
  assert.deepEqual([en.count(1234567), nl.count(1234567)], ["1,234,567", "1.234.567"]);
  assert.deepEqual([en.date("2026-11-16"), nl.date("2026-11-16"), en.date(null)], ["Nov 16, 2026", "16 nov 2026", ""]);
});

const own = smtpauth.speak({
  language: "en",
  texts: {
    sent: { one: "{n} message", other: "{n} messages" },
    from: "from {domain}",
  },
});

test("a number takes its plural, and a value that looks like a place to fill is left alone", () => {
  assert.deepEqual(
    [1, 2, 1000].map((n) => own("sent", { n })),
    ["1 message", "2 messages", "1,000 messages"],
  );
  assert.equal(own("from", { domain: "{n}.example" }), "from {n}.example");
});

test("each kind of cell says what its column is of", () => {
  const row = {
    n: 1234,
    share: 0.25,
    total: 4936,
    day: "2026-11-16",
    basic: 1,
    oauth: 3,
    unknown: 0,
    ips: ["192.0.2.1", "::1"],
    gone: null,
  };
  const cell = (kind, ...of) => smtpauth.cell({ kind, of }, row, en);
  assert.deepEqual(
    [
      cell("count", "n"),
      cell("date", "day"),
      cell("tls", "share", "n"),
      cell("part", "n", "total"),
      cell("auth", "basic", "oauth", "unknown"),
      cell("list", "ips"),
      cell("text", "day"),
      cell("text", "gone"),
      cell("count", "gone"),
      cell("tls", "gone", "gone"),
      cell("part", "gone", "total"),
      cell("auth", "gone", "gone", "n"),
      cell("count", "left out"),
    ],
    [
      "1,234",
      "Nov 16, 2026",
      "25%(1,234)",
      "25%(1,234)",
      "OAuth, Basic auth",
      "192.0.2.1, ::1",
      "2026-11-16",
      "",
      "–",
      "–",
      "–",
      "Authentication unknown",
      "",
    ],
  );
});
