// What the tests of the kit's scripts share: the scripts, words, and facts packed as cube.py does.
import { readFileSync } from "node:fs";
import { Script } from "node:vm";

const KIT = new URL("../../smtpauth_kit/", import.meta.url);

/** Run scripts as a page does, one after the other; return what they put in `smtpauth`. */
export function load(...names) {
  for (const name of names) {
    const file = new URL(`views/static/${name}.js`, KIT);
    new Script(readFileSync(file, "utf8"), { filename: file.pathname }).runInThisContext();
  }
  return globalThis.smtpauth;
}

/** The words of a language, as words.py hands them to a page. */
export function words(language) {
  const texts = JSON.parse(readFileSync(new URL(`words/languages/${language}.json`, KIT), "utf8"));
  return load("table").speak({ language, texts });
}

/** Numbers of seven bits to a byte, the lowest first; a set eighth bit: more follows. */
function sevens(numbers) {
  return numbers.flatMap((number) => {
    const bytes = [];
    let left = BigInt(number);
    for (; left > 127n; left >>= 7n) bytes.push(Number(left & 127n) | 128);
    return [...bytes, Number(left)];
  });
}

/**
 * Facts packed: `senders` are [name, domain, client IPs, first and last day seen ever, counted from
 * 1 November 2026], those of one domain together, and `rows`
 * are [sender, period, TLS version, protocol, messages] as numbers, in this order.
 */
export function packed(periods, domains, senders, rows) {
  const series = [];
  for (const [sender, period, tls, auth] of rows) {
    const code = tls * 3 + auth;
    const last = series.at(-1);
    if (last?.sender === sender && last.code === code) last.periods.push(period);
    else series.push({ sender, code, periods: [period] });
  }
  const head = {
    periods,
    reports: periods.filter((period) => period.length === 3),
    domains,
    series: series.length,
    rows: rows.length,
    since: "2026-11-01",
    senders: senders.map(([name]) => name),
    domain_sizes: domains.map((_, n) => senders.filter(([, domain]) => domain === n).length),
  };
  const text = new TextEncoder().encode(JSON.stringify(head));
  const gaps = series.flatMap((one) => one.periods.map((period, n) => period - (one.periods[n - 1] ?? -1) - 1));
  const numbers = sevens([
    ...series.map((one, n) => one.sender - (series[n - 1]?.sender ?? 0)),
    ...series.map((one) => one.code),
    ...series.map((one) => one.periods.length),
    ...gaps,
    ...rows.map((row) => row[4]),
    ...senders.map(([, , count]) => count),
    ...senders.map(([, , , first]) => first),
    ...senders.map(([, , , first, last]) => last - first),
  ]);
  const bytes = new Uint8Array(4 + text.length + numbers.length);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, 4);
  bytes.set(numbers, 4 + text.length);
  return bytes;
}

export const TLS = ["none", "1.0", "1.1", "1.2", "1.3", "unknown"];
export const AUTH = ["basic", "oauth", "unknown"];

/** Two days and a week, two domains, three senders. */
export const FACTS = packed(
  [
    ["2026-11-16", "2026-11-16"],
    ["2026-11-17", "2026-11-17"],
    ["2026-11-17", "2026-11-23"],
  ],
  ["contoso.com", "fabrikam.com"],
  [
    ["erp@", 0, 1, 2, 16],
    ["scanner@", 0, 2, 15, 29],
    ["app@", 1, 300, 0, 400],
  ],
  [
    [0, 0, 3, 0, 5],
    [0, 1, 3, 0, 7], // erp: TLS 1.2, basic
    [1, 0, 1, 0, 2],
    [1, 1, 3, 0, 2 ** 40], // scanner: TLS 1.0, then 1.2
    [2, 2, 3, 1, 130], // app: a count of a week, OAuth
  ],
);
