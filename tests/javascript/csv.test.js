// The CSV of a page: what a spreadsheet opens as text, never as a formula.
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./parts.js";

const { csvText } = load("table", "csv").csv;

/** The one cell of a row without its line end. */
const cell = (value, kind) => csvText([{ name: "x", title: "X", kind }], { x: [value] }, [0]).slice(3, -2);

test("a line of titles and the rows in the order asked for, each with its line end", () => {
  const columns = [
    { name: "sender", title: "Sender, of all" },
    { name: "n", title: "Messages" },
  ];
  assert.equal(
    csvText(columns, { sender: ["a@x.example", "b@x.example"], n: [1, 2] }, [1, 0]),
    '"Sender, of all",Messages\r\nb@x.example,2\r\na@x.example,1\r\n',
  );
});

test("what a spreadsheet would take for a formula starts with an apostrophe, also inside a cell", () => {
  assert.deepEqual(
    ["=1+1", " +1", "-x@y.example", "＝1", "a@x.example", "a,=1"].map((text) => cell(text)),
    ["'=1+1", "' +1", "'-x@y.example", "'＝1", "a@x.example", '"a,\'=1"'],
  );
});

test("characters that hide are named by their code, quotes are doubled", () => {
  assert.equal(cell("a\u202eb\n"), "a[U+202E]b[U+000A]");
  assert.equal(cell('say "x"'), '"say ""x"""');
});

test("a share is a percentage with at most four places, a figure nobody knows is empty", () => {
  assert.deepEqual(
    [1 / 3, 0.25, 1, 0].map((share) => cell(share, "share")),
    ["33.3333", "25", "100", "0"],
  );
  assert.deepEqual([cell(null), cell(undefined), cell(0)], ["", "", "0"]);
});
