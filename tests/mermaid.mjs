// Reads flowcharts as Mermaid itself does: a JSON array of texts on standard input, on standard output for each either
// {error} or {title, description, boxes, arrows, groups}, with labels as they would be shown. The argument is where the
// packages are.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const packages = join(process.argv[2], 'node_modules');
const load = (path) => import(pathToFileURL(join(packages, path)).href);

const { JSDOM } = (await load('jsdom/lib/api.js')).default;
const { window } = new JSDOM('');
globalThis.window = window;
globalThis.document = window.document;
const mermaid = (await load('mermaid/dist/mermaid.esm.min.mjs')).default;
mermaid.initialize({ startOnLoad: false, maxEdges: 500, maxTextSize: 50000 });

// Mermaid keeps #35; in a form of its own until the label is shown.
function shown(text) {
  const html = (text ?? '').replaceAll('ﬂ°°', '&#').replaceAll('ﬂ°', '&').replaceAll('¶ß', ';');
  const holder = document.createElement('div');
  holder.innerHTML = html.replace(/<br\s*\/?>/g, '\n');
  return { text: holder.textContent, elements: holder.children.length };
}

async function read(text) {
  try {
    const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
    return {
      title: shown(db.getAccTitle()).text,
      description: shown(db.getAccDescription()).text,
      boxes: Object.fromEntries([...db.getVertices()].map(([id, box]) => [id, { ...shown(box.text), classes: box.classes }])),
      arrows: db.getEdges().map((arrow) => [arrow.start, arrow.end, arrow.type, shown(arrow.text).text]),
      groups: Object.fromEntries(db.getSubGraphs().map((group) => [group.id, { ...shown(group.title), holds: group.nodes }])),
    };
  } catch (error) {
    return { error: String(error) };
  }
}

const answers = [];
for (const text of JSON.parse(readFileSync(0, 'utf8'))) {
  answers.push(await read(text));
}
process.stdout.write(JSON.stringify(answers));
