// What the wearer may be told to do: a button each, a form where something has to be said, sliders that act at once.

const LIVE_MS = 100; // between two values of a slider

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function chooser(spec) {
  const made = element("select");
  for (const [value, label] of spec.options) {
    const option = element("option", label);
    option.value = value;
    made.append(option);
  }
  return made;
}

function input(spec) {
  const made = spec.type === "select" ? chooser(spec) : element("input");
  if (spec.type !== "select") made.type = spec.type;
  made.name = spec.name;
  for (const rule of ["min", "max", "step", "accept"]) if (spec[rule] !== undefined) made[rule] = spec[rule];
  if (spec.value !== undefined) made[spec.type === "checkbox" ? "checked" : "value"] = spec.value;
  return made;
}

function field(spec) {
  const label = element("label");
  const made = input(spec);
  const text = element("span", spec.label);
  label.className = spec.type;
  label.append(...(spec.type === "checkbox" ? [made, text] : [text, made]));
  if (spec.type === "range") {
    const shown = element("output", made.value);
    made.addEventListener("input", () => { shown.value = made.value; });
    label.append(shown);
  }
  return label;
}

function said(fields, form) {
  const wanted = {};
  for (const spec of fields) {
    const made = form.elements[spec.name];
    if (spec.type === "checkbox") wanted[spec.name] = made.checked;
    else if (spec.type === "range" || spec.type === "number") wanted[spec.name] = made.valueAsNumber;
    else if (spec.type !== "file") wanted[spec.name] = made.value;
  }
  return wanted;
}

function atMostEvery(milliseconds, act) {
  let timer = null;
  let again = false;
  return () => {
    if (timer !== null) { again = true; return; }
    act();
    timer = setTimeout(function over() {
      timer = null;
      if (again) { again = false; act(); timer = setTimeout(over, milliseconds); }
    }, milliseconds);
  };
}

function action(control, page) {
  const made = element("form");
  const help = element("span", control.help, "more");
  const button = element("button", control.label);
  made.dataset.do = control.do;
  help.id = `help-${control.do}`;
  button.setAttribute("aria-describedby", help.id);
  made.append(button, help);
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    page.ask({ do: control.do });
  });
  return made;
}

function form(control, page) {
  if (control.help) return action(control, page);
  const made = element("form");
  const box = element("fieldset");
  made.dataset.do = control.do;
  box.append(element("legend", control.label), ...control.fields.map(field));
  made.append(box);
  const ask = () => page.ask({ do: control.do, ...said(control.fields, made) });
  const files = control.fields.find((spec) => spec.type === "file");
  if (control.live) {
    made.addEventListener("input", atMostEvery(LIVE_MS, ask));
  } else {
    const button = element("button", control.button ?? control.label);
    box.append(button);
  }
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    if (files) page.give(control.do, made.elements[files.name].files[0], files.max_bytes);
    else if (control.download) page.download(control.download);
    else if (!control.live) ask();
  });
  return made;
}

export function offer(place, controls, page) {
  place.replaceChildren(...controls.map((control) => form(control, page)));
}

export function set(place, event) {
  const made = place.querySelector(`form[data-do="${CSS.escape(event.do)}"]`);
  for (const [name, value] of Object.entries(event.values)) {
    const one = made?.elements[name];
    if (!one || one === document.activeElement) continue;
    one.value = value;
    one.dispatchEvent(new Event("input")); // its number; it does not bubble, so nothing is asked for
  }
}
