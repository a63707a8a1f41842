"use strict";
// What the page of results and the page of a history have in common. It stands before the script of either.

// The value of a colour of the style sheet, in the light or in the dark.
const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// What is said of something that is pointed at: the first line is its name. Names come from outside: they are text, never tags.
const tip = lines => {
  const made = document.createElement("div");
  made.className = "tip";
  lines.filter(Boolean).forEach((line, at) => {
    const part = document.createElement(at ? "div" : "strong");
    part.textContent = line;
    made.append(part);
  });
  return made;
};

// Draws everything, and again when the window, the colours, or the paper that it is printed on ask for it.
const drawAlways = drawAll => {
  drawAll(false);
  let [width, again] = [document.body.clientWidth, 0];
  addEventListener("resize", () => {
    if (document.body.clientWidth === width) return;
    width = document.body.clientWidth;
    clearTimeout(again);
    again = setTimeout(() => drawAll(false), 100);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawAll(false));
  // Paper is white, and as wide as it is.
  const print = isPaper => () => {
    document.documentElement.classList.toggle("on-paper", isPaper);
    document.body.style.width = isPaper ? "700px" : "";
    drawAll(isPaper);
  };
  addEventListener("beforeprint", print(true));
  addEventListener("afterprint", print(false));
};
