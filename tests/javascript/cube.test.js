// The facts of a page: read as they were packed, and added up for any choice.
import assert from "node:assert/strict";
import { test } from "node:test";
import { AUTH, FACTS, load, packed, TLS } from "./parts.js";

const smtpauth = load("cube");
const facts = smtpauth.readCube(FACTS);
const ALL = { domains: null, start: "2026-11-16", end: "2026-11-23" };
const FIRST_DAY = { ...ALL, end: "2026-11-16" };
const plain = (numbers) => Array.from(numbers);

test("every row comes out as it went in, also a count beyond 32 bits", () => {
  const rows = plain(facts.count.keys()).map((n) => [
    facts.sender[n],
    facts.period[n],
    facts.tls[n],
    facts.auth[n],
    facts.count[n],
  ]);
  assert.deepEqual(rows, [
    [0, 0, 3, 0, 5],
    [0, 1, 3, 0, 7],
    [1, 0, 1, 0, 2],
    [1, 1, 3, 0, 2 ** 40],
    [2, 2, 3, 1, 130],
  ]);
  assert.deepEqual(facts.senders, ["erp@contoso.com", "scanner@contoso.com", "app@fabrikam.com"]);
  assert.deepEqual(facts.ranges, [
    [0, 4],
    [4, 5],
  ]);
  assert.deepEqual(plain(facts.ipCount), [1, 2, 300]);
});

test("what is packed in a script element is unpacked", async () => {
  const stream = new Blob([FACTS]).stream().pipeThrough(new CompressionStream("gzip"));
  const bytes = Buffer.from(await new Response(stream).arrayBuffer());
  const element = { textContent: `\n  ${bytes.toString("base64")}\n` };
  assert.deepEqual(plain(await smtpauth.unpack(element)), plain(FACTS));
});

test("a choice of domains and days adds up the rows that lie wholly inside it", () => {
  assert.deepEqual(plain(smtpauth.volumeOf(facts, ALL)), [7, 7 + 2 ** 40, 0, 0, 0, 130]);
  assert.deepEqual(plain(smtpauth.volumeOf(facts, FIRST_DAY)), [7, 0, 0, 0, 0, 0]);
  const fabrikam = { ...ALL, domains: ["fabrikam.com"] };
  assert.deepEqual(smtpauth.usageOf(facts, fabrikam, facts.auth, 3), [0, 130, 0]);
  assert.deepEqual(smtpauth.usageOf(facts, { ...fabrikam, end: "2026-11-22" }, facts.auth, 3), [0, 0, 0]);
  assert.deepEqual(smtpauth.usageOf(facts, { ...ALL, domains: ["nobody.example"] }, facts.tls, 6), [0, 0, 0, 0, 0, 0]);
});

test("a choice of senders counts those who used a version with all they sent", () => {
  const who = smtpauth.usersOf(facts, ALL, facts.tls, TLS.indexOf("1.0"));
  assert.deepEqual(plain(who), [0, 1, 0]);
  assert.deepEqual(smtpauth.usageOf(facts, { ...ALL, who }, facts.tls, 6), [0, 2, 0, 2 ** 40, 0, 0]);
  assert.deepEqual(smtpauth.rowsOf(facts, ALL, 1), [2, 3]);
});

test("messages by day and version stand in the place of their period and value", () => {
  const counts = smtpauth.daysBy(facts, { ...ALL, domains: ["contoso.com"] }, facts.tls, 6);
  assert.deepEqual(plain(counts), [0, 2, 0, 5, 0, 0, 0, 0, 0, 7 + 2 ** 40, 0, 0, 0, 0, 0, 0, 0, 0]);
});

test("senders are a row each, busiest first, with what the answer of the kit has", () => {
  const rows = smtpauth.sendersOf(facts, ALL, {
    tls_versions: TLS,
    auth_protocols: AUTH,
    whole: true,
    untold: [],
  });
  assert.deepEqual(rows.sender_address, ["scanner@contoso.com", "app@fabrikam.com", "erp@contoso.com"]);
  assert.deepEqual(rows.message_count, [2 ** 40 + 2, 130, 12]);
  assert.deepEqual(rows.tls_1_0_count, [2, 0, 0]);
  assert.deepEqual(rows.tls_1_2_share, [2 ** 40 / (2 ** 40 + 2), 1, 1]);
  assert.deepEqual(
    [rows.basic_count, rows.oauth_count, rows.unknown_auth_count],
    [
      [2 ** 40 + 2, 0, 12],
      [0, 130, 0],
      [0, 0, 0],
    ],
  );
  assert.deepEqual(rows.first_seen, ["2026-11-16", "2026-11-17", "2026-11-16"]);
  assert.deepEqual(rows.last_seen, ["2026-11-17", "2026-11-23", "2026-11-17"]);
  assert.deepEqual(rows.first_seen_ever, ["2026-11-16", "2026-11-01", "2026-11-03"]);
  assert.deepEqual(rows.last_seen_ever, ["2026-11-30", "2027-12-06", "2026-11-17"]);
  assert.deepEqual(rows.client_ip_count, [2, 300, 1]);
});

test("of a part of the days nobody knows how many client IPs there were", () => {
  const rows = smtpauth.sendersOf(facts, FIRST_DAY, {
    tls_versions: TLS,
    auth_protocols: AUTH,
    whole: false,
    untold: [],
  });
  assert.deepEqual(rows.sender_address, ["erp@contoso.com", "scanner@contoso.com"]);
  assert.deepEqual(rows.client_ip_count, [null, null]);
});

test("of overlapping reports those count, in the days chosen, that cover most of them", () => {
  const quarter = ["2026-08-25", "2026-11-22", 1];
  const week = ["2026-11-16", "2026-11-22", 1];
  const other = ["2026-11-16", "2026-11-22", 2];
  const rows = [
    [0, 0, 3, 0, 900],
    [0, 1, 3, 0, 100],
    [0, 2, 3, 0, 7],
  ];
  const held = smtpauth.readCube(packed([quarter, week, other], ["contoso.com"], [["a@", 0, 0, 0, 0]], rows));
  const count = (start, end) => smtpauth.usageOf(held, { domains: null, start, end }, held.auth, 3)[0];
  assert.deepEqual(held.periods, [quarter.slice(0, 2), week.slice(0, 2)]);
  assert.equal(count("2026-08-25", "2026-11-22"), 907);
  assert.equal(count("2026-11-16", "2026-11-22"), 107);
  assert.equal(count("2026-11-17", "2026-11-22"), 0);
  assert.deepEqual([...smtpauth.messagesOfReports(held, null).values()], [900, 100, 7]);
});

test("a count is no 0 where no row can tell it", () => {
  const told = (value, unknown, reported, untold) =>
    smtpauth.isTold(value, { count: 0, unknown, total: 5, reported }, untold);
  assert.equal(told("1.0", 5, 0, []), false);
  assert.equal(told("unknown", 5, 0, []), true);
  assert.equal(told("1.0", 4, 5, ["none", "1.3"]), true);
  assert.equal(told("none", 4, 0, ["none"]), false);
  assert.equal(told("none", 0, 0, ["none"]), true);
  assert.equal(told("1.3", 0, 1, ["1.3"]), false);
  assert.equal(told("1.3", 4, 0, ["1.3"]), true);
  assert.equal(told("1.3", 0, 5, []), true);
});
