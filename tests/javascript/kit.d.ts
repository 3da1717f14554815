// What the kit's scripts hand each other, for their type check.

/** The facts of a report (cube.js): a row is one sender's messages in one period. */
interface Facts {
  /** First and last day of each different period, both included, in the order of their start. */
  periods: [string, string][];
  /** Each period that rows have; one of a report is followed by the number of its tenant. */
  held: [string, string, number?][];
  /** The periods of every report, also of those that overlap others. */
  reports: [string, string, number][];
  domains: string[];
  senders: string[];
  /** Of each sender: its domain, its client IPs, its place by name. */
  domainOf: Uint32Array;
  ipCount: Uint32Array;
  /** Of each sender: the days of its first and last message, of all days loaded, since 1970. */
  firstEver: Uint32Array;
  lastEver: Uint32Array;
  place: Uint32Array;
  /** Of each row. */
  sender: Uint32Array;
  period: Uint32Array;
  /** Its place in `held`. */
  part: Uint32Array;
  tls: Uint8Array;
  auth: Uint8Array;
  /** Messages; beyond 2 ** 53 not exact. */
  count: Float64Array;
  /** Of each domain: its first row, and one after its last. */
  ranges: [number, number][];
  /** The place of each period by its last day. */
  endRank: Uint32Array;
}

/** What figures are of: days, both included; domains, null for all; senders that are marked. */
interface Choice {
  start: string;
  end: string;
  domains: string[] | null;
  who?: Uint8Array | null;
}

/** A domain's messages in each period, and in all. */
interface Volume {
  name: string;
  row: number[];
  count: number;
}

/** Figures by TLS version or by protocol: `which` is facts.tls or facts.auth. */
interface Breakdown {
  column: string;
  values: string[];
  which: Uint8Array;
}

/** A language's words (table.js). */
interface Words {
  (key: string, values?: Record<string, unknown>): string;
  language: string;
  count(number: number): string;
  /** `digits` undefined: at most two, as in a cell; else two, as in a sentence. */
  percent(share: number, digits?: number): string;
  date(iso: string | null): string;
}

/** All scripts of a page add to it; what is not named here is not checked yet. */
interface Smtpauth {
  readCube(bytes: Uint8Array): Facts;
  unpack(element: { textContent: string }): Promise<Uint8Array>;
  speak(words: { language: string; texts: Record<string, any> }): Words;
  volumeOf(facts: Facts, choice: Choice): Float64Array;
  usageOf(facts: Facts, choice: Choice, which: Uint8Array, size: number): number[];
  daysBy(facts: Facts, choice: Choice, which: Uint8Array, size: number): Float64Array;
  usersOf(facts: Facts, choice: Choice, which: Uint8Array, value: number): Uint8Array;
  rowsOf(facts: Facts, choice: Choice, sender: number): number[];
  [name: string]: any;
}

declare var smtpauth: Smtpauth;
/** Vega-Embed, of the bundle that stands before the kit's scripts. */
declare var vegaEmbed: any;
