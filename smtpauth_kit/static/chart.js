// Draws a compiled Vega chart once and then only patches it: `smtpauth.drawChart`.
// Needs `vegaEmbed` from the bundle. Nothing here evaluates text: expressions run in Vega's
// interpreter (`ast`), so a page may forbid unsafe-eval.
(() => {
  "use strict";
  const smtpauth = (globalThis.smtpauth ??= {});

  /** {name: [value, …], …} → [{name: value, …}, …] */
  function toRows(columns) {
    const names = Object.keys(columns);
    const length = names.length ? columns[names[0]].length : 0;
    return Array.from({ length }, (_, i) =>
      Object.fromEntries(names.map((name) => [name, columns[name][i]])));
  }

  /** Legends hear nothing until they are told to; a cursor says that they do. */
  const clickable = (legend) => {
    const part = (name) => ({ ...legend.encode?.[name], interactive: true,
      update: { cursor: { value: "pointer" }, ...legend.encode?.[name]?.update } });
    return { ...legend, encode: { ...legend.encode, symbols: part("symbols"), labels: part("labels") } };
  };

  function filled(spec, columns, values, onSelect) {
    if (onSelect && spec.legends) spec = { ...spec, legends: spec.legends.map(clickable) };
    if (columns === null) return spec;
    return {
      ...spec,
      data: spec.data.map((each) =>
        each.name === "rows" ? { ...each, values: toRows(columns) } : each),
      signals: (spec.signals ?? []).map((each) =>
        each.name in values ? { ...each, value: values[each.name] } : each),
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
      term.textContent = title;
      detail.append(...(smtpauth.visible?.(String(text)) ?? [String(text)]));
      return [term, detail];
    };
    const remove = () => { box?.remove(); box = null; };
    const show = (_handler, event, _item, value) => {
      if (value === null || value === undefined || value === "") return remove();
      if (!box) make();
      box.replaceChildren(...(typeof value === "object" ? Object.entries(value) : [["", value]]).flatMap(pair));
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

  /**
   * Draw `spec` with `columns` as its rows; null: it has its own.
   *
   * `values` are the chart's named values (signals), `label` the text of its finding, and
   * `onSelect(datum)` hears clicks on marks, and on legend entries (`datum.value` is the entry);
   * `onBrush(range)` hears the spec's signal `brush`, two instants or null, once the mouse rests.
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
      mode: "vega", ast: true, renderer, actions: false, defaultStyle: false, hover: false,
      logLevel: 1,   // errors only: an empty answer has no extent, which is no news
      tooltip: tip.show, ...start,
    });
    element.replaceChildren(frame);
    const { view } = result;
    view.cleanThreshold = 20;   // Of each mark of each series Vega keeps so many that are gone: 10,000 unless told.
    const describe = (text) => {
      if (!text) return;
      frame.setAttribute("role", "img");
      frame.setAttribute("aria-label", text);
      frame.removeAttribute("aria-roledescription");
    };
    describe(label);
    if (onSelect) view.addEventListener("click", (_event, item) => item?.datum && onSelect(item.datum));
    const brushes = (spec.signals ?? []).some(({ name }) => name === "brush");
    let resting = null;
    if (onBrush && brushes) {
      view.addSignalListener("brush", (_name, range) => {
        clearTimeout(resting);
        resting = setTimeout(() => onBrush(Array.isArray(range) && range.length === 2 ? range : null), 120);
      });
    }
    const observer = followWidth(element, view, spec);
    return {
      view,
      async patch(nextColumns, next = {}) {
        for (const [name, value] of Object.entries(next.values ?? {})) view.signal(name, value);
        view.data("rows", toRows(nextColumns));   // one changeset: out with the old, in with the new
        if (next.label !== undefined) describe(next.label);
        await view.runAsync();
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
