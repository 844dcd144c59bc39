// Spectrograms: levels become colours; the difference of two is taken level by level.

const unpackLevels = async (base64, rows) => {
  const levels = await inflate(bytesOf(base64));
  const columns = levels.length / rows;
  // Each row was stored as its difference from the one above.
  for (let place = columns; place < levels.length; place += 1) levels[place] += levels[place - columns];
  return { levels, rows, columns };
};

const paint = (canvas, { rows, columns }, colourOf) => {
  canvas.width = columns;
  canvas.height = rows;
  const context = canvas.getContext("2d");
  const image = context.createImageData(columns, rows);
  for (let place = 0; place < rows * columns; place += 1) {
    const [red, green, blue] = colourOf(place);
    image.data.set([red, green, blue, 255], 4 * place);
  }
  context.putImageData(image, 0, 0);
};

const paintLevels = (canvas, picture) => paint(canvas, picture, (place) => LEVEL_COLOURS[picture.levels[place]]);

const paintDifference = (canvas, estimate, truth, rangeDb) => {
  const colours = differenceColours();
  const perStep = rangeDb / (LEVEL_COLOURS.length - 1) / DIFFERENCE_DB;
  paint(canvas, estimate, (place) => {
    const share = (estimate.levels[place] - truth.levels[place]) * perStep;
    return colours[Math.round((Math.min(1, Math.max(-1, share)) + 1) / 2 * (colours.length - 1))];
  });
};
