// Draws a compiled Vega chart once and then only patches it: `smtpauth.drawChart`.
// Needs `vegaEmbed` from the bundle. Nothing here evaluates text: expressions run in Vega's
// interpreter (`ast`), so a page may forbid unsafe-eval.
(() => {
  "use strict";
  const smtpauth = (globalThis.smtpauth ??= /** @type {Smtpauth} */ ({}));

  /** {name: [value, …], …} → [{name: value, …}, …] */
  function toRows(columns) {
    const names = Object.keys(columns);
    const length = names.length ? columns[names[0]].length : 0;
    return Array.from({ length }, (_, i) => Object.fromEntries(names.map((name) => [name, columns[name][i]])));
  }

  /** Legends hear nothing until they are told to; a cursor says that they do. */
  const clickable = (legend) => {
    const part = (name) => ({
      ...legend.encode?.[name],
      interactive: true,
      update: { cursor: { value: "pointer" }, ...legend.encode?.[name]?.update },
    });
    return { ...legend, encode: { ...legend.encode, symbols: part("symbols"), labels: part("labels") } };
  };

  function filled(spec, columns, values, onSelect) {
    if (onSelect && spec.legends) spec = { ...spec, legends: spec.legends.map(clickable) };
    if (columns === null) return spec;
    return {
      ...spec,
      data: spec.data.map((each) => (each.name === "rows" ? { ...each, values: toRows(columns) } : each)),
      signals: (spec.signals ?? []).map((each) => (each.name in values ? { ...each, value: values[each.name] } : each)),
    };
  }

  /** A box that follows the mouse and shows {title: value} as text, never as HTML. */
  function tooltip(element) {
    let box = null;
    const make = () => {
      box = document.createElement("dl");
      box.className = "smtpauth smtpauth-tooltip";
      box.setAttribute("role", "tooltip");
      // Inside an open <dialog> only its own descendants are above it.
      (element.closest("dialog") ?? document.body).append(box);
    };
    const pair = ([title, text]) => {
      const [term, detail] = [document.createElement("dt"), document.createElement("dd")];
      term.append(...(smtpauth.visible?.(String(title)) ?? [String(title)]));
      detail.append(...(smtpauth.visible?.(String(text)) ?? [String(text)]));
      return [term, detail];
    };
    const remove = () => {
      box?.remove();
      box = null;
    };
    const show = (_handler, event, _item, value) => {
      if (value === null || value === undefined || value === "") return remove();
      if (!box) make();
      const pairs = Array.isArray(value) ? value : typeof value === "object" ? Object.entries(value) : [["", value]];
      box.replaceChildren(...pairs.flatMap(pair));
      const left = Math.min(event.clientX + 14, innerWidth - box.offsetWidth - 8);
      const top = Math.min(event.clientY + 14, innerHeight - box.offsetHeight - 8);
      box.style.left = `${Math.max(8, left)}px`;
      box.style.top = `${Math.max(8, top)}px`;
    };
    return { show, remove };
  }

  /** Keep the chart as wide as its element; a fixed chart (a ring) keeps its own width. */
  function followWidth(element, view, spec) {
    if (spec.autosize?.type !== "fit-x") return { disconnect() {} };
    const fit = () => {
      const width = Math.floor(element.clientWidth);
      if (width > 0 && width !== view.width()) view.width(width).runAsync();
    };
    const observer = new ResizeObserver(fit);
    observer.observe(element);
    return observer;
  }

  const DAY = 86_400_000;
  const STEPS = {
    ArrowLeft: -1,
    ArrowDown: -1,
    ArrowRight: 1,
    ArrowUp: 1,
    PageDown: -7,
    PageUp: 7,
    Home: -Infinity,
    End: Infinity,
  };

  /**
   * Choose days by keyboard as the mouse does by dragging: one stop for Tab over the plot. Arrow keys
   * go from day to day, with Shift they take in more, Esc takes all; `brush` says what is chosen.
   */
  function dayKeys(element, view, { label, all, range, help, language }) {
    const text = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeZone: "UTC" });
    const slider = document.createElement("div");
    const hint = document.createElement("span");
    hint.textContent = help;
    hint.setAttribute("aria-hidden", "true");
    slider.className = "smtpauth-day-keys";
    slider.tabIndex = 0;
    const attributes = {
      role: "slider",
      "aria-label": label,
      "aria-description": help,
      "aria-orientation": "horizontal",
      "data-lm-suppress-shortcuts": "true",
    };
    for (const [name, value] of Object.entries(attributes)) slider.setAttribute(name, value);
    slider.append(hint);
    const ends = () => [Date.parse(view.signal("first_day")), Date.parse(view.signal("last_day"))];
    let anchor = null; // where the days begin that Shift adds to, and the day the keys are at
    let at = null;
    const tell = () => {
      const [first, last] = ends();
      const brush = view.signal("brush");
      const days = brush && [brush[0], brush[1] - DAY + 1];
      if (!days) anchor = at = null;
      else if (anchor === null || Math.min(anchor, at) !== days[0] || Math.max(anchor, at) !== days[1])
        [anchor, at] = days;
      slider.setAttribute("aria-valuemin", String(0));
      slider.setAttribute("aria-valuemax", String((last - first) / DAY || 0));
      slider.setAttribute("aria-valuenow", String(days ? (at - first) / DAY : 0));
      const [from, to] = (days ?? []).map((day) => text.format(day));
      slider.setAttribute(
        "aria-valuetext",
        !days ? all : from === to ? from : range.replace("{start}", from).replace("{end}", to),
      );
    };
    const place = () => {
      const plot = element.querySelector(".role-frame .background")?.getBoundingClientRect();
      const around = element.getBoundingClientRect();
      if (!plot) return;
      Object.assign(slider.style, {
        left: `${plot.left - around.left}px`,
        top: `${plot.top - around.top}px`,
        width: `${plot.width}px`,
        height: `${plot.height}px`,
      });
    };
    slider.addEventListener("focus", place);
    slider.addEventListener("keydown", (event) => {
      const step = STEPS[event.key];
      if (event.ctrlKey || event.altKey || event.metaKey || (step === undefined && event.key !== "Escape")) return;
      if (event.key === "Escape" && at === null) return; // nothing of ours to close
      event.preventDefault();
      event.stopPropagation();
      if (event.key === "Escape") anchor = at = null;
      else {
        const [first, last] = ends();
        const start = step > 0 ? first - DAY : last + DAY;
        at = Math.max(first, Math.min(last, (at ?? start) + step * DAY));
        if (!event.shiftKey || anchor === null) anchor = at;
      }
      view.signal("brush", at === null ? null : [Math.min(anchor, at), Math.max(anchor, at) + DAY - 1]).runAsync();
    });
    view.addSignalListener("brush", tell);
    tell();
    element.append(slider);
    return {
      patched() {
        tell();
        place();
      },
    };
  }

  /**
   * Answer the mouse anywhere over a day: how many messages, of whom, and the total. A mark under the
   * mouse answers for itself.
   */
  function dayHover(frame, view, tip, { total, range, language, field, titles }) {
    const text = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeZone: "UTC" });
    const count = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
    const MOST = 8;
    const instant = (day) => Date.parse(day);
    const over = (event) => {
      const plot = frame.querySelector(".role-frame .background")?.getBoundingClientRect();
      const inside = plot && event.clientX >= plot.left && event.clientX <= plot.right && event.clientY >= plot.top;
      if (!inside || event.clientY > plot.bottom) return null;
      return (
        Math.floor(
          (view
            .scale("x")
            .invert(event.clientX - plot.left)
            .valueOf() +
            DAY / 2) /
            DAY,
        ) * DAY
      );
    };
    const answer = (at) => {
      const there = view
        .data("rows")
        .filter((row) => instant(row.period_start) <= at && at <= instant(row.period_end) && row.message_count);
      if (!there.length) return null;
      // Of several periods over a day, the shortest: a report's weeks do not hide a log's days.
      const length = (row) => instant(row.period_end) - instant(row.period_start);
      const shortest = Math.min(...there.map(length));
      const rows = there.filter((row) => length(row) === shortest);
      const [from, to] = [rows[0].period_start, rows[0].period_end].map((day) => text.format(instant(day)));
      const counts = new Map();
      for (const row of rows) counts.set(row[field], (counts.get(row[field]) ?? 0) + row.message_count);
      const sorted = [...counts].sort((a, b) => b[1] - a[1]);
      const sum = (list) => list.reduce((all, [, n]) => all + n, 0);
      const named = sorted
        .slice(0, MOST)
        .map(([name, n]) => [Object.hasOwn(titles, name) ? titles[name] : name, count.format(n)]);
      const rest = sorted.slice(MOST);
      return [
        ["", from === to ? from : range.replace("{start}", from).replace("{end}", to)],
        ...named,
        ...(rest.length ? [["…", count.format(sum(rest))]] : []),
        [total, count.format(sum(sorted))],
      ];
    };
    frame.addEventListener("pointermove", (event) => {
      if (event.target.closest?.(".mark-symbol, .mark-rect") && event.target.__data__?.tooltip) return;
      const at = event.buttons ? null : over(event);
      tip.show(null, event, null, at === null ? null : answer(at));
    });
    frame.addEventListener("pointerleave", () => tip.remove());
  }

  /**
   * Draw `spec` with `columns` as its rows; null: it has its own.
   *
   * `values` are the chart's named values (signals), `label` the text of its finding, and
   * `onSelect(datum)` hears clicks on marks, and on legend entries (`datum.value` is the entry);
   * `onBrush(range)` hears the spec's signal `brush`, two instants or null, once mouse or keys rest.
   * The handle's `patch(columns, {values, label})` changes
   * the drawing in place: the SVG element stays the same.
   */
  smtpauth.drawChart = async (element, spec, columns, options = {}) => {
    const { values = {}, label = "", renderer = "svg", onSelect, onBrush } = options;
    const tip = tooltip(element);
    const frame = document.createElement("div");
    const fixed = spec.autosize?.type !== "fit-x";
    const start = fixed || !element.clientWidth ? {} : { width: Math.floor(element.clientWidth) };
    const result = await globalThis.vegaEmbed(frame, filled(spec, columns, values, onSelect), {
      mode: "vega",
      ast: true,
      renderer,
      actions: false,
      defaultStyle: false,
      hover: false,
      logLevel: 1, // errors only: an empty answer has no extent, which is no news
      tooltip: tip.show,
      ...start,
    });
    element.replaceChildren(frame);
    const { view } = result;
    view.cleanThreshold = 20; // Of each mark of each series Vega keeps so many that are gone: 10,000 unless told.
    const describe = (text) => {
      if (!text) return;
      frame.setAttribute("role", "img");
      frame.setAttribute("aria-label", text);
      frame.removeAttribute("aria-roledescription");
    };
    describe(label);
    const has = (signal) => (spec.signals ?? []).some(({ name }) => name === signal);
    const brushes = has("brush");
    // Days dragged over within one mark end in a click on it, which is no choice of that mark.
    const dragged = () => {
      const [from, to] = (brushes && view.signal("dragged")) || [0, 0];
      return Math.abs(to - from) > 5;
    };
    // An entry of the legend of lines is the place of its name.
    const named = (datum) =>
      has("series") && typeof datum.value === "number" ? { value: view.signal("series")[datum.value] } : datum;
    if (onSelect)
      view.addEventListener("click", (_event, item) => item?.datum && !dragged() && onSelect(named(item.datum)));
    let resting = null;
    let keys = null;
    if (onBrush && brushes) {
      keys = dayKeys(element, view, spec.usermeta.days);
      view.addSignalListener("brush", (_name, range) => {
        clearTimeout(resting);
        resting = setTimeout(() => onBrush(Array.isArray(range) && range.length === 2 ? range : null), 120);
      });
    }
    if (spec.usermeta?.days) dayHover(frame, view, tip, spec.usermeta.days);
    const observer = followWidth(element, view, spec);
    return {
      view,
      async patch(nextColumns, next = {}) {
        for (const [name, value] of Object.entries(next.values ?? {})) view.signal(name, value);
        view.data("rows", toRows(nextColumns)); // one changeset: out with the old, in with the new
        if (next.label !== undefined) describe(next.label);
        await view.runAsync();
        keys?.patched();
      },
      finalize() {
        clearTimeout(resting);
        observer.disconnect();
        tip.remove();
        result.finalize();
      },
    };
  };
})();
