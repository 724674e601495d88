// What the wearer may be told to do: a button each, or a form where something has to be said.

function field(spec) {
  const label = document.createElement("label");
  const input = document.createElement("input");
  label.append(spec.label, input);
  input.name = spec.name;
  input.type = spec.type;
  for (const rule of ["min", "max", "step", "value"]) {
    if (spec[rule] !== undefined) input[rule] = spec[rule];
  }
  return label;
}

function form(control, ask) {
  const made = document.createElement("form");
  const box = document.createElement("fieldset");
  const button = document.createElement("button");
  button.textContent = control.label;
  box.append(...control.fields.map(field), button);
  made.append(box);
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    const wanted = { do: control.do };
    for (const input of box.querySelectorAll("input")) {
      wanted[input.name] = input.type === "text" ? input.value : input.valueAsNumber;
    }
    ask(wanted);
  });
  return made;
}

export function offer(place, controls, ask) {
  place.replaceChildren(...controls.map((control) => form(control, ask)));
}
