// What a page's charts show, from its facts: columns, named values and sentences
// (`smtpauth.figures`), as the store answers them; tests/reports/test_page_figures.py compares the two.
(() => {
  "use strict";
  const smtpauth = (globalThis.smtpauth ??= /** @type {Smtpauth} */ ({}));
  const DAY = 86_400_000;
  const SERIES = 7; // as drawing.COLORS: the eighth is for all others

  /** @param {number[]} numbers */
  const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
  /** @type {(count: number, total: number) => number} */
  const share = (count, total) => (total ? count / total : 0);
  /** @param {number} time */
  const isoDay = (time) => new Date(time).toISOString().slice(0, 10);

  /**
   * Messages per period and domain inside a choice: a row of periods for each domain.
   *
   * @param {Facts} facts
   * @param {Float64Array} counts
   * @param {Choice} choice
   */
  function volumeIn(facts, counts, choice) {
    const size = facts.periods.length;
    const inside = facts.periods.map(([from, to]) => from >= choice.start && to <= choice.end);
    const names = choice.domains ?? facts.domains;
    return names.flatMap((name) => {
      const at = facts.domains.indexOf(name) * size;
      const row = inside.map((is, period) => (is && at >= 0 ? counts[at + period] : 0));
      const count = sum(row);
      return count ? [{ name, row, count }] : [];
    });
  }

  /**
   * Domains busiest first, as volume._busiest.
   *
   * @param {Volume[]} volume
   */
  const ranked = (volume) => [...volume].sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));

  /**
   * The series in the order of their colours: a domain keeps its own when others leave the screen.
   *
   * @param {Volume[]} volume
   * @param {string[]} known
   * @param {Choice} choice
   * @param {Words} words
   */
  function volumeValues(volume, known, { start, end }, words) {
    const shown = ranked(volume).map(({ name }) => name);
    const series = known.slice(0, SERIES);
    for (const name of shown) {
      if (series.includes(name)) continue;
      const free = series.findLastIndex((held) => !shown.includes(held));
      if (series.length < SERIES) series.push(name);
      else if (free >= 0) series[free] = name;
    }
    const others = words("Other domains");
    const drawn = [...series.keys()].filter((place) => shown.includes(series[place]));
    return {
      first_day: start,
      last_day: end,
      others,
      series: [...series, others],
      names: [...series.map(smtpauth.coded), others],
      shown: drawn.length < shown.length ? [...drawn, series.length] : drawn,
    };
  }

  /**
   * Stretches of days the source says nothing about, [[first, last], …].
   *
   * @param {string[]} covered
   * @param {{ start: string, end: string }} days
   */
  function gapsIn(covered, { start, end }) {
    const known = new Set(covered);
    const found = [];
    for (let time = Date.parse(start); time <= Date.parse(end); time += DAY) {
      const day = isoDay(time);
      if (known.has(day)) continue;
      const last = found.at(-1);
      if (last && Date.parse(last[1]) + DAY === time) last[1] = day;
      else found.push([day, day]);
    }
    return found;
  }

  /**
   * The rows to draw: other domains added up, a zero on each covered day without a message.
   *
   * @param {Facts} facts
   * @param {Volume[]} volume
   * @param {{ series: string[], others: string }} values
   * @param {string[]} covered
   */
  function volumeColumns(facts, volume, { series, others }, covered) {
    const lines = new Map();
    for (const { name, row } of volume) {
      const line = series.includes(name) ? name : others;
      const before = lines.get(line);
      lines.set(line, before ? before.map((count, n) => count + row[n]) : row);
    }
    const rows = [...lines].flatMap(([name, row]) => {
      const counted = row.flatMap((count, n) => (count ? [[...facts.periods[n], name, count]] : []));
      if (counted.some(([first, last]) => first !== last)) return counted;
      const have = new Set(counted.map(([day]) => day));
      return [...counted, ...covered.filter((day) => !have.has(day)).map((day) => [day, day, name, 0])];
    });
    const column = (n) => rows.map((row) => row[n]);
    return { period_start: column(0), period_end: column(1), sender_domain: column(2), message_count: column(3) };
  }

  function volumeFinding(volume, words) {
    if (!volume.length) return words("No messages match.");
    const [top] = ranked(volume);
    if (volume.length === 1) return words("All messages are from {domain}.", { domain: top.name });
    return words("{domains}; most messages from {domain}: {count}.", {
      domains: words("{n} sender domains", { n: volume.length }),
      domain: top.name,
      count: top.count,
    });
  }

  function usageFinding(usage, field, titles, words) {
    const parts = usage[field].flatMap((value, n) =>
      usage.message_count[n]
        ? [`${titles[value]}: ${words.percent(usage.share[n], 2)} (${words.count(usage.message_count[n])})`]
        : [],
    );
    return parts.length ? `${parts.join(", ")}.` : words("No messages match.");
  }

  // --- a breakdown: {column, values, which}, `which` as facts.tls or facts.auth ---------------------

  /**
   * Messages and share of each value.
   *
   * @param {Facts} facts
   * @param {Choice} choice
   * @param {Breakdown} breakdown
   */
  function usage(facts, choice, { column, values, which }, untold) {
    const found = smtpauth.usageOf(facts, choice, which, values.length);
    const total = sum(found);
    if (!total) return { [column]: [], message_count: [], share: [] };
    const reported = sum(smtpauth.reportedOf(facts, choice));
    const counts = toldOnly(values, found, { total, unknown: found.at(-1), reported }, untold);
    return { [column]: values, message_count: counts, share: sharesOf(counts, total) };
  }

  /** Counts of each value, null for what no row can tell. */
  const toldOnly = (values, counts, of, untold) =>
    counts.map((count, n) => (smtpauth.isTold(values[n], { ...of, count }, untold) ? count : null));

  const sharesOf = (counts, total) => counts.map((count) => (count === null ? null : share(count, total)));

  /**
   * Messages of each day or period by value, as the answer has them: by day, then by value.
   *
   * @param {Facts} facts
   * @param {Choice} choice
   * @param {Breakdown} breakdown
   */
  function byDay(facts, choice, { column, values, which }) {
    const counts = smtpauth.daysBy(facts, choice, which, values.length);
    const order = [...values.keys()].sort((a, b) => (values[a] < values[b] ? -1 : 1));
    const rows = facts.periods.flatMap(([first, last], period) =>
      order
        .map((value) => [first, last, values[value], counts[period * values.length + value]])
        .filter((row) => row[3]),
    );
    const of = (n) => rows.map((row) => row[n]);
    return { period_start: of(0), period_end: of(1), [column]: of(2), message_count: of(3) };
  }

  /** The named values of a chart over time. */
  function breakdownValues(days, { column, values }, covered, { start, end }) {
    return {
      first_day: start,
      last_day: end,
      gaps: gapsIn(covered, { start, end }),
      shown: values.filter((value) => days[column].includes(value)),
    };
  }

  const part = (count, total, words) => `${words.percent(share(count, total), 2)} (${words.count(count)})`;

  /** The sentence: how each part went from the first day to the last. */
  function overTimeFinding(days, { column, values }, titles, words) {
    if (!days.message_count.length) return words("No messages match.");
    const [first, last] = [days.period_start[0], days.period_start.at(-1)];
    const count = (day, value) =>
      sum(
        days.message_count.filter(
          (_, n) => days.period_start[n] === day && (value === undefined || days[column][n] === value),
        ),
      );
    const parts = values
      .filter((value) => days[column].includes(value))
      .map((value) =>
        words("{what} from {before} to {after}", {
          what: titles[value],
          before: part(count(first, value), count(first), words),
          after: part(count(last, value), count(last), words),
        }),
      );
    const end = days.period_end.reduce((a, b) => (a > b ? a : b));
    return words("From {start} to {end}: {parts}.", {
      start: words.date(first),
      end: words.date(end),
      parts: parts.join(", "),
    });
  }

  // --- rankings, of names and counts that stand busiest first -----------------------------------

  /**
   * The busiest on their own, all others added up, and what each bar is called.
   *
   * @param {'sender_address' | 'sender_domain'} field
   * @param {string[]} names
   * @param {number[]} counts
   * @param {number} top
   * @param {Words} words
   */
  function ranking(field, names, counts, top, words) {
    const [kind, others] =
      field === "sender_address" ? ["sender_count", "{n} other senders"] : ["domain_count", "{n} other domains"];
    const [rest, total] = [names.length - top, sum(counts)];
    const tail = rest > 0 ? [sum(counts.slice(top))] : [];
    const shown = [...counts.slice(0, top), ...tail];
    const label = [...names.slice(0, top), ...tail.map(() => words(others, { n: rest }))];
    return {
      [field]: [...names.slice(0, top), ...tail.map(() => null)],
      [kind]: shown.map((_, n) => (n < top ? 1 : rest)),
      message_count: shown,
      share: shown.map((count) => share(count, total)),
      label,
      written: label.map(smtpauth.coded),
    };
  }

  /** The sentence: the busiest, and what the others come to. */
  function rankingFinding({ label, message_count: counts, ...of }, words) {
    if (!counts.length) return words("No messages match.");
    const total = sum(counts);
    const named = { name: label[0], part: part(counts[0], total, words) };
    return (of.sender_address ?? of.sender_domain).at(-1) !== null
      ? words("Most from {name}: {part}.", named)
      : words("Most from {name}: {part}; {others}: {rest}.", {
          ...named,
          others: label.at(-1),
          rest: part(counts.at(-1), total, words),
        });
  }

  /** How many senders used each version; `rows` as sendersOf. */
  function sendersByTls(rows, versions, untold) {
    const all = rows.who.length;
    if (!all) return { tls_version: [], sender_count: [], share: [] };
    const found = versions.map(
      (version) => rows[`tls_${version.replace(".", "_")}_count`].filter((count) => count > 0).length,
    );
    // A sender may use several versions: all is unknown where none has another.
    const total = found.slice(0, -1).some((count) => count > 0) ? -1 : found.at(-1);
    const reported = rows.reported.filter((count) => count > 0).length;
    const used = toldOnly(versions, found, { total, unknown: found.at(-1), reported }, untold);
    return { tls_version: versions, sender_count: used, share: sharesOf(used, all) };
  }

  /** The sentence: how many senders used each version. */
  function sendersByTlsFinding(used, titles, words) {
    const parts = used.tls_version.flatMap((version, n) =>
      used.sender_count[n]
        ? [
            `${titles[version]}: ${words("{n} senders", { n: used.sender_count[n] })} (${words.percent(used.share[n], 2)})`,
          ]
        : [],
    );
    return parts.length
      ? words("{parts}. One that used several counts for each.", { parts: parts.join(", ") })
      : words("No messages match.");
  }

  /** The days of a choice that a source says something about; a report does where it counts. */
  function coveredIn(facts, { covered }, { start, end }) {
    const days = new Set(covered.filter((day) => day >= start && day <= end));
    for (const [first, last] of smtpauth.countedReports(facts, { start, end }))
      for (let time = Date.parse(first); time <= Date.parse(last); time += DAY) days.add(isoDay(time));
    return [...days].sort();
  }

  /** The days of a choice that are covered only in part. */
  const partsIn = ({ parts }, { start, end }) => parts.filter((day) => day >= start && day <= end);

  // --- what a view shows of a choice: {columns, values, finding, named}, `named` in words --------

  /** How messages are broken down by a column: its values in order, and which each row of the facts has. */
  const breakdownOf = (column, facts, data) =>
    column === "tls_version"
      ? { column, values: data.tls_versions, which: facts.tls }
      : { column, values: data.auth_protocols, which: facts.auth };

  const inWords = (columns, field, titles) => ({ ...columns, [field]: columns[field].map((value) => titles[value]) });

  const KINDS = {
    volume(_field, { facts, data, words, choice, counts, known }) {
      const volume = volumeIn(facts, counts, choice);
      const covered = coveredIn(facts, data, choice);
      const marks = { gaps: gapsIn(covered, choice), parts: partsIn(data, choice) };
      const values = { ...volumeValues(volume, known, choice, words), ...marks };
      return { columns: volumeColumns(facts, volume, values, covered), values, finding: volumeFinding(volume, words) };
    },
    usage(field, { facts, data, words, choice }) {
      const breakdown = breakdownOf(field, facts, data);
      const [columns, titles] = [usage(facts, choice, breakdown, data.untold), data.titles[field]];
      return {
        columns,
        finding: usageFinding(columns, field, titles, words),
        named: inWords(columns, field, titles),
      };
    },
    by_day(field, { facts, data, words, choice }) {
      const breakdown = breakdownOf(field, facts, data);
      const [columns, titles] = [byDay(facts, choice, breakdown), data.titles[field]];
      return {
        columns,
        values: {
          ...breakdownValues(columns, breakdown, coveredIn(facts, data, choice), choice),
          parts: partsIn(data, choice),
        },
        finding: overTimeFinding(columns, breakdown, titles, words),
        named: inWords(columns, field, titles),
      };
    },
    ranking(field, { facts, data, words, choice, counts, senders }) {
      const busiest =
        field === "sender_domain"
          ? ranked(volumeIn(facts, counts, choice))
          : senders.sender_address.map((name, n) => ({ name, count: senders.message_count[n] }));
      const columns = ranking(
        field,
        busiest.map(({ name }) => name),
        busiest.map(({ count }) => count),
        data.top,
        words,
      );
      return { columns, finding: rankingFinding(columns, words), named: { ...columns, [field]: columns.label } };
    },
    senders(field, { data, words, senders }) {
      const [columns, titles] = [sendersByTls(senders, data.tls_versions, data.untold), data.titles[field]];
      return { columns, finding: sendersByTlsFinding(columns, titles, words), named: inWords(columns, field, titles) };
    },
  };

  /**
   * What a view shows of a choice. `data.views[name]` says which kind of figure it is and of which
   * field; `counts` as volumeOf and `senders` as sendersOf are of the choice, `known` are all domains.
   */
  const shown = (name, state) => KINDS[state.data.views[name].figure](state.data.views[name].field, state);

  smtpauth.figures = {
    sum,
    isoDay,
    ranked,
    volumeIn,
    breakdownOf,
    shown,
    volumeValues,
    volumeColumns,
    volumeFinding,
    gapsIn,
    usage,
    usageFinding,
    byDay,
    breakdownValues,
    overTimeFinding,
    ranking,
    rankingFinding,
    sendersByTls,
    sendersByTlsFinding,
  };
})();
