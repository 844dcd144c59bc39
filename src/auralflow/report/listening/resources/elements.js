// HTML from values; strings become text and never markup.

const make = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
};

const button = (words, onclick, attributes = {}) =>
  make("button", { type: "button", onclick, ...attributes }, ...(Array.isArray(words) ? words : [words]));

const press = (element, pressed) => element.setAttribute("aria-pressed", String(pressed));

const clockTime = (seconds) => {
  const tenths = Math.floor(Math.max(0, seconds) * 10 + 1e-6);
  return `${Math.floor(tenths / 600)}:${String(Math.floor(tenths / 10) % 60).padStart(2, "0")}.${tenths % 10}`;
};
