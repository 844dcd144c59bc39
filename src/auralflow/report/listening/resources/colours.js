// What colour a level is, and a difference of levels.

const DIFFERENCE_DB = 30;
const darkTheme = matchMedia("(prefers-color-scheme: dark)");

const blend = (one, other, share) => one.map((part, place) => Math.round(part + share * (other[place] - part)));

// Blue is missing from the estimate, red has been added to it; no difference is the colour of the paper.
const differenceColours = () => {
  const [less, none, more] = darkTheme.matches
    ? [[96, 174, 255], [22, 24, 29], [255, 122, 92]]
    : [[5, 90, 175], [250, 250, 248], [190, 25, 40]];
  const half = (end) => Array.from({ length: 64 }, (_, step) => blend(none, end, (step / 63) ** 0.8));
  return [...half(less).reverse(), ...half(more)];
};

const gradient = (colours) =>
  `linear-gradient(to right, ${colours.filter((_, place) => place % 7 === 0).map((c) => `rgb(${c})`).join(", ")})`;
