// Reads what cube.py packs, and adds it up again for any choice of domain and days.
(() => {
  "use strict";
  const smtpauth = (globalThis.smtpauth ??= /** @type {Smtpauth} */ ({}));
  const AUTH = 3; // as names.AUTH_PROTOCOLS
  const TLS = 6; // as names.TLS_VERSIONS
  const DAY = 86_400_000;
  const iso = (day) => new Date(day * DAY).toISOString().slice(0, 10);

  /** A script element's content: gzip in base64 → bytes. */
  smtpauth.unpack = async (element) => {
    const text = atob(element.textContent); // it cares for no space around
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  };

  /**
   * Numbers of seven bits to a byte, read in order.
   *
   * @param {Uint8Array} bytes
   * @param {number} from
   */
  function reader(bytes, from) {
    let at = from;
    return /** @template T @param {number} length @param {new (length: number) => T} Kind @returns {T} */ (
      length,
      Kind,
    ) => {
      const numbers = new Kind(length);
      for (let i = 0; i < length; i++) {
        let byte = bytes[at++];
        let number = byte & 0x7f;
        for (let unit = 128; byte & 0x80; unit *= 128) {
          byte = bytes[at++];
          number += (byte & 0x7f) * unit;
        }
        numbers[i] = number;
      }
      return numbers;
    };
  }

  /**
   * The facts of a report: for each row its `sender`, `period`, `tls`, `auth` and `count`; senders
   * and rows of one domain stand together, so that a domain is a range of each.
   *
   * @param {Uint8Array} bytes
   * @returns {Facts}
   */
  smtpauth.readCube = (bytes) => {
    const size = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
    const head = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + size)));
    const read = reader(bytes, 4 + size);
    const [steps, codes, lengths] = [0, 1, 2].map(() => read(head.series, Uint32Array));
    const [gaps, count] = [read(head.rows, Uint32Array), read(head.rows, Float64Array)];
    const [periods, spanOf] = spansOf(head.periods);
    const facts = /** @type {Facts} */ (
      /** @type {unknown} */ ({
        periods,
        held: head.periods,
        reports: head.reports,
        domains: head.domains,
        count,
        ipCount: read(head.senders.length, Uint32Array),
        firstEver: read(head.senders.length, Uint32Array),
        lastEver: read(head.senders.length, Uint32Array),
        sender: new Uint32Array(head.rows),
        period: new Uint32Array(head.rows),
        part: new Uint32Array(head.rows),
        tls: new Uint8Array(head.rows),
        auth: new Uint8Array(head.rows),
      })
    );
    for (let series = 0, row = 0, sender = 0; series < head.series; series++) {
      sender += steps[series];
      for (let end = row + lengths[series], part = -1; row < end; row++) {
        part += gaps[row] + 1;
        facts.sender[row] = sender;
        facts.part[row] = part;
        facts.period[row] = spanOf[part];
        facts.tls[row] = codes[series] / AUTH;
        facts.auth[row] = codes[series] % AUTH;
      }
    }
    const since = Date.parse(head.since) / DAY;
    facts.firstEver.forEach((days, n) => {
      facts.firstEver[n] = since + days;
      facts.lastEver[n] += facts.firstEver[n];
    });
    facts.domainOf = Uint32Array.from(head.domain_sizes.flatMap((n, domain) => new Array(n).fill(domain)));
    facts.senders = head.senders.map((name, n) =>
      name.endsWith("\n") ? name.slice(0, -1) : name + head.domains[facts.domainOf[n]],
    );
    facts.ranges = rangesOf(facts);
    facts.place = ranks(facts.senders, (a, b) => (a < b ? -1 : a > b ? 1 : 0));
    facts.endRank = ranks(
      periods.map(([, end]) => end),
      (a, b) => (a < b ? -1 : a > b ? 1 : 0),
    );
    return facts;
  };

  /**
   * The different days or stretches of days of periods that stand in their order, and which each has:
   * reports of two tenants may have the same.
   *
   * @param {[string, string, number?][]} held
   * @returns {[[string, string][], number[]]}
   */
  function spansOf(held) {
    const spans = [];
    const spanOf = held.map(([first, last]) => {
      const before = spans.at(-1);
      if (before?.[0] !== first || before[1] !== last) spans.push([first, last]);
      return spans.length - 1;
    });
    return [spans, spanOf];
  }

  /**
   * Which rows a domain has: [first, one after the last].
   *
   * @param {Facts} facts
   * @returns {[number, number][]}
   */
  function rangesOf({ domains, domainOf, sender }) {
    const ends = new Uint32Array(domains.length + 1);
    for (const who of sender) ends[domainOf[who] + 1]++;
    for (let n = 1; n < ends.length; n++) ends[n] += ends[n - 1];
    return domains.map((_, n) => /** @type {[number, number]} */ ([ends[n], ends[n + 1]]));
  }

  /** The place of each value in their order. */
  function ranks(values, compare) {
    const order = Uint32Array.from(values.keys()).sort((a, b) => compare(values[a], values[b]));
    const places = new Uint32Array(values.length);
    order.forEach((index, place) => {
      places[index] = place;
    });
    return places;
  }

  /**
   * The ranges of rows that a choice of domains (null: all) can be in.
   *
   * @param {Facts} facts
   * @param {string[] | null} domains
   */
  const rangesFor = (facts, domains) =>
    domains === null
      ? [[0, facts.count.length]]
      : domains.map((name) => facts.ranges[facts.domains.indexOf(name)] ?? [0, 0]);

  /** @param {[string, string, number]} report */
  const daysOf = ([first, last]) => (Date.parse(last) - Date.parse(first)) / 86_400_000 + 1;

  /**
   * The non-overlapping reports of one tenant that cover most days, as periods.choose_periods: of equal
   * sets the one of fewer, then the one that ends later.
   *
   * @param {[string, string, number][]} reports
   */
  function bestSet(reports) {
    const order = (a, b) => (a < b ? -1 : Number(a > b));
    const ordered = reports.toSorted((a, b) => order(a[1], b[1]) || order(a[0], b[0]));
    const best = [{ days: 0, size: 0, chosen: [] }];
    ordered.forEach((report, n) => {
      let before = n;
      while (before > 0 && ordered[before - 1][1] >= report[0]) before--;
      const { days, size, chosen } = best[before];
      const taken = { days: days + daysOf(report), size: size + 1, chosen: [...chosen, report] };
      const left = best[n];
      const isBetter = taken.days - left.days || left.size - taken.size || 1;
      best.push(isBetter > 0 ? taken : left);
    });
    return best.at(-1).chosen;
  }

  /**
   * The reports that count in the days of a choice: those wholly inside them that do not overlap.
   *
   * @param {Facts} facts
   * @param {{ start: string, end: string }} choice
   * @returns {[string, string, number][]}
   */
  smtpauth.countedReports = (facts, { start, end }) => {
    const inside = facts.reports.filter(([first, last]) => first >= start && last <= end);
    const tenants = [...new Set(inside.map(([, , of]) => of))];
    return tenants.flatMap((tenant) => bestSet(inside.filter(([, , of]) => of === tenant)));
  };

  /**
   * Which periods count in the days of a choice: 1 and 0.
   *
   * @param {Facts} facts
   * @param {Choice} choice
   */
  function insideOf(facts, { start, end }) {
    const counted = new Set(smtpauth.countedReports(facts, { start, end }).map(String));
    const counts = (period) =>
      period.length === 3 ? counted.has(String(period)) : period[0] >= start && period[1] <= end;
    return Uint8Array.from(facts.held, (period) => Number(counts(period)));
  }

  /**
   * Messages of each report, of some domains (null: all), also of those that do not count.
   *
   * @param {Facts} facts
   * @param {string[] | null} domains
   */
  smtpauth.messagesOfReports = (facts, domains) => {
    const counts = new Map(facts.reports.map((report) => [String(report), 0]));
    for (const [first, after] of rangesFor(facts, domains))
      for (let i = first; i < after; i++) {
        const report = String(facts.held[facts.part[i]]);
        if (counts.has(report)) counts.set(report, counts.get(report) + facts.count[i]);
      }
    return counts;
  };

  /**
   * Call `visit(row)` for every row of a choice.
   *
   * @param {Facts} facts
   * @param {Choice} choice
   * @param {(row: number) => void} visit
   */
  function each(facts, choice, visit) {
    const inside = insideOf(facts, choice);
    const who = choice.who ?? null;
    for (const [first, after] of rangesFor(facts, choice.domains)) {
      for (let i = first; i < after; i++) {
        if (inside[facts.part[i]] && (who === null || who[facts.sender[i]])) visit(i);
      }
    }
  }

  /**
   * Marks the senders of a choice that have a message with a value of facts.tls or facts.auth.
   *
   * @param {Facts} facts
   * @param {Choice} choice
   * @param {Uint8Array} which
   * @param {number} value
   */
  smtpauth.usersOf = (facts, choice, which, value) => {
    const who = new Uint8Array(facts.senders.length);
    each(facts, choice, (i) => {
      if (which[i] === value) who[facts.sender[i]] = 1;
    });
    return who;
  };

  /**
   * Messages of each domain in each period: counts[domain * periods + period].
   *
   * @param {Facts} facts
   * @param {Choice} choice
   */
  smtpauth.volumeOf = (facts, choice) => {
    const counts = new Float64Array(facts.domains.length * facts.periods.length);
    each(facts, choice, (i) => {
      counts[facts.domainOf[facts.sender[i]] * facts.periods.length + facts.period[i]] += facts.count[i];
    });
    return counts;
  };

  /**
   * Messages by TLS version or protocol: `which` is facts.tls or facts.auth.
   *
   * @param {Facts} facts
   * @param {Choice} choice
   * @param {Uint8Array} which
   * @param {number} size
   */
  smtpauth.usageOf = (facts, choice, which, size) => {
    const counts = new Array(size).fill(0);
    each(facts, choice, (i) => {
      counts[which[i]] += facts.count[i];
    });
    return counts;
  };

  /**
   * Messages of each period by TLS version or protocol: counts[period * size + value].
   *
   * @param {Facts} facts
   * @param {Choice} choice
   * @param {Uint8Array} which
   * @param {number} size
   */
  smtpauth.daysBy = (facts, choice, which, size) => {
    const counts = new Float64Array(facts.periods.length * size);
    each(facts, choice, (i) => {
      counts[facts.period[i] * size + which[i]] += facts.count[i];
    });
    return counts;
  };

  /**
   * The rows of one sender.
   *
   * @param {Facts} facts
   * @param {Choice} choice
   * @param {number} sender
   */
  smtpauth.rowsOf = (facts, choice, sender) => {
    const rows = [];
    each(facts, choice, (i) => {
      if (facts.sender[i] === sender) rows.push(i);
    });
    return rows;
  };

  /**
   * How many messages of a choice reports count, by sender.
   *
   * @param {Facts} facts
   * @param {Choice} choice
   */
  smtpauth.reportedOf = (facts, choice) => {
    const counts = new Float64Array(facts.senders.length);
    each(facts, choice, (i) => {
      if (facts.held[facts.part[i]].length === 3) counts[facts.sender[i]] += facts.count[i];
    });
    return counts;
  };

  /**
   * Whether the count of a TLS version or protocol can be told, as answers/untold.py has it: not where
   * all is unknown; no TLS not where a source never says so and some are unknown; TLS 1.3 not where a
   * report has no column of it.
   *
   * @param {string} value
   * @param {{ count: number, unknown: number, total: number, reported: number }} of
   * @param {string[]} untold of "none" and "1.3", what not every source shown tells
   */
  smtpauth.isTold = (value, { count, unknown, total, reported }, untold) =>
    value === "unknown" ||
    (unknown !== total && (count > 0 || !untold.includes(value) || !(value === "none" ? unknown : reported)));

  /**
   * One row per sender, busiest first, with the columns of `answers.senders` and `who`.
   *
   * @param {Facts} facts
   * @param {Choice} choice
   * @param {{ tls_versions: string[], auth_protocols: string[], whole: boolean, untold: string[] }} of
   */
  smtpauth.sendersOf = (facts, choice, { tls_versions, auth_protocols, whole, untold }) => {
    const size = facts.senders.length;
    const [count, tls, auth] = [1, TLS, AUTH].map((n) => new Float64Array(size * n));
    const [first, last] = [new Uint32Array(size).fill(0xffffffff), new Uint32Array(size)];
    each(facts, choice, (i) => {
      const [who, period, n] = [facts.sender[i], facts.period[i], facts.count[i]];
      if (!count[who] || facts.endRank[period] > facts.endRank[last[who]]) last[who] = period;
      if (period < first[who]) first[who] = period; // periods stand in the order of their start
      count[who] += n;
      tls[who * TLS + facts.tls[i]] += n;
      auth[who * AUTH + facts.auth[i]] += n;
    });
    const who = [];
    for (let n = 0; n < size; n++) if (count[n]) who.push(n);
    who.sort((a, b) => count[b] - count[a] || facts.place[a] - facts.place[b]);
    const reported = smtpauth.reportedOf(facts, choice);
    const table = { who, names: [], reported: who.map((n) => reported[n]) };
    // A column is made when it is first asked for: a screen shows few of them.
    const column = (name, value) => {
      table.names.push(name);
      Object.defineProperty(table, name, {
        configurable: true,
        get: () => {
          const made = who.map(value);
          Object.defineProperty(table, name, { value: made });
          return made;
        },
      });
    };
    column("sender_address", (n) => facts.senders[n]);
    column("sender_domain", (n) => facts.domains[facts.domainOf[n]]);
    column("message_count", (n) => count[n]);
    tls_versions.forEach((version, v) => {
      const name = `tls_${version.replace(".", "_")}`;
      const of = (n) => ({
        count: tls[n * TLS + v],
        unknown: tls[n * TLS + TLS - 1],
        total: count[n],
        reported: reported[n],
      });
      const told = (n) => smtpauth.isTold(version, of(n), untold);
      column(`${name}_count`, (n) => (told(n) ? tls[n * TLS + v] : null));
      column(`${name}_share`, (n) => (told(n) ? tls[n * TLS + v] / count[n] : null));
    });
    auth_protocols.forEach((name, p) => {
      const of = (n) => ({
        count: auth[n * AUTH + p],
        unknown: auth[n * AUTH + AUTH - 1],
        total: count[n],
        reported: 0,
      });
      const told = (n) => smtpauth.isTold(name, of(n), []);
      column(name === "unknown" ? "unknown_auth_count" : `${name}_count`, (n) => (told(n) ? auth[n * AUTH + p] : null));
    });
    column("first_seen", (n) => facts.periods[first[n]][0]);
    column("last_seen", (n) => facts.periods[last[n]][1]);
    column("first_seen_ever", (n) => iso(facts.firstEver[n]));
    column("last_seen_ever", (n) => iso(facts.lastEver[n]));
    // Which addresses belong to which day is not in the file: known for the whole range only.
    column("client_ip_count", (n) => (whole ? facts.ipCount[n] || null : null));
    return table;
  };
})();
