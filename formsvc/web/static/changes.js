// Where a picture of a page differs from the one before: lines of text are compared, so that a line that only moved
// down is not marked.

const WIDTH = 600;
const INK = 200;
const MARGIN = 6;

function inkOf(picture) {
  const scale = WIDTH / picture.naturalWidth;
  const height = Math.round(picture.naturalHeight * scale);
  const canvas = Object.assign(document.createElement("canvas"), { width: WIDTH, height });
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  pen.drawImage(picture, 0, 0, WIDTH, height);
  const { data } = pen.getImageData(0, 0, WIDTH, height);
  const ink = new Uint8Array(WIDTH * height);
  for (let n = 0; n < ink.length; n++) ink[n] = data[4 * n] + data[4 * n + 1] + data[4 * n + 2] < 3 * INK ? 1 : 0;
  return { ink, height, scale };
}

// Bands of rows that hold ink, each with the ink of its columns.
function linesOf({ ink, height }) {
  const lines = [];
  let top = -1;
  for (let y = 0; y <= height; y++) {
    const row = y < height ? ink.subarray(y * WIDTH, (y + 1) * WIDTH) : null;
    const isInked = row?.includes(1);
    if (isInked && top < 0) top = y;
    if (!isInked && top >= 0) {
      lines.push({ top, bottom: y, ink: ink.subarray(top * WIDTH, y * WIDTH) });
      top = -1;
    }
  }
  return lines;
}

function alike(a, b) {
  if (a.ink.length !== b.ink.length) return false;
  let different = 0;
  for (let n = 0; n < a.ink.length; n++) different += a.ink[n] !== b.ink[n];
  return different <= 2;
}

// The lines of `after` that are in no longest common sequence with `before`, each with the line it took the place of.
function newLines(before, after) {
  const rows = before.length;
  const columns = after.length;
  const longest = Array.from({ length: rows + 1 }, () => new Uint16Array(columns + 1));
  for (let i = rows - 1; i >= 0; i--) {
    for (let j = columns - 1; j >= 0; j--) {
      longest[i][j] = alike(before[i], after[j]) ? longest[i + 1][j + 1] + 1 : Math.max(longest[i + 1][j], longest[i][j + 1]);
    }
  }
  const added = [];
  let gone = [];
  for (let i = 0, j = 0; i < rows || j < columns; ) {
    if (i < rows && j < columns && alike(before[i], after[j])) {
      gone = [];
      i++;
      j++;
    } else if (i < rows && (j >= columns || longest[i + 1][j] >= longest[i][j + 1])) {
      gone.push(before[i++]);
    } else {
      added.push([after[j++], gone.shift() ?? null]);
    }
  }
  return added;
}

// From the first to the last column that differs; the whole line if there was none in its place.
function extent(line, former) {
  const rows = line.bottom - line.top;
  const same = former && former.bottom - former.top === rows;
  let [left, right] = [WIDTH, 0];
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const at = y * WIDTH + x;
      if (same ? line.ink[at] === former.ink[at] : !line.ink[at]) continue;
      left = Math.min(left, x);
      right = Math.max(right, x);
    }
  }
  return right >= left ? [left, right] : null;
}

// Boxes in pixels of the new picture: left, top, right, bottom.
export function changedBoxes(before, after) {
  const [old, fresh] = [inkOf(before), inkOf(after)];
  return newLines(linesOf(old), linesOf(fresh)).flatMap(([line, former]) => {
    const columns = extent(line, former);
    if (!columns) return [];
    const edges = [columns[0] - MARGIN, line.top - MARGIN / 2, columns[1] + MARGIN, line.bottom + MARGIN / 2];
    return [edges.map((edge) => Math.round(edge / fresh.scale))];
  });
}
