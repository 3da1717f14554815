// Choosing days by dragging over a time chart: `smtpauth.brushDays`.
(() => {
  "use strict";
  const smtpauth = (globalThis.smtpauth ??= {});
  const DAY = 86_400_000;
  const iso = (time) => new Date(time).toISOString().slice(0, 10);

  /**
   * Let the pointer choose days of a chart whose scale "x" is UTC time.
   *
   * `onDays(first, last)` hears the days that were dragged over, or nothing after a mere click.
   * The date fields do the same from the keyboard. The handle's `clear()` takes the mark away.
   */
  smtpauth.brushDays = (place, view, onDays) => {
    const mark = smtpauth.make("div", { class: "smtpauth-brush", hidden: true });
    place.append(mark);
    place.classList.add("smtpauth-brushable");
    let from = null;
    const box = () => {
      const [svg, outer] = [place.querySelector("svg.marks").getBoundingClientRect(), place.getBoundingClientRect()];
      return { left: svg.left + view.origin()[0] - outer.left, width: view.width(),
        top: svg.top + view.origin()[1] - outer.top, height: view.height() };
    };
    const inPlot = (event) => Math.max(0, Math.min(box().width,
      event.clientX - place.getBoundingClientRect().left - box().left));
    const draw = (a, b) => {
      const { left, top, height } = box();
      Object.assign(mark.style, { left: `${left + Math.min(a, b)}px`, width: `${Math.abs(b - a)}px`,
        top: `${top}px`, height: `${height}px` });
      mark.hidden = false;
    };
    const clear = () => { mark.hidden = true; };

    /** The days whose middle lies between two places; a day's middle stands at its own instant. */
    function days(a, b) {
      const time = (x) => Number(view.scale("x").invert(x));
      const [low, high] = [time(Math.min(a, b)), time(Math.max(a, b))];
      let [first, last] = [Math.ceil(low / DAY) * DAY, Math.floor(high / DAY) * DAY];
      if (last < first) first = last = Math.round((low + high) / 2 / DAY) * DAY;
      return [first, last];
    }

    const down = (event) => {
      if (event.button !== 0 || !event.target.closest("svg.marks")) return;
      from = inPlot(event);
      event.preventDefault();
    };
    const move = (event) => { if (from !== null) draw(from, inPlot(event)); };
    const up = (event) => {
      if (from === null) return;
      const [start, end] = [from, inPlot(event)];
      from = null;
      if (Math.abs(end - start) < 4) {
        clear();
        onDays();
        return;
      }
      const [first, last] = days(start, end);
      const x = view.scale("x");
      draw(x(first - DAY / 2), x(last + DAY / 2));
      onDays(iso(first), iso(last));
    };
    place.addEventListener("pointerdown", down);
    addEventListener("pointermove", move);
    addEventListener("pointerup", up);
    return { clear };
  };
})();
